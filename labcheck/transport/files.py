"""What putting a file needs whichever way it goes: the source opened, its size, its beginning's hash."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from labcheck.errors import N_
from labcheck.transport.base import PART
from labcheck.transport.errors import AlreadyThere, TransferRefused

OURS = ".vpr-"
"""Begins the name of a part that lies among others' files."""
_PIECE = 1024 * 1024


@contextlib.contextmanager
def opened(source: BinaryIO | Path) -> Iterator[tuple[BinaryIO, int]]:
    """The source at its beginning, and its size in bytes; a stream is left open."""
    with contextlib.ExitStack() as stack:
        # Unbuffered: it is read in large pieces straight into what is sent.
        stream = stack.enter_context(source.open("rb", buffering=0)) if isinstance(source, Path) else source
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        yield stream, size


def sha256_of_beginning(stream: BinaryIO, count: int) -> str:
    """The SHA-256 of its first ``count`` bytes, in hex; "" when it has fewer. It stands behind them then."""
    stream.seek(0)
    digest = hashlib.sha256()
    while count > 0 and (data := stream.read(min(_PIECE, count))):
        digest.update(data)
        count -= len(data)
    return "" if count else digest.hexdigest()


def fill(view: memoryview, stream: BinaryIO) -> int:
    """Read into ``view`` until it is full or the stream ends; return how much."""
    done = 0
    while done < len(view):
        count = stream.readinto(view[done:])  # type: ignore[attr-defined]  # every binary stream has it
        if not count:
            break
        done += count
    return done


def part_of(target: str, *, new: bool) -> str:
    """Where a file lies until it is whole. A ``new`` one comes where others' programs write, whose own files
    may end in PART: its part has a name that nobody else takes."""
    folder, slash, name = target.rpartition("/")
    ours = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return f"{folder}{slash}{OURS}{ours}{PART}" if new else target + PART


def there(seat: str, path: str) -> AlreadyThere:
    """Nothing may be replaced."""
    return AlreadyThere(N_("{seat}: {path}: something lies there already"), seat=seat, path=path)


def absent(seat: str, path: str) -> TransferRefused:
    """Nothing lies there."""
    return TransferRefused(N_("{seat}: {path}: there is no such file or folder"), seat=seat, path=path)


def denied(seat: str, path: str) -> TransferRefused:
    """The user may not."""
    return TransferRefused(N_("{seat}: {path}: the user has no right to do that"), seat=seat, path=path)


def full(seat: str, path: str, free: int) -> TransferRefused:
    """No space."""
    template = N_("{seat}: {path}: the disk is full ({free} bytes are free)")
    return TransferRefused(template, seat=seat, path=path, free=free)
