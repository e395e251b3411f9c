"""Packets sealed with AES-GCM (RFC 5647, 7; RFC 4253, 6), copied once.

paramiko's own way asks the system for random padding for every packet, and copies what is in it six times:
half of what sending a file costs here, all of it while Python's lock is held.
"""

from __future__ import annotations

import os
import struct
from typing import Protocol

_CHANNEL_DATA = 94
_BLOCK, _LEAST, _TAG = 16, 4, 16
_POOL = 4096


class Engine(Protocol):
    """AES-GCM with its key; cryptography's AESGCM is one."""

    def encrypt_into(self, nonce: bytes, data: bytes, associated_data: bytes, buf: memoryview, /) -> int:
        """Put the sealed data, and its tag of 16 bytes behind it, into memory of just that size."""
        ...


class Channel(Protocol):
    """What a message is about; paramiko's."""

    closed: bool
    """Whether the message that closes it was sent, or is the next thing that is sent about it."""
    remote_chanid: int


class Said:
    """A message about a channel (RFC 4254, 5), in place of a Message of paramiko's: a piece of its stream, or
    what is given.

    paramiko puts a message together, and sends it when it may; if the other side closes the channel
    meanwhile, the answer to that overtakes it. What is said of a closed channel makes OpenSSH break off the
    connection, with all other channels."""

    def __init__(self, channel: Channel, message: bytes = b"") -> None:
        """About it."""
        self._channel = channel
        self.parts: tuple[bytes | memoryview, ...] = (message,)

    def add_string(self, data: memoryview) -> None:
        """A piece of the stream; it is read when it is sent."""
        head = struct.pack(">BII", _CHANNEL_DATA, self._channel.remote_chanid, len(data))
        self.parts = (head, data)

    @property
    def late(self) -> bool:
        """Whether it must not be sent any more."""
        return self._channel.closed

    def asbytes(self) -> bytes:
        """The whole message, for other ciphers."""
        return b"".join(self.parts)


class Seal:
    """One direction of a connection between two exchanges of keys. Not for two threads at a time."""

    def __init__(self, engine: Engine, nonce: bytes) -> None:
        """``nonce``: the first of 12 bytes, of which the last 8 count packets."""
        self._engine = engine
        self._fixed, self._count = nonce[:4], int.from_bytes(nonce[4:], "big")
        self._random, self._at = b"", 0
        self.packets = self.bytes = 0
        """What was sealed with these keys."""

    def packet(self, *parts: bytes | memoryview) -> bytearray:
        """The packet of that message as it goes over the wire."""
        size = sum(map(len, parts))
        padding = _LEAST + (-1 - size - _LEAST) % _BLOCK
        length = (1 + size + padding).to_bytes(4, "big")
        plain = b"".join((padding.to_bytes(1, "big"), *parts, self._padding(padding)))
        nonce = self._fixed + self._count.to_bytes(8, "big")
        self._count = (self._count + 1) & 0xFFFFFFFFFFFFFFFF
        made = bytearray(len(length) + len(plain) + _TAG)
        made[: len(length)] = length
        self._engine.encrypt_into(nonce, plain, length, memoryview(made)[len(length) :])
        self.packets += 1
        self.bytes += len(made)
        return made

    def _padding(self, count: int) -> bytes:
        if self._at + count > len(self._random):
            self._random, self._at = os.urandom(_POOL), 0
        self._at += count
        return self._random[self._at - count : self._at]
