"""A room printed on real CUPS, then scanned: what the printer received decides whether it is ready."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from printing.mark import decode
from tests.e2e.site import example, fewer, inside, on_cups, run
from tests.e2e.test_morning import canaries, listed_codes
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.process import until
from tests.services.scanner import marks_on

_numbers = itertools.count(1)
EXAM, ROOM = "ma-7b", "202"
CONFIRM = ("confirm", "--exam", EXAM, "--room", ROOM)


@pytest.fixture
def laser(print_server: PrintServer) -> Iterator[VirtualPrinter]:
    made = print_server.printer(f"counted{next(_numbers)}")
    yield made
    made.kill()


@pytest.fixture
def site(tmp_path: Path, print_server: PrintServer, laser: VirtualPrinter) -> Path:
    made = fewer(example(tmp_path), 8)
    uri = print_server.uri(laser.name)
    on_cups(made, {"Учительская": uri, "Кабинет информатики": uri})
    return made


def state(site: Path) -> str:
    (exam,) = inside(site, "status", "--exam", EXAM, "--json").json["exams"]
    (room,) = exam["rooms"]
    return str(room["state"])


def scan(site: Path, folder: Path, marks: list[str], *words: str) -> dict[str, object]:
    file = folder / "scanned.txt"
    file.write_text("\n".join(marks), encoding="utf-8")
    ran = inside(site, *CONFIRM, "--scan", str(file), "--json", *words)
    assert ran.code == (0 if ran.json["state"] == "ready" else 7), ran.err
    assert not [text for text in listed_codes(site) | canaries(site) if f'"{text}"' in ran.out]
    return ran.json


def test_what_the_printer_received_makes_the_room_ready(
    tmp_path: Path, site: Path, laser: VirtualPrinter
) -> None:
    assert run(site, "rooms", "--exam", EXAM).code == 0
    assert state(site) == "claimed"
    until(lambda: all(document.printed for document in laser.received()), "the last sheet")
    sheets = sum(document.sheets for document in laser.received())
    assert run(site, *CONFIRM, "--counted", str(sheets - 1)).code == 7
    assert state(site) == "disagree"
    assert inside(site, *CONFIRM, "--counted", str(sheets)).code == 0
    assert state(site) == "ready"

    marks = [mark for document in laser.received() for mark in marks_on(document.file)]
    left_out = decode(marks[0]).kit
    rest = [mark for mark in marks if decode(mark).kit != left_out]

    told = scan(site, tmp_path, rest, "--complete")
    assert [one["kit"] for one in told["missing"]] == [f"{ROOM}-{left_out:02}"]  # type: ignore[attr-defined]
    assert state(site) == "disagree"
    assert f"{ROOM}-{left_out:02}" in run(site, "status", "--exam", EXAM).out

    told = scan(site, tmp_path, [mark for mark in marks if decode(mark).kit == left_out])
    assert (told["state"], told["refused"]) == ("ready", [])
    assert state(site) == "ready"

    told = scan(site, tmp_path, [rest[0]])
    twice = f"{ROOM}-{decode(rest[0]).kit:02}"
    assert (told["state"], told["duplicates"]) == ("disagree", [twice])
    assert "two papers with the same mark" in inside(site, "status", "--exam", EXAM).out
    assert inside(site, *CONFIRM, "--extra-removed", twice).code == 0
    assert state(site) == "ready"

    events = (site / ".provision" / "ledger.sqlite3").read_bytes()
    codes = {decode(mark).code for mark in marks}
    assert codes <= listed_codes(site)
    assert not [code for code in codes if f'"{code}"'.encode() in events]
    assert not [mark for mark in marks if mark.encode() in events]
