"""The age format (age-encryption.org/v1), by pyrage: the only importer of it.

Content is encrypted with ChaCha20-Poly1305 in pieces of 64 KiB, each authenticated with its place and
whether it is the last: a change, an exchange and a cut are noticed before the piece is handed on. Memory is
bounded at any size.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from queue import Full, Queue
from typing import Protocol

import pyrage
from pyrage import x25519

from provision.secret import Secret

_PIECE = 64 * 1024
_QUEUED = 16
"""Pieces between the thread that decrypts and whoever reads."""
_SECONDS = 0.1


class NotOpened(Exception):
    """These bytes do not open with this key: another key, or not the bytes that were written."""


class Reads(Protocol):
    """Gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none at the end."""


class Writes(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take all of them."""


def new_key() -> Secret:
    """A new key pair's secret half, as age writes it: AGE-SECRET-KEY-1…"""
    return Secret(str(x25519.Identity.generate()))


def public(key: Secret) -> str:
    """The public half: age1… Raises NotOpened for what is no key."""
    return str(_identity(key).to_public())


def encrypt(source: Reads, out: Writes, recipients: Sequence[str]) -> None:
    """Encrypt for any of the ``recipients`` (public halves)."""
    between = _Between(source, out)
    try:
        pyrage.encrypt_io(between, between, [x25519.Recipient.from_str(one) for one in recipients])
    except (pyrage.EncryptError, OSError) as error:
        raise between.fault or error from None


def decrypt(source: Reads, out: Writes, keys: Sequence[Secret]) -> None:
    """Decrypt with any of the ``keys``. Raises NotOpened; what ``out`` got until then was authentic."""
    between = _Between(source, out)
    try:
        pyrage.decrypt_io(between, between, [_identity(key) for key in keys])
    except (pyrage.DecryptError, OSError):  # pyrage says OSError for a piece that is not authentic
        raise between.fault or NotOpened() from None


@contextmanager
def decrypting(source: Reads, keys: Sequence[Secret]) -> Iterator[Reads]:
    """What is decrypted, to be read as it is needed. Its ``read`` raises NotOpened."""
    pieces: Queue[bytes | BaseException] = Queue(_QUEUED)
    left = threading.Event()

    def work() -> None:
        last: bytes | BaseException = b""
        try:
            decrypt(source, _Handing(pieces, left), keys)
        except BaseException as error:  # noqa: BLE001 - raised again where it is read
            last = error
        _hand(pieces, left, last)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield _Reading(pieces)
    finally:
        left.set()
        thread.join()


class Joined:
    """Pieces, one after the other, as something to read from."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        """Take them as they are needed."""
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes."""
        if size < 0:
            return bytes(self._rest) + b"".join(self._pieces)
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        found = bytes(self._rest[:size])
        self._rest = self._rest[size:]
        return found


class _Between:
    """What pyrage reads from and writes to. It puts our errors into its own words: here they are kept."""

    def __init__(self, source: Reads, out: Writes) -> None:
        self._source = source
        self._out = out
        self.fault: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._source.read(size)
        except BaseException as error:
            self.fault = error
            raise

    def write(self, data: bytes) -> int:
        try:
            self._out.write(data)
        except BaseException as error:
            self.fault = error
            raise
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""


class _Left(Exception):
    """Nobody reads any more."""


def _hand(pieces: Queue[bytes | BaseException], left: threading.Event, piece: bytes | BaseException) -> None:
    while not left.is_set():
        try:
            return pieces.put(piece, timeout=_SECONDS)
        except Full:
            continue
    return None


class _Handing:
    def __init__(self, pieces: Queue[bytes | BaseException], left: threading.Event) -> None:
        self._pieces = pieces
        self._left = left

    def write(self, data: bytes) -> None:
        if self._left.is_set():
            raise _Left
        _hand(self._pieces, self._left, bytes(data))


class _Reading:
    def __init__(self, pieces: Queue[bytes | BaseException]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")
        self._ended = False
        self._fault: BaseException | None = None

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; all that are left when negative."""
        if self._fault is not None:
            raise self._fault
        if size < 0:
            return b"".join(iter(lambda: self.read(_PIECE), b""))
        if not self._rest and not self._ended:
            piece = self._pieces.get()
            if isinstance(piece, BaseException):
                self._fault = piece
                raise piece
            self._ended = not piece
            self._rest = memoryview(piece)
        found = bytes(self._rest[:size])
        self._rest = self._rest[size:]
        return found


def _identity(key: Secret) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(key.reveal())
    except pyrage.IdentityError:
        raise NotOpened from None
