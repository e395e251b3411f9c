"""What else is true of a headset, by its numbers alone; and what the simulator promises of every room."""

from __future__ import annotations

from dataclasses import replace

from bench.headsets import draw
from bench.headsets.consequences import WEAKEST_DB, also, through_db
from bench.headsets.kinds import Gate
from bench.headsets.severity import HEALTHY
from labcheck.headset.causes import Cause

ROOMS = [draw.room(5, number, 12) for number in range(40)]


def test_nothing_follows_of_a_healthy_headset() -> None:
    healthy = [room.seats[case.seat] for room in ROOMS for case in room.truth if not case.causes]
    assert len(healthy) > 100
    assert min(map(through_db, healthy)) > WEAKEST_DB
    assert not any(Cause.TOO_QUIET in also(seat) or Cause.CLIPPING in also(seat) for seat in healthy)


def test_what_gets_little_through_is_too_quiet_whatever_takes_it_away() -> None:
    seat = ROOMS[0].sample
    away = replace(seat.microphone, gate=Gate(-80.0, 0.3, 2.0))
    assert Cause.TOO_QUIET in also(replace(seat, microphone=away))
    down = replace(seat.microphone, gain_db=-80.0)
    assert Cause.TOO_QUIET in also(replace(seat, microphone=down))
    loud = replace(seat.microphone, gain_db=60.0)
    assert Cause.CLIPPING in also(replace(seat, microphone=loud))


def test_one_cup_is_always_farther_from_the_microphone() -> None:
    for room in ROOMS:
        for seat in room.seats:
            if seat.far_db is None:
                apart = abs(seat.left.delay_s - seat.right.delay_s) * draw.AIR
                assert apart > HEALTHY["farther"].low - 1e-6


def test_a_loud_neighbour_plays() -> None:
    loud = [(room, seat) for room in ROOMS for seat in room.seats if seat.loud]
    assert loud
    for room, seat in loud:
        assert seat.loud is not None
        other = room.seats[seat.loud[0]]
        assert other.number != seat.number
        assert other.rate_out == 1
        assert max(other.left.coupling_db, other.right.coupling_db) > -100
