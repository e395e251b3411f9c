"""What a person's check by ear makes of a seat, on record and in readiness."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from labcheck.finding import Check, Finding
from labcheck.headset.causes import Cause
from labcheck.headset.judge import CHECKS
from labcheck.headset.spoken.draw import Ear
from labcheck.headset.spoken.judging import judge
from labcheck.headset.spoken.talk import End
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from provision.lab import requirements_of, terms_of
from provision.labroom import status_of
from provision.labspoken import Spoken, measured_today, write_down
from provision.labstatus import SeatStatus
from provision.ledger import Ledger
from provision.ledger.lab import SeatResult, record
from provision.reports.readiness import on_paper
from provision.site.model import Room, Workstation
from provision.site.site import Site, open_site
from tests.e2e.site import example
from tests.unit.labcheck.headset.spoken.people import Hears, Listener, dead, told, well

PATH = Finding(Check.SOUND_PATH, Outcome.PASS, phrase("opened"))


def good(check: Check) -> Finding:
    return Finding(check, Outcome.PASS, phrase("well"))


UNHEARD = (
    good(Check.MEMORY),
    PATH,
    *(
        Finding(check, Outcome.NOT_CHECKED, phrase("?"), cause=Cause.NOT_MEASURABLE)
        for check in CHECKS
        if check not in {Check.EARS, Check.STILLNESS}
    ),
    Finding(Check.EARS, Outcome.FAIL, phrase("neither"), cause=Cause.NOTHING_HEARD),
    good(Check.STILLNESS),
)
"""A headset that does not leak, in a whole check."""


class Lab:
    """The example school's lab, and its record."""

    def __init__(self, site: Site, ledger: Ledger) -> None:
        self.site, self.ledger = site, ledger
        self.room: Room = next(room for room in site.inventory.rooms if room.workstations)

    def station(self, place: int) -> Workstation:
        return self.room.workstations[place]

    def checked(self, place: int, *findings: Finding, outcome: Outcome) -> None:
        station = self.station(place)
        terms = terms_of(requirements_of(self.site.inventory, self.site.now()), station)
        record(self.ledger, self.room.number, [SeatResult(station.seat, outcome, findings, terms)])

    def spoken(self, place: int, hears: Hears = well, end: End | None = None) -> Spoken:
        heard = told(Listener(hears))
        if end is not None:
            heard = replace(heard, end=end, answers=heard.answers[:3], voice=None, echoes=[])
        found = (PATH, *judge(heard, "Anna"))
        return write_down(self.ledger, self.site, self.room, self.station(place), found, heard.end, "Anna")

    def seat(self, place: int) -> SeatStatus:
        return status_of(self.site, self.ledger, self.room).seats[place]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Each test takes a seat of its own."""
    site = open_site(example(Path(tmp_path_factory.mktemp("spoken"))))
    with closing(Ledger(site.state)) as ledger:
        yield Lab(site, ledger)


def test_a_headset_that_does_not_leak_becomes_ready_by_ear(lab: Lab) -> None:
    lab.checked(0, *UNHEARD, outcome=Outcome.FAIL)
    assert lab.seat(0).outcome is Outcome.FAIL
    assert lab.spoken(0).known is not None
    assert lab.seat(0).outcome is Outcome.WARN, "ready; what nobody measured is a remark"
    status = status_of(lab.site, lab.ledger, lab.room)
    paper = on_paper(status, lab.site.inventory, lab.site.now(), (1, "0" * 64), str)
    said = str(paper.stations[0])
    assert "checked by ear, answers taken by Anna" in said


def test_what_else_is_wrong_with_the_seat_stays(lab: Lab) -> None:
    memory = Finding(Check.MEMORY, Outcome.FAIL, phrase("little"))
    lab.checked(1, memory, *UNHEARD[1:], outcome=Outcome.FAIL)
    lab.spoken(1)
    assert lab.seat(1).outcome is Outcome.FAIL


def test_a_dead_ear_takes_a_ready_seat_away(lab: Lab) -> None:
    every = (PATH, *(good(check) for check in CHECKS))
    lab.checked(2, *every, outcome=Outcome.PASS)
    lab.spoken(2, dead(Ear.LEFT))
    seat = lab.seat(2)
    assert seat.outcome is Outcome.FAIL
    assert seat.checked is not None
    assert Cause.DEAD_LEFT in {one.cause for one in seat.checked.result.findings}
    lab.spoken(2)
    assert lab.seat(2).outcome is Outcome.PASS, "the newer word counts"


@pytest.mark.parametrize("end", [End.STOPPED, End.TIMED_OUT])
def test_what_was_broken_off_is_no_result(lab: Lab, end: End) -> None:
    lab.checked(3, *UNHEARD, outcome=Outcome.FAIL)
    events = len([*lab.ledger.events()])
    assert lab.spoken(3, end=end).known is None
    assert len([*lab.ledger.events()]) == events


def test_by_ear_alone_no_seat_becomes_ready(lab: Lab) -> None:
    assert measured_today(lab.site, lab.ledger, lab.room, lab.station(4)) is None
    known = lab.spoken(4).known
    assert known is not None
    assert known.outcome is Outcome.NOT_CHECKED
    assert lab.seat(4).outcome is Outcome.NOT_CHECKED


def test_a_later_whole_check_takes_its_place(lab: Lab) -> None:
    lab.checked(5, *UNHEARD, outcome=Outcome.FAIL)
    lab.spoken(5)
    lab.checked(5, *UNHEARD, outcome=Outcome.FAIL)
    assert lab.seat(5).outcome is Outcome.FAIL
