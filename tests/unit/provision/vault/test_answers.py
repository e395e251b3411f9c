"""Collected answers go into the vault, and their plain copies go: locked, cut, killed, damaged."""

from __future__ import annotations

import hashlib
import shutil
import signal
import sqlite3
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest

from labcheck.answers import Shape, codes_in
from labcheck.keeping import Keeping, Kept, Listed
from provision.answervault import AnswerVault, Vaulted, in_the_open
from provision.ledger import Ledger, LedgerUnusable, Refs, store
from provision.ledger.store import Draft
from provision.safe import Safe
from provision.secret import Secret
from provision.vault import Kind, OpenVault, Vault
from tests.services.dying import killed_at

ROOM = "301"
BEFORE = {"12345.wav": b"RIFF....WAVE" + bytes(40), "7Б/12346.wav": b"two" * 9000}
"""Kept before there was a vault; nobody has them any more but this computer."""
LATER = {"12347.wav": b"two" * 9000, ".a<b>:Иванов.wav": b""}
"""Still at the workstation."""


def listed(path: str, data: bytes) -> Listed:
    return Listed(path, len(data), hashlib.sha256(data).hexdigest())


def kept(keeping: Keeping, path: str, data: bytes, seat: str = "1А") -> Kept:
    def fetch(out: BinaryIO, offset: int) -> int:
        return out.write(data[offset:])

    there = keeping.has(seat, listed(path, data))
    return there or keeping.keep(seat, listed(path, data), fetch)


class Place:
    """A site's state with a vault, and the answers of one room."""

    def __init__(self, folder: Path, template: tuple[Path, Secret]) -> None:
        self.folder, self.template = folder, template
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "vault").exists():
            shutil.copytree(template[0], folder / "vault")

    def open(self) -> AnswerVault:
        safe = Safe(Vault(self.folder / "vault"), Ledger(self.folder))
        named = partial(codes_in, pattern="[0-9]{5}")
        return AnswerVault(self.folder / "kept", safe, ROOM, Refs.of_site(self.folder, fresh=True), named)

    def vault(self) -> OpenVault:
        return Vault(self.folder / "vault").open_by_paper(self.template[1])

    def collect(self) -> Vaulted:
        keeping = self.open()
        for path, data in LATER.items():
            kept(keeping, path, data)
        return keeping.finish()

    def contents(self) -> dict[str, bytes]:
        vault = self.vault()
        return {item.name: vault.take_bytes(item) for item in vault.items()}


@pytest.fixture
def place(tmp_path: Path, template: tuple[Path, Secret]) -> Place:
    return Place(tmp_path / "state", template)


ODD = ".a%3Cb%3E%3A%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2.wav"
"""What could do harm as a name, in letters that cannot."""
EXPECTED = {
    f"answers/301/1А/{name}": data for name, data in {**BEFORE, "12347.wav": b"two" * 9000, ODD: b""}.items()
}
SHAPES = {b"": Shape.EMPTY, BEFORE["12345.wav"]: Shape.TRUNCATED}


def test_they_are_in_the_vault_alone_and_nothing_is_copied_twice(place: Place) -> None:
    early = Keeping(place.folder / "kept")
    for path, data in BEFORE.items():
        kept(early, path, data)
    assert place.collect() == Vaulted(4, 0)
    assert place.contents() == EXPECTED
    assert {item.kind for item in place.vault().items()} == {Kind.ANSWERS}
    again = place.open()
    for path, data in {**BEFORE, **LATER}.items():
        here = again.has("1А", listed(path, data))
        assert here is not None, "known by its hash"
        assert again.shape(here) is SHAPES.get(data, Shape.UNKNOWN)
    assert len(again.all()) == 4
    assert again.finish() == Vaulted(4, 0)
    again._safe.rotate(place.vault())  # another key of the vault: still known
    assert all(place.open().has("1А", listed(path, data)) for path, data in {**BEFORE, **LATER}.items())
    # no code and no name of a file is left here or in the record
    left = [path for path in (place.folder / "kept").rglob("*") if path.is_file()]
    assert {path.name for path in left} == {"manifest.jsonl", "sealed.jsonl"}
    said = "".join(f"{e.subject}{e.body}" for e in Ledger(place.folder).events())
    said += "".join(path.read_text("utf-8") for path in left)
    assert not [word for word in ("1234", "Иванов", "7Б") if word in said]


def test_whose_answers_it_has_is_known_when_no_workstation_has_them_any_more(place: Place) -> None:
    """By keyed hash; what is empty, was cut, is damaged since or names two codes is nobody's."""
    keeping = place.open()
    for path, data in {
        **BEFORE,
        **LATER,
        "12348.wav": b"",
        "12349.wav.part": b"x",
        "12348/12349.wav": b"y",
    }.items():
        kept(keeping, path, data)
    codes = [f"1234{number}" for number in range(5, 10)]
    assert keeping.of_codes(codes) == {"12345", "12346", "12347"}
    assert place.open().of_codes(codes) == {"12345", "12346", "12347"}
    (item,) = (item for item in place.vault().items() if item.name.endswith("12345.wav"))
    (place.folder / "vault" / "items" / f"{item.id}.age").unlink()
    assert place.open().of_codes(codes) == {"12346", "12347"}


def test_a_later_content_is_kept_beside_the_first(place: Place) -> None:
    keeping = place.open()
    kept(keeping, "12345.wav", b"first")
    kept(keeping, "12345.wav", b"second")
    assert keeping.finish() == Vaulted(2, 0)
    names = {"answers/301/1А/12345.wav": b"first", "answers/301/1А/12345 (2).wav": b"second"}
    assert place.contents() == names


def test_no_two_answers_get_one_name_whatever_becomes_of_the_list(place: Place) -> None:
    long = "Ответ: " + "задание первое, " * 20 + ".wav"
    files = [
        ("12345.wav", b"1"),
        ("12345.wav", b"2"),
        ("12345 (2).wav", b"3"),
        (long, b"4"),
        (long[1:], b"5"),
    ]
    files += [
        ("1:1.wav", b"6"),
        ("1%3A1.wav", b"7"),
        ("/".join([long] * 8), b"8"),
        ("1", b"9"),
        ("1/1", b"10"),
    ]
    keeping = place.open()
    for path, data in files:
        kept(keeping, path, data)
    assert keeping.finish() == Vaulted(10, 0)
    (place.folder / "kept/sealed.jsonl").unlink()
    keeping = place.open()
    for path, data in (("12345.wav", b"later"), ("12345.wav", b"2")):
        kept(keeping, path, data)
    assert keeping.finish() == Vaulted(2, 0)
    vault = place.vault()
    found = {(item.name, vault.take_bytes(item)) for item in vault.items()}
    assert {data for _name, data in found} == {*(data for _path, data in files), b"later"}
    assert len({name for name, _data in found}) == len(found) == len(files) + 1
    name = "answers/301/1А/12345"
    assert {(f"{name} (2).wav", b"2"), (f"{name} (2) (2).wav", b"3"), (f"{name} (3).wav", b"later")} <= found
    parts = [part for name, _data in found for part in name.split("/")]
    assert max(len(part.encode()) for part in parts) <= 200


def test_an_item_of_the_same_length_is_not_taken_for_the_answer(place: Place) -> None:
    data = b"spoken" * 200
    keeping = place.open()
    kept(keeping, "12345.wav", data)
    assert keeping.finish() == Vaulted(1, 0)
    plain = Keeping(place.folder / "kept")  # as the move of a pupil leaves it
    kept(plain, "12345.wav", data)
    (item,) = place.vault().items()
    path = place.folder / "vault/items" / f"{item.id}.age"
    path.write_bytes(path.read_bytes()[:-100] + bytes(100))
    keeping = place.open()
    assert keeping.finish() == Vaulted(1, 0), "put in once more, before the plain copy went"
    (good,) = [one for one in place.vault().items() if one.id != item.id]
    assert place.vault().take_bytes(good) == data
    # and where the workstation alone has it, it is fetched again
    for one in (good, item):
        (place.folder / "vault/items" / f"{one.id}.age").write_bytes(path.read_bytes())
    keeping = place.open()
    assert keeping.has("1А", listed("12345.wav", data)) is None
    assert keeping.finish() == Vaulted(0, 0, lost=1)
    kept(keeping, "12345.wav", data)
    assert keeping.finish() == Vaulted(1, 0)


def test_a_loss_is_told_and_what_was_taken_out_is_none(place: Place) -> None:
    keeping = place.open()
    for path in ("12345.wav", "12346.wav"):
        kept(keeping, path, path.encode())
    items = {item.name.rpartition("/")[2]: item.id for item in place.vault().items()}
    (place.folder / "vault/items" / f"{items['12345.wav']}.age").unlink()
    assert place.open().finish() == Vaulted(1, 0, lost=1)
    (place.folder / "kept/sealed.jsonl").unlink()  # by the record, too
    keeping = place.open()
    assert keeping.finish() == Vaulted(0, 0, lost=1)
    keeping._safe.remove(items["12346.wav"])
    assert place.open().finish() == Vaulted(0, 0, lost=1)


def test_a_record_that_is_locked_holds_up_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    keeping = place.open()
    kept(keeping, "12345.wav", b"one")
    other = sqlite3.connect(place.folder / "ledger.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for path in ("12346.wav", "12347.wav"):
        assert keeping.file(kept(keeping, path, b"two")).exists()
    found = keeping.finish()
    assert (found.there, found.open, found.lost) == (1, 2, 0)
    assert isinstance(found.error, LedgerUnusable)
    other.close()
    assert place.open().finish() == Vaulted(3, 0)


def test_what_is_lost_from_the_vault_is_fetched_again_and_a_forged_copy_is_refused(place: Place) -> None:
    keeping = place.open()
    kept(keeping, "12345.wav", b"one")
    (item,) = place.vault().items()
    (place.folder / "vault/items" / f"{item.id}.age").unlink()
    keeping = place.open()
    assert keeping.has("1А", listed("12345.wav", b"one")) is None
    kept(keeping, "12345.wav", b"one")
    assert keeping.finish() == Vaulted(1, 0)
    # a plain copy, as the move of a pupil leaves it, that was changed meanwhile: it stays, and is told
    plain = Keeping(place.folder / "kept")
    for path in ("12345.wav", "12346.wav"):
        plain.file(kept(plain, path, b"one")).write_bytes(b"two")
    found = place.open().finish()
    assert (found.there, found.open) == (1, 2)
    assert found.error is not None
    assert len(place.vault().items()) == 1


def test_a_vault_that_refuses_holds_up_nothing(place: Place) -> None:
    (place.folder / "vault/parts").rmdir()
    keeping = place.open()
    kept(keeping, "12345.wav", b"one")
    found = keeping.finish()
    assert (found.there, found.open) == (0, 1)
    assert found.error is not None
    (place.folder / "vault/parts").mkdir()
    assert place.open().finish() == Vaulted(1, 0)


def test_killed_at_every_step_no_recording_is_lost(tmp_path: Path, template: tuple[Path, Secret]) -> None:
    start = tmp_path / "start"
    place = Place(start, template)
    early = Keeping(start / "kept")
    for path, data in BEFORE.items():
        kept(early, path, data)
    Ledger(start).append(Draft("made", "", {}))
    Refs.of_site(start, fresh=True)
    number, status = 0, -signal.SIGKILL
    while status == -signal.SIGKILL:
        number += 1
        folder = Path(shutil.copytree(start, tmp_path / str(number)))
        place = Place(folder, template)
        status = killed_at(number, place.collect)
        found = place.collect()
        assert found.error is None
        assert (found.there, found.open) == (4, 0)
        assert place.contents() == EXPECTED
        assert in_the_open(folder / "kept") == 0
        lost = Safe(Vault(folder / "vault"), Ledger(folder)).standing(deep=True)
        assert lost.sound
        shutil.rmtree(folder)
    assert status == 0
    assert number > 50
