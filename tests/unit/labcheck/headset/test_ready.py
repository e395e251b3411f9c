"""Seats that got ready before the others came: they are not kept waiting, nor made ready twice."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from labcheck.headset import asking, test
from labcheck.headset.asking import Device, HeadsetError, Heard, Levels
from labcheck.headset.ready import Ready, get_ready
from labcheck.headset.signals import SEATS
from tests.unit.labcheck.headset.rooms import microphone, recorded

HEADSET = Device("USB", "046d:0a44", monitor=False)
LATER = time.monotonic() + 3600


@pytest.fixture(name="prepared")
def _prepared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Who is made ready for which signal; where that fails, it says so."""
    made: list[tuple[str, int]] = []

    def prepare(seat: Any, number: int, *_how: Any, **_deadline: Any) -> None:
        made.append((seat, number))
        if seat == "broken":
            raise HeadsetError("no headset")

    monkeypatch.setattr(asking, "prepare", prepare)
    return made


def test_only_who_is_not_ready_for_its_place_gets_ready_with_the_others(
    monkeypatch: pytest.MonkeyPatch, prepared: list[tuple[str, int]]
) -> None:
    whole = recorded(microphone(0, noise_db=-70.0))
    monkeypatch.setattr(asking, "clock", lambda *_what, **_deadline: None)
    monkeypatch.setattr(asking, "play", lambda *_how, **_more: Heard(whole, HEADSET, HEADSET, 0.0))
    ready = {
        "ready": Ready(0, LATER),
        "of another place": Ready(7, LATER),
        "too long ago": Ready(2, time.monotonic() - 1),
        "failed": Ready(3, LATER, HeadsetError("unplugged")),
    }
    links: Any = {seat: seat for seat in (*ready, "never asked")}
    (room,) = test.hold(links, test.Plan(), ready=ready, stop=threading.Event())
    assert sorted(prepared) == [("never asked", 4), ("of another place", 1), ("too long ago", 2)]
    errors = {seat.seat: str(seat.error) for seat in room.seats if seat.error}
    assert errors == {"failed": "unplugged"}


def test_a_seat_gets_ready_for_the_signal_of_its_place(prepared: list[tuple[str, int]]) -> None:
    links: Any = ("good", "broken")
    good, broken = (get_ready(link, SEATS + 5, "", Levels()) for link in links)
    assert prepared == [("good", 5), ("broken", 5)]
    assert good.error is None
    assert good.still(5)
    assert not good.still(4)
    assert str(broken.error) == "no headset"
