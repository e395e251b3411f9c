"""What a person may ask for, read; and the few sums that the virtual lab is made with."""

from __future__ import annotations

import time

import pytest

from labcheck.rehearsal.errors import FaultUnknown
from labcheck.rehearsal.faults import MEANING, Fault, merged, parse
from labcheck.rehearsal.seat import posix_zone


def test_faults_are_read_as_people_write_them() -> None:
    assert parse("204-07=muted") == ("204-07", frozenset({Fault.MUTED}))
    assert parse(" 204-07 = muted, low-volume ") == ("204-07", frozenset({Fault.MUTED, Fault.LOW_VOLUME}))
    assert parse("204-07=well") == ("204-07", frozenset())
    assert parse("204-07=") == ("204-07", frozenset())


@pytest.mark.parametrize("text", ["204-07", "=muted", "204-07=mute", "204-07=muted,loud", ""])
def test_what_names_no_fault_is_refused_with_those_that_there_are(text: str) -> None:
    with pytest.raises(FaultUnknown, match="disturbing-process"):
        parse(text)


def test_a_seat_may_be_named_more_than_once() -> None:
    found = merged(["1=muted", "2=dead", "1=slow"])
    assert found == {"1": {Fault.MUTED, Fault.SLOW}, "2": {Fault.DEAD}}


def test_every_fault_says_what_it_means() -> None:
    assert set(MEANING) == set(Fault)


@pytest.mark.parametrize("minutes", [0, 180, 330, -210, 720])
def test_a_zone_for_any_system(minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", posix_zone(minutes))
    try:
        time.tzset()
        assert time.localtime(0).tm_gmtoff == minutes * 60
    finally:
        monkeypatch.undo()
        time.tzset()
