"""Files that are there whole or not at all, whenever the process is killed or the power fails.

A file is written under a name in ``parts``, made to last (fsync), given its name (rename or link), and then
the folder is made to last. Only encrypted bytes go through here. Files 0600, folders 0700.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from provision.vault import platform

_BATCH = 1024 * 1024
_LOCK = "lock"


class Writing:
    """A file in the making: takes bytes, collects them to pieces of 1 MiB."""

    def __init__(self, descriptor: int) -> None:
        """Write to an open descriptor."""
        self._descriptor = descriptor
        self._waiting = bytearray()
        self._taken = 0

    def write(self, data: bytes) -> int:
        """Take the bytes; raises OSError when the disk refuses."""
        self._waiting += data
        self._taken += len(data)
        if len(self._waiting) >= _BATCH:
            self._hand_over()
        return len(data)

    def flush(self) -> None:
        """Nothing: bytes are handed over when the file is made to last."""

    def patch(self, at: int, data: bytes) -> None:
        """Write over what was written before."""
        self._hand_over()
        os.pwrite(self._descriptor, data, at)

    def tell(self) -> int:
        """How many bytes were taken."""
        return self._taken

    def last(self) -> None:
        """Hand over what waits, and return when all of it is on disk."""
        self._hand_over()
        os.fsync(self._descriptor)

    def _hand_over(self) -> None:
        view = memoryview(self._waiting)
        at = 0
        while at < len(view):
            at += os.write(self._descriptor, view[at:])
        view.release()
        self._waiting.clear()


@contextlib.contextmanager
def writing(parts: Path, target: Path, *, replace: bool = False) -> Iterator[Writing]:
    """A file that has the name ``target`` once the block ends, and never if it fails.

    ``replace``: an older file of that name gives way at that instant; else FileExistsError.
    """
    part = parts / secrets.token_hex(16)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        file = Writing(descriptor)
        yield file
        file.last()
        if replace:
            os.rename(part, target)  # noqa: PTH104 - one call of the system's, which the crash tests count
        else:
            os.link(part, target)  # unlike rename, never over another
            os.unlink(part)  # noqa: PTH108
        sync_folder(target.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)  # noqa: PTH108
        raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def together(folder: Path) -> Iterator[None]:
    """Not while somebody is ``alone``; waits. The kernel lets go however the process ends."""
    with _held(folder, shared=True):
        yield


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else is at the folder's files meanwhile; waits."""
    with _held(folder, shared=False):
        yield


@contextlib.contextmanager
def _held(folder: Path, *, shared: bool, wait: bool = True) -> Iterator[None]:
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        platform.lock_file(descriptor, shared=shared, wait=wait)
        yield
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Take the file away; returns when that will last."""
    os.unlink(path)  # noqa: PTH108
    sync_folder(path.parent)


def clear_parts(folder: Path, parts: Path) -> int:
    """Remove what killed processes left; nothing while a living one is at the folder. Returns how many."""
    try:
        with _held(folder, shared=False, wait=False):
            left = [*parts.iterdir()]
            for path in left:
                os.unlink(path)  # noqa: PTH108
            return len(left)
    except BlockingIOError:
        return 0


def sync_folder(path: Path) -> None:
    """Make the names in a folder last."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
