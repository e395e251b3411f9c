"""Answers out of the vault, as files and as a sealed copy: every content, whatever the names; and the rest of
what is damaged."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from provision.secret import Secret
from provision.vault import Kind, OpenVault
from provision.vault.archive import Chosen, choose, export, sound, unseal
from provision.vault.laying import PART_BYTES, apart, fitting
from provision.vault.taking import meant, of_name, write_out

COPY = Secret("пароль для проверяющего")
LONG = "Ответ: " + "задание первое, чтение вслух, " * 6 + ".wav"
REALLY = b"really called so" * 20_000
ANSWERS = (
    ("10001.wav", b"first take"),
    ("10001.wav", b"second take"),
    ("10001 (2).wav", REALLY),
    ("10001.WAV", b"by case alone"),
    ("10001", b"a file"),
    ("10001/task1.wav", b"below a folder of that name"),
    ("10001/task2.wav", b"and another"),
    (LONG, b"long"),
    (LONG + "x", b"long too"),
    (LONG + "/" + LONG, b"long twice"),
    ("20001.wav", b"another pupil"),
)


@pytest.fixture
def full(vault: OpenVault) -> OpenVault:
    """A vault as former versions filled it, and one item that is not an answer."""
    for name, data in ANSWERS:
        vault.put_bytes(f"answers/204/1А/{name}", Kind.ANSWERS, data)
    vault.put_bytes("answers/204/1А/20001.wav", Kind.ANSWERS, b"another pupil")
    for data in (b"old", b"new"):
        vault.put_bytes("CONTENTS.txt", Kind.CIPHER, data)
    return vault


def contents(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_take_writes_every_answer_whatever_its_name(full: OpenVault, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    taken = [*write_out(full, meant(full, "answers/204/"), out)]
    assert contents(out) == sorted(data for _name, data in ANSWERS)
    assert (out / "1А/10001.wav").read_bytes() == b"first take"
    assert (out / "1А/10001 (2).wav").read_bytes() == REALLY
    assert (out / "1А/10001/task1.wav").exists()
    kept = {one.item.name.removeprefix("answers/204/1А/") for one in taken if not one.renamed}
    assert kept == {"10001.wav", "10001 (2).wav", "10001/task1.wav", "10001/task2.wav", "20001.wav"}
    assert (out / "1А/20001.wav").stat().st_mode & 0o777 == 0o600
    assert (out / "1А").stat().st_mode & 0o777 == 0o700
    # again: what is there already is not written twice; another file of a name is left as it is
    (out / "1А/20001.wav").write_bytes(b"somebody's own")
    again = [*write_out(full, meant(full, "answers/204/"), out)]
    assert contents(out) == sorted([*(data for _name, data in ANSWERS), b"somebody's own"])
    assert sum(one.renamed for one in again) == sum(one.renamed for one in taken) + 1


def test_a_name_means_all_its_answers_and_an_id_one(full: OpenVault, tmp_path: Path) -> None:
    name = "answers/204/1А/10001.wav"
    assert [full.take_bytes(item) for item in of_name(full, name)] == [b"first take", b"second take"]
    assert [one.path for one in write_out(full, meant(full, name), tmp_path)] == [
        tmp_path / "10001.wav",
        tmp_path / "10001 (2).wav",
    ]
    (first, _second) = of_name(full, name)
    assert of_name(full, first.id[:8]) == (first,)
    assert [full.take_bytes(item) for item in of_name(full, "CONTENTS.txt")] == [b"new"]


def test_a_sealed_copy_holds_every_answer(full: OpenVault, tmp_path: Path) -> None:
    chosen = choose(full.items(), names=True)
    assert (len(chosen.items), chosen.renamed) == (len(ANSWERS) + 1, 7)
    export(full, chosen, tmp_path / "copy", COPY, "")
    told: list[str] = []
    names = unseal(tmp_path / "copy", COPY, tmp_path / "out", told.append)
    assert told == [], "nothing is written that a disk does not take"
    assert contents(tmp_path / "out/answers") == sorted(data for _name, data in ANSWERS)
    assert (tmp_path / "out/CONTENTS (2).txt").read_bytes() == b"new"
    assert max(len(part.encode()) for name in names for part in name.split("/")) <= PART_BYTES + 4
    subprocess.run(["sha256sum", "-c", "--quiet", "CONTENTS.txt"], cwd=tmp_path / "out", check=True)
    bare = choose(full.items(), names=False)
    assert (len(bare.items), bare.left_out, bare.renamed) == (len(ANSWERS) + 1, 0, 0)


def test_a_copy_of_a_former_version_opens(full: OpenVault, tmp_path: Path) -> None:
    """Its names were as in the vault: too long, and one file where a folder must be."""
    newest = {item.name: item for item in full.items() if item.kind is Kind.ANSWERS}
    export(full, Chosen(tuple((item, name) for name, item in newest.items()), 0), tmp_path / "old", COPY, "")
    told: list[str] = []
    unseal(tmp_path / "old", COPY, tmp_path / "out", told.append)
    written = [data for _name, data in ANSWERS if data != b"first take"]
    assert contents(tmp_path / "out/answers") == sorted(written)
    assert len(told) == 5
    assert "answers/204/1А/10001 (2)/task1.wav" in told


def test_what_is_damaged_is_told_and_the_rest_goes_out(full: OpenVault, tmp_path: Path) -> None:
    by_name = {item.name: item for item in full.items()}
    lost = by_name["answers/204/1А/10001 (2).wav"], by_name["answers/204/1А/10001"]
    for item, cut in zip(lost, (slice(-700, -600), slice(200, 300)), strict=True):  # content; header
        path = full.folder / "items" / f"{item.id}.age"
        data = bytearray(path.read_bytes())
        data[cut] = bytes(100)
        path.write_bytes(data)
    twice = by_name["answers/204/1А/20001.wav"]  # the newer copy: the older is as good
    (full.folder / "items" / f"{twice.id}.age").write_bytes(b"x")
    rest = sorted(data for _name, data in ANSWERS if data not in {REALLY, b"a file"})
    out = tmp_path / "out"
    out.mkdir()
    damaged = [one.item for one in write_out(full, meant(full, "answers/204/"), out) if one.path is None]
    assert damaged == [lost[0]]
    assert {*full.damaged(), *(one.id for one in damaged)} == {lost[0].id, lost[1].id, twice.id}
    assert contents(out) == rest
    whole, bad = sound(full, full.items())
    assert {*bad, *full.damaged()} == {lost[0].id, lost[1].id, twice.id}
    export(full, choose(whole, names=True), tmp_path / "copy", COPY, "")
    unseal(tmp_path / "copy", COPY, tmp_path / "opened")
    assert contents(tmp_path / "opened/answers") == rest


@pytest.mark.parametrize("part", ["ответ" * 60 + ".wav", "%D0%9E" * 50 + ".wav", "a" * 300, "a." + "b" * 300])
def test_a_part_that_is_too_long_keeps_its_beginning_and_suffix(part: str) -> None:
    found = fitting(part)
    assert PART_BYTES - 6 <= len(found.encode()) <= PART_BYTES
    begins, _stroke, end = found.partition("~")
    assert part.startswith(begins)
    assert "%" not in begins[-2:]
    assert end.startswith(hashlib.sha256(part.encode()).hexdigest()[:16])
    assert found.endswith(".wav") == part.endswith(".wav")
    assert fitting(found) == found


def test_names_apart() -> None:
    assert apart(["a.wav", "a.wav", "a (2).wav", "A.WAV"]) == (
        "a.wav",
        "a (3).wav",
        "a (2).wav",
        "A (4).WAV",
    )
    assert apart(["x/a", "x", "X/b/c", "x/b"]) == ("x/a", "x (2)", "X/b/c", "x/b (2)")
    assert apart(["\u0439", "\u0438\u0306"]) == ("\u0439", "\u0438\u0306 (2)")
