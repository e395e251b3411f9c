"""Answers kept here: the process dies at its every step on disk, and nothing is lost or double."""

from __future__ import annotations

import hashlib
import json
import signal
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcheck.keeping import AnswerChanged, Keeping, Listed, ManifestDamaged
from labcheck.naming import folder_name, harmless
from labcheck.transport.errors import ConnectionLost
from tests.services.dying import killed_at

DATA = bytes(range(256)) * 40
FILES = {"10001.wav": DATA, "7Б/10002.wav": DATA[::-1], "10003.wav": b"", "10003": b"x", "10003/deep": b"y"}


def listed(path: str, data: bytes) -> Listed:
    return Listed(path, len(data), hashlib.sha256(data).hexdigest())


def fetching(data: bytes, most: int | None = None) -> tuple[list[int], object]:
    """A fetch in two pieces, and what it was asked for; after ``most`` bytes the connection breaks."""
    asked: list[int] = []

    def fetch(target: BinaryIO, offset: int) -> int:
        asked.append(offset)
        rest = data[offset:] if most is None else data[offset : offset + most]
        target.write(rest[: len(rest) // 2])
        target.write(rest[len(rest) // 2 :])
        if most is not None:
            raise ConnectionLost("cut")
        return len(rest)

    return asked, fetch


def fetch_of(data: bytes, most: int | None = None) -> object:
    return fetching(data, most)[1]


def keep_all(folder: Path) -> None:
    keeping = Keeping(folder)
    for path, data in FILES.items():
        if keeping.has("1А", listed(path, data)) is None:
            keeping.keep("1А", listed(path, data), fetch_of(data))  # type: ignore[arg-type]


def test_killed_at_every_step(tmp_path: Path) -> None:
    number, status = 0, -signal.SIGKILL
    while status == -signal.SIGKILL:
        number += 1
        folder = tmp_path / str(number)
        status = killed_at(number, lambda: keep_all(folder))  # noqa: B023
        keep_all(folder)
        keeping = Keeping(folder)
        assert {kept.path: keeping.file(kept).read_bytes() for kept in keeping.all()} == FILES
        assert len({keeping.file(kept) for kept in keeping.all()}) == len(FILES), "each in a file of its own"
        here = [path for path in (folder / "seats").rglob("*") if path.is_file()]
        assert len(here) == len(FILES), "nothing twice"
        assert list((folder / "parts").iterdir()) == []
    assert status == 0
    assert number > 30


def test_a_cut_copy_is_continued(tmp_path: Path) -> None:
    one = listed("10001.wav", DATA)
    for done in (0, 3000):
        asked, fetch = fetching(DATA, 3000)
        with pytest.raises(ConnectionLost):
            _keep(tmp_path, one, fetch)
        assert asked == [done]
    asked, fetch = fetching(DATA)
    kept = Keeping(tmp_path).keep("1А", one, fetch)  # type: ignore[arg-type]
    assert asked == [6000]
    assert Keeping(tmp_path).verified(kept)


def _keep(folder: Path, one: Listed, fetch: object) -> None:
    Keeping(folder).keep("1А", one, fetch)  # type: ignore[arg-type]


def test_a_part_of_something_else_is_begun_again_once(tmp_path: Path) -> None:
    one = listed("10001.wav", DATA)
    keeping = Keeping(tmp_path)
    keeping._part("1А", one).write_bytes(b"?" * 3000)
    asked, fetch = fetching(DATA)
    keeping.keep("1А", one, fetch)  # type: ignore[arg-type]
    assert asked == [3000, 0]


def test_what_changes_while_it_is_copied_is_not_kept(tmp_path: Path) -> None:
    asked, fetch = fetching(DATA[::-1])
    with pytest.raises(AnswerChanged):
        _keep(tmp_path, listed("10001.wav", DATA), fetch)
    assert asked == [0]
    assert Keeping(tmp_path).all() == ()
    assert list((tmp_path / "parts").iterdir()) == []


def kept_again(folder: Path, data: bytes) -> dict[str, bytes]:
    """Collect this content of 10001.wav as a run does; what lies there then, by its name."""
    keeping, one = Keeping(folder), listed("10001.wav", data)
    if keeping.has("1А", one) is None:
        keeping.keep("1А", one, fetch_of(data))  # type: ignore[arg-type]
    kept = keeping.has("1А", one)
    assert kept is not None
    assert keeping.file(kept).read_bytes() == data
    top = folder / "seats" / folder_name("1А")
    return {path.name: path.read_bytes() for path in top.iterdir()}


def test_a_copy_that_is_not_what_it_was_is_made_again_beside_it(tmp_path: Path) -> None:
    """As long as it was: a size proves nothing."""
    kept_again(tmp_path, DATA)
    (copy,) = (tmp_path / "seats").rglob("*.wav")
    copy.write_bytes(b"?" * len(DATA))
    assert kept_again(tmp_path, DATA) == {"10001.wav": b"?" * len(DATA), "10001 (2).wav": DATA}
    assert len(kept_again(tmp_path, DATA)) == 2, "once"


def test_no_content_gets_the_name_of_another_whose_copy_was_taken_away(tmp_path: Path) -> None:
    """Onto a stick, say; and then the first content comes once more."""
    first, second = DATA, DATA[::-1]
    kept_again(tmp_path, first)
    (copy,) = (tmp_path / "seats").rglob("*.wav")
    copy.unlink()
    assert kept_again(tmp_path, second) == {"10001 (2).wav": second}
    assert kept_again(tmp_path, first) == {"10001.wav": first, "10001 (2).wav": second}
    keeping = Keeping(tmp_path)
    assert sorted(keeping.file(kept).read_bytes() for kept in keeping.all()) == sorted([first, second])


def test_a_line_that_was_cut_and_one_that_is_damaged(tmp_path: Path) -> None:
    keep_all(tmp_path)
    manifest = tmp_path / "manifest.jsonl"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole[:-20])
    assert len(Keeping(tmp_path).all()) == len(FILES) - 1
    keep_all(tmp_path)
    assert manifest.read_bytes() == whole
    manifest.write_bytes(b"{}\n" + whole)
    with pytest.raises(ManifestDamaged):
        Keeping(tmp_path)


def test_the_manifest_says_what_is_where(tmp_path: Path) -> None:
    keep_all(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text().splitlines()]
    assert [line["path"] for line in lines] == list(FILES)
    for line in lines:
        data = (tmp_path / "seats/1А" / line["name"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (line["size"], line["sha256"])


@given(st.text(min_size=1, max_size=300))
def test_no_name_leads_elsewhere(path: str) -> None:
    name = harmless(path)
    top = Path("/top")
    assert (top / name).is_relative_to(top)
    assert ".." not in (top / name).parts
    assert name == path or name.startswith("file-")
    assert "/" not in folder_name(path)


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_two_labels_have_two_folders(one: str, other: str) -> None:
    assert (folder_name(one) == folder_name(other)) is (one == other)
