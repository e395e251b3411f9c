"""SFTP version 3 (draft-ietf-secsh-filexfer-02) over any stream, made for large files.

Two things make it faster than a request and an answer for every 32 KiB. Requests are larger where the server
takes it (limits@openssh.com, 255 KiB with OpenSSH), and several are under way at once: IN_FLIGHT bytes, which
keep a line of 1 Gbit/s with 8 ms of delay full. More of them cost: with 4 MiB each 96 KiB of the channel's
window are waited for, and the servers need a third more CPU. A write begins with FIRST_IN_FLIGHT and comes to
the rest after 32 MB: sshd's buffer for what waits grows by copying itself for every 32 KiB, which for 1 MiB
costs a server more CPU (35 ms) than all else of a file of 5 MB. Extensions of OpenSSH are used
where the server has them.

A session serves one call at a time. After any exception throw it away: it may be out of step, and holds
handles open. Answers are expected in the order of the requests, in which OpenSSH and every server derived
from it give them.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO

from labcheck.transport.base import Progress, RemoteFile
from labcheck.transport.files import fill
from labcheck.transport.packets import END, NotSftp, Packets, SftpRefused, Stream, Type, string

IN_FLIGHT, FIRST_IN_FLIGHT = 1024 * 1024, 256 * 1024
_PIECE, _READ, _WRITE = 32 * 1024, 255 * 1024, 4 * 32_704
"""Bytes of a request: what every server takes; the most that is asked for; the most that is sent, head and
all, which fills four of paramiko's packets to OpenSSH (a full one has 32 KiB less 64 bytes)."""


class Sftp:
    """One session."""

    def __init__(self, stream: Stream) -> None:
        """Greet. Raises NotSftp."""
        self._packets = Packets(stream)
        self._write_piece = self._read_piece = _PIECE
        if "limits@openssh.com" in self._packets.extensions:
            limits = self._packets.ask(Type.EXTENDED, Type.EXTENDED_REPLY, string("limits@openssh.com"))
            _packet, read, write = (limits.large() for _ in range(3))
            self._read_piece = max(_PIECE, min(read, _READ))
            self._write_piece = max(_PIECE, min(write, _WRITE))

    # Whole files

    def write(
        self, source: BinaryIO, path: str, offset: int, size: int, progress: Progress | None = None
    ) -> int:
        """Write the source, which stands at ``offset`` already, into the file from there on; return how much.

        ``offset`` 0 begins the file anew. The bytes are made to last where the server can."""
        flags = 0x02 | 0x08 | (0 if offset else 0x10)  # write, create, truncate
        handle = self._packets.ask(
            Type.OPEN, Type.HANDLE, string(path), struct.pack(">II", flags, 0)
        ).string()
        # One buffer for all requests: memory that is new for each of them costs more than all else here.
        head = 4 + 1 + 4 + 4 + len(handle) + 8 + 4
        frame = memoryview(bytearray(min(head + self._write_piece, _WRITE)))
        piece = len(frame) - head
        at, waiting = offset, deque[int]()
        while at < size and (count := fill(frame[head : head + size - at], source)):
            number = self._packets.number()
            struct.pack_into(">IBII", frame, 0, head - 4 + count, Type.WRITE, number, len(handle))
            frame[13 : 13 + len(handle)] = handle
            struct.pack_into(">QI", frame, head - 12, at, count)
            self._packets.send(frame[: head + count])
            waiting.append(number)
            at += count
            most = min(IN_FLIGHT, max(FIRST_IN_FLIGHT, (at - offset) // 32))
            while waiting and (len(waiting) * piece > most or self._packets.ready()):
                self._packets.answer(waiting.popleft(), Type.STATUS)
                if progress is not None:
                    progress(at - len(waiting) * piece, size)
        while waiting:
            self._packets.answer(waiting.popleft(), Type.STATUS)
        if "fsync@openssh.com" in self._packets.extensions:
            self._packets.do(Type.EXTENDED, string("fsync@openssh.com"), string(handle))
        self._packets.do(Type.CLOSE, string(handle))
        if progress is not None:
            progress(at, size)
        return at - offset

    def read(
        self, path: str, target: Callable[[bytes], object], offset: int, progress: Progress | None = None
    ) -> int:
        """Give the file's bytes from ``offset`` on to ``target``, in order; return how many.

        It ends where the file ended when it was opened, or earlier when it was cut meanwhile."""
        handle = self._open(path, 0x01)
        size = self._packets.ask(Type.FSTAT, Type.ATTRS, string(handle)).attributes().size
        got = asked = offset
        waiting = deque[tuple[int, int]]()
        while got < size:
            while asked < size and (asked - got < IN_FLIGHT or not waiting):
                count = min(self._read_piece, size - asked)
                waiting.append(
                    (
                        self._packets.request(Type.READ, string(handle), struct.pack(">QI", asked, count)),
                        count,
                    )
                )
                asked += count
            number, count = waiting.popleft()
            try:
                data = self._packets.answer(number, Type.DATA).string()
            except SftpRefused as refused:
                if refused.status != END:
                    raise
                self._packets.skip(number for number, _count in waiting)
                waiting.clear()
                break
            target(data)
            got += len(data)
            if progress is not None:
                progress(got, size)
            if len(data) < count:  # allowed: what was asked for behind it must be asked for anew
                self._packets.skip(number for number, _count in waiting)
                waiting.clear()
                asked = got
        self._packets.do(Type.CLOSE, string(handle))
        return got - offset

    def _open(self, path: str, flags: int) -> bytes:
        """A handle; ``flags`` are SSH_FXF_* of the draft, 6.3."""
        return self._packets.ask(Type.OPEN, Type.HANDLE, string(path), struct.pack(">II", flags, 0)).string()

    # Names

    def stat(self, path: str, *, follow: bool = True) -> RemoteFile | None:
        """What lies there; None when nothing does."""
        try:
            return self._packets.ask(
                Type.STAT if follow else Type.LSTAT, Type.ATTRS, string(path)
            ).attributes()
        except SftpRefused as refused:
            if refused.absent:
                return None
            raise

    def resolve(self, path: str) -> str:
        """The absolute path."""
        answer = self._packets.ask(Type.REALPATH, Type.NAME, string(path))
        if answer.number() != 1:
            raise NotSftp("realpath")
        return answer.text()

    def rename(self, path: str, target: str, *, replace: bool = True) -> None:
        """Give a file another name; replaces what is there, at once where the server can. Without ``replace``
        SftpRefused is raised when anything is there: OpenSSH makes a link first, which nothing can overtake;
        other servers look first."""
        if not replace:
            self._packets.do(Type.RENAME, string(path), string(target))
            return
        if "posix-rename@openssh.com" in self._packets.extensions:
            self._packets.do(Type.EXTENDED, string("posix-rename@openssh.com"), string(path), string(target))
            return
        try:
            self._packets.do(Type.REMOVE, string(target))
        except SftpRefused as refused:
            if not refused.absent:
                raise
        self._packets.do(Type.RENAME, string(path), string(target))

    def makedir(self, path: str) -> None:
        """Make one folder."""
        self._packets.do(Type.MKDIR, string(path), struct.pack(">I", 0))

    def remove(self, path: str) -> None:
        """Delete a file or link."""
        self._packets.do(Type.REMOVE, string(path))

    def removedir(self, path: str) -> None:
        """Delete an empty folder."""
        self._packets.do(Type.RMDIR, string(path))

    def names(self, path: str) -> list[str]:
        """What lies in a folder."""
        handle = self._packets.ask(Type.OPENDIR, Type.HANDLE, string(path)).string()
        found: list[str] = []
        try:
            while True:
                answer = self._packets.ask(Type.READDIR, Type.NAME, string(handle))
                for _ in range(answer.number()):
                    found.append(answer.text())
                    answer.string()
                    answer.attributes()
        except SftpRefused as refused:
            if refused.status != END:
                raise
        self._packets.do(Type.CLOSE, string(handle))
        return [name for name in found if name not in {".", ".."} and "/" not in name]

    def free(self, path: str) -> int | None:
        """Bytes that the user may still write there; None when the server does not say."""
        if "statvfs@openssh.com" not in self._packets.extensions:
            return None
        answer = self._packets.ask(
            Type.EXTENDED, Type.EXTENDED_REPLY, string("statvfs@openssh.com"), string(path)
        )
        _size, fragment, _blocks, _free, available = (answer.large() for _ in range(5))
        return fragment * available


def walk(session: Sftp, path: str) -> Iterator[tuple[str, bool]]:
    """Everything in a folder, deepest first, the folder itself last: path, and whether it is a folder."""
    for name in session.names(path):
        inner = f"{path.rstrip('/')}/{name}"
        found = session.stat(inner, follow=False)
        if found is not None and found.kind == "folder":
            yield from walk(session, inner)
        else:
            yield inner, False
    yield path, True
