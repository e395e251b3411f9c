"""The test of a room whose recordings come at once: what becomes of a seat that could not be measured."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from labcheck.finding import Check
from labcheck.headset import asking, test
from labcheck.headset.asking import Device, Heard
from labcheck.outcome import Outcome, worst
from tests.unit.labcheck.headset.rooms import microphone, recorded

HEADSET = Device("USB", "046d:0a44", monitor=False)


def test_a_seat_that_cannot_be_measured_is_not_checked_and_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = recorded(microphone(0, noise_db=-70.0))
    recordings = {"204-01": whole, "204-02": replace(whole, rate=0)}

    def play(seat: Any, *_how: Any, **_deadline: Any) -> Heard:
        return Heard(recordings[seat], HEADSET, HEADSET, 0.0)

    monkeypatch.setattr(asking, "prepare", lambda *_what, **_deadline: None)
    monkeypatch.setattr(asking, "clock", lambda *_what, **_deadline: None)
    monkeypatch.setattr(asking, "play", play)
    links: Any = {seat: seat for seat in recordings}
    (room,) = test.hold(links, test.Plan(), stop=threading.Event())
    good, broken = room.seats
    assert good.measures is not None
    assert good.measures.left.heard
    assert broken.measures is None
    assert broken.error is not None
    assert [one.outcome for one in broken.findings if one.check is Check.EARS] == [Outcome.NOT_CHECKED]
    assert worst(one.outcome for one in broken.findings) is Outcome.NOT_CHECKED
    assert room.matrix.gain_db.shape == (2, 2, 2)
