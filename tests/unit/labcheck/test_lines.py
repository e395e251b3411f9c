"""The list on disk: a full disk takes a line whole or not at all."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcheck import lines


@contextlib.contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """As on a full disk, what fits of a write is written and the rest is refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_half_a_line_does_not_stay_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "list"
    lines.append(path, {"name": "first"})
    before = path.read_bytes()
    with no_file_longer_than(len(before) + 7), pytest.raises(OSError, match="too large"):
        lines.append(path, {"name": "second"})
    assert path.read_bytes() == before
    lines.append(path, {"name": "third"})
    assert lines.read(path, dict) == [{"name": "first"}, {"name": "third"}]


@pytest.mark.parametrize("left", ['{"name": "se', "{"])
@pytest.mark.parametrize("whole", ['{"name": "first"}\n', ""])
def test_half_a_line_of_a_process_that_died_is_taken_away(tmp_path: Path, whole: str, left: str) -> None:
    path = tmp_path / "list"
    path.write_text(whole + left, encoding="utf-8")
    lines.append(path, {"name": "third"})
    assert path.read_text("utf-8") == whole + '{"name": "third"}\n'


def test_a_long_line_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "list"
    lines.append(path, {"name": "x" * 3_000_000})
    assert lines.read(path, dict) == [{"name": "x" * 3_000_000}]
