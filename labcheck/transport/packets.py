"""The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02, 3-7): requests, answers and their fields."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from enum import IntEnum
from stat import S_ISDIR, S_ISREG
from typing import Literal, Protocol

from labcheck.transport.base import RemoteFile

_ANSWER_BYTES = 1024 * 1024
_NO_SUCH_FILE, END = 2, 1


class Type(IntEnum):
    INIT = 1
    VERSION = 2
    OPEN = 3
    CLOSE = 4
    READ = 5
    WRITE = 6
    LSTAT = 7
    FSTAT = 8
    OPENDIR = 11
    READDIR = 12
    REMOVE = 13
    MKDIR = 14
    RMDIR = 15
    REALPATH = 16
    STAT = 17
    RENAME = 18
    STATUS = 101
    HANDLE = 102
    DATA = 103
    NAME = 104
    ATTRS = 105
    EXTENDED = 200
    EXTENDED_REPLY = 201


class Stream(Protocol):
    """What carries the session."""

    def send(self, data: bytes | memoryview) -> None:
        """Send all of it; the memory may change afterwards."""
        ...

    def receive(self) -> bytes:
        """Some bytes; b"" at the end."""
        ...

    def ready(self) -> bool:
        """Whether receive() would return at once."""
        ...


class SftpRefused(Exception):
    """The server said no. ``said`` is untrusted."""

    def __init__(self, status: int, said: str) -> None:
        """``status`` is one of SSH_FX_*."""
        super().__init__(said)
        self.status, self.said = status, said

    @property
    def absent(self) -> bool:
        """Whether nothing lies under the path."""
        return self.status == _NO_SUCH_FILE


class NotSftp(Exception):
    """What came is no SFTP; the message is untrusted."""


class Packets:
    """Requests and answers of one session."""

    def __init__(self, stream: Stream) -> None:
        """Greet. Raises NotSftp."""
        self._stream = stream
        self._held = bytearray()
        self._number = 0
        self.extensions: set[str] = set()
        self.post(struct.pack(">BI", Type.INIT, 3))
        kind, answer = self._packet()
        if kind != Type.VERSION:
            raise NotSftp(f"a greeting of type {kind}")
        answer.number()
        while answer.left():
            self.extensions.add(answer.text())
            answer.string()

    def ready(self) -> bool:
        """Whether an answer has begun to come."""
        return bool(self._held) or self._stream.ready()

    def send(self, frame: memoryview) -> None:
        """Send a packet that the caller has put together, length and number included."""
        self._stream.send(frame)

    def number(self) -> int:
        """The next request's number."""
        self._number += 1
        return self._number

    def do(self, kind: Type, *fields: bytes) -> None:
        """A request that is answered by yes or SftpRefused."""
        self.answer(self.request(kind, *fields), Type.STATUS)

    def ask(self, kind: Type, wanted: Type, *fields: bytes) -> Fields:
        """A request and its answer of the type wanted. Raises SftpRefused."""
        return self.answer(self.request(kind, *fields), wanted)

    def request(self, kind: Type, *fields: bytes) -> int:
        """Send a request; return its number."""
        number = self.number()
        self.post(struct.pack(">BI", kind, number) + b"".join(fields))
        return number

    def post(self, packet: bytes) -> None:
        """Send a packet; its length is put before it."""
        self._stream.send(struct.pack(">I", len(packet)) + packet)

    def answer(self, number: int, wanted: Type) -> Fields:
        """The next answer, which must be to that request. Raises SftpRefused."""
        kind, answer = self._packet()
        if answer.number() != number:
            raise NotSftp("an answer out of order")
        if kind == Type.STATUS:
            status = answer.number()
            if wanted == Type.STATUS and status == 0:
                return answer
            raise SftpRefused(status, answer.text() if answer.left() >= 4 else "")
        if kind != wanted:
            raise NotSftp(f"an answer of type {kind}")
        return answer

    def _packet(self) -> tuple[int, Fields]:
        (length,) = struct.unpack(">I", self._take(4))
        if not 1 <= length <= _ANSWER_BYTES:  # a greeting of the login shell, most likely
            raise NotSftp(repr(struct.pack(">I", length) + bytes(self._held[:64])))
        packet = self._take(length)
        return packet[0], Fields(packet, 1)

    def _take(self, count: int) -> bytes:
        while len(self._held) < count:
            data = self._stream.receive()
            if not data:
                raise EOFError
            self._held += data
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken

    def skip(self, numbers: Iterable[int]) -> None:
        """Take answers that nobody wants."""
        for number in numbers:
            kind, answer = self._packet()
            if kind < Type.STATUS or answer.number() != number:
                raise NotSftp("an answer out of order")


class Fields:
    """What a packet holds, read from left to right. Raises NotSftp when it ends too early."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def left(self) -> int:
        return len(self._data) - self._at

    def number(self) -> int:
        return self._integer(4)

    def large(self) -> int:
        return self._integer(8)

    def string(self) -> bytes:
        length = self._integer(4)
        self._need(length)
        self._at += length
        return self._data[self._at - length : self._at]

    def text(self) -> str:
        return self.string().decode("utf-8", "surrogateescape")

    def attributes(self) -> RemoteFile:
        """A file's attributes (5 of the draft)."""
        flags = self.number()
        size = self.large() if flags & 1 else 0
        if flags & 2:
            self.large()
        mode = self.number() if flags & 4 else 0
        mtime = 0
        if flags & 8:
            self.number()
            mtime = self.number()
        if flags & 0x80000000:
            for _ in range(2 * self.number()):
                self.string()
        kind: Literal["file", "folder", "other"] = "folder" if S_ISDIR(mode) else "other"
        return RemoteFile(size, mtime, "file" if S_ISREG(mode) else kind)

    def _integer(self, count: int) -> int:
        self._need(count)
        self._at += count
        return int.from_bytes(self._data[self._at - count : self._at], "big")

    def _need(self, count: int) -> None:
        if self.left() < count:
            raise NotSftp("a packet too short")


def string(value: str | bytes) -> bytes:
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return struct.pack(">I", len(data)) + data
