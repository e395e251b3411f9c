"""The table of a lab under way: on any screen a line for each seat, and nothing that jumps."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from rich.cells import cell_len
from rich.console import Console

from labcheck.finding import Check, Finding
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from labcheck.visit import Phase, Visited
from provision import locale
from provision.cli.lab_live import LabLive
from provision.cli.screen import table
from provision.site.model import Room, Workstation

ROOM = Room(number="204", rows=3, columns=4, printer="П1")
SEATS = [f"{row}{letter}" for row in "123" for letter in "АБВГ"]
STATIONS = [Workstation(seat=seat, host=f"192.168.100.{100 + n}") for n, seat in enumerate(SEATS)]
PRINT = "SHA256:0fZF6kQd8sNd1uX8BGh0OOqdrDdbKgxW85r4oqa7yA0"
CHANGED = phrase(
    "{seat}: the host key is not the pinned {pinned}; the computer shows {fingerprint}",
    seat="1В", pinned=PRINT, fingerprint=PRINT,
)  # fmt: skip


@pytest.fixture(params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    before = locale.activate(None)
    yield locale.activate(request.param)
    locale.activate(before)


def lines(shown: object, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(shown)
    return [line.rstrip() for line in str(console.file.getvalue()).splitlines() if line.strip()]  # type: ignore[attr-defined]


def screens(monkeypatch: pytest.MonkeyPatch, width: int) -> Iterator[list[str]]:
    """A room from the first call to the last result, as it is seen in between."""
    monkeypatch.setattr("provision.cli.screen.PLAIN_WIDTH", width)
    live = LabLive(ROOM, STATIONS, quiet=True)
    yield lines(live.picture(), width)
    for number, station in enumerate(STATIONS):
        for phase in Phase:
            live.phase(station.seat, phase)
            yield lines(live.picture(), width)
        outcome = list(Outcome)[number % len(Outcome)]
        wrong = Finding(Check.CONNECTION, outcome, CHANGED)
        findings = () if outcome is Outcome.PASS else (wrong,)
        live.ended(Visited(station.seat, outcome, findings, True, Phase.SOUND, False, 1.0))
        yield lines(live.picture(), width)


@pytest.mark.parametrize("width", [80, 100, 120])
def test_each_seat_has_one_line_and_columns_stay_where_they_are(
    width: int, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = list(screens(monkeypatch, width))
    assert len(seen) > 60
    for screen in seen:
        _title, _heads, rule, *rows = screen
        assert cell_len(rule) == width
        assert [row.split()[0] for row in rows] == SEATS
        assert [row.split()[1] for row in rows] == [station.host for station in STATIONS]
        assert max(map(cell_len, rows)) <= width
    (states,) = {heads.index(heads.split()[2]) for _title, heads, *_rest in seen}
    for row in seen[-1][3:]:
        assert row[states - 1] == " "
        assert row[states] != " "
    assert "…" in seen[-1][6], "cut where the screen ends; told in full below the table"


def test_a_checksum_within_a_sentence_takes_no_other_columns_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provision.cli.screen.PLAIN_WIDTH", 90)
    remedy = "Do not use this workstation until somebody knows why its key changed. " * 2
    sentence = table("", ("seat", "what", "what to do"), [("204-1А", f"the computer shows {PRINT}", remedy)])
    assert len(lines(sentence, 90)) <= 7
    alone = table("", ("seat", "what", "what to do"), [("204-1А", PRINT, remedy)])
    assert any(PRINT in line for line in lines(alone, 90)), "alone it is there to be compared"
