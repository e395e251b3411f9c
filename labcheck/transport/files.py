"""What putting a file needs whichever way it goes: the source opened, its size, its beginning's hash."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from labcheck.errors import N_
from labcheck.transport.errors import TransferRefused

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
