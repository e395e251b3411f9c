"""A list on disk, one JSON object a line: each is there to last when a call returns, or not at all. 0600."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

T = TypeVar("T")


class BadLine(ValueError):
    """A line that says nothing; ``number`` counts from 1."""

    def __init__(self, number: int) -> None:
        """Of that line."""
        super().__init__(number)
        self.number = number


def read(path: Path, parse: Callable[..., T]) -> list[T]:
    """``parse(**fields)`` of every line; begins an empty list. A last line that was cut, as when the power
    failed, is taken away. Raises BadLine."""
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        sync_folder(path.parent)
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):
        os.truncate(path, whole)
    found = []
    for number, line in enumerate(data[:whole].splitlines(), 1):
        try:
            found.append(parse(**json.loads(line)))
        except (ValueError, TypeError):
            raise BadLine(number) from None
    return found


def append(path: Path, fields: Mapping[str, Any]) -> None:
    """One line more, or none: what a full disk took of it is taken away again, and so is what an earlier
    call left of its own."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        whole = _whole(descriptor)
        try:
            left = memoryview(_line(fields))
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        except BaseException:
            os.ftruncate(descriptor, whole)
            raise
    finally:
        os.close(descriptor)


def _whole(descriptor: int) -> int:
    """Where the last whole line ends, and the file from now on."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    os.lseek(descriptor, max(end - 1, 0), os.SEEK_SET)
    if end and os.read(descriptor, 1) != b"\n":
        os.lseek(descriptor, 0, os.SEEK_SET)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            end = file.read().rfind(b"\n") + 1
        os.ftruncate(descriptor, end)
    return end


def rewrite(path: Path, every: Iterable[Mapping[str, Any]]) -> None:
    """Other lines, at one instant."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with appending(fresh) as file:
        file.writelines(map(_line, every))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    sync_folder(path.parent)


def appending(path: Path) -> BinaryIO:
    """The file, made if absent, written to at its end."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def sync_folder(path: Path) -> None:
    """Make the names in a folder last."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True).encode("ascii") + b"\n"
