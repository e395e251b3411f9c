"""What levels of a microphone become during the exam: incidents that last, none of what passes."""

from __future__ import annotations

from typing import Any

import pytest

from labcheck.incidents import Kind
from labcheck.looks import Limits
from tests.unit.labcheck.test_looks import Seat, put

WELL: dict[str, Any] = {
    "device": "mic", "volume_percent": 80, "seconds": 2.0, "rms_dbfs": -55.0, "floor_dbfs": -61.0,
    "hum_dbfs": -200.0, "dc": 0.0001, "same": 0.02, "clipped": 0,
}  # fmt: skip
LIMITS = Limits(500, 15, headset_usb_ids=("046d:0a44",), still_s=30, noise_dbfs=-62.0)


def hear(seat: Seat, **changes: Any) -> set[Kind]:
    return seat.see(put("microphone", value={**WELL, **changes}))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"rms_dbfs": -120.0}, Kind.MIC_SILENT),
        ({"same": 0.99}, Kind.MIC_SILENT),
        ({"clipped": 21}, Kind.MIC_CLIPS),
        ({"dc": -0.011}, Kind.MIC_OFFSET),
        ({"hum_dbfs": -57.0}, Kind.MIC_HUM),
        ({"hum_dbfs": -60.0, "volume_percent": 70}, Kind.MIC_HUM),
        ({"floor_dbfs": -41.0}, Kind.MIC_LEVEL),
        ({"floor_dbfs": -83.0}, Kind.MIC_LEVEL),
    ],
)
def test_what_is_so_twice_is_told_until_it_is_over(changes: dict[str, Any], kind: Kind) -> None:
    seat = Seat(LIMITS)
    assert hear(seat) == set()
    assert hear(seat, **changes) == set(), "once may be a chair that fell"
    assert hear(seat, **changes) == {kind}
    assert seat.see() == {kind}, "a look without listening tells nothing new"
    assert hear(seat) == set()
    assert [(one.kind, one.ended is None) for one in seat.changed] == [(kind, True), (kind, False)]


def test_a_microphone_that_is_turned_is_compared_as_it_was_at_the_check() -> None:
    """40 % are 18 dB below 80 %."""
    seat = Seat(LIMITS)
    for _time in range(3):
        assert hear(seat, volume_percent=40, floor_dbfs=-79.5) == set()
    unknown = Seat(Limits(500, 15, headset_usb_ids=("046d:0a44",)))
    for _time in range(3):
        assert hear(unknown, floor_dbfs=-20.0) == set(), "nothing is known that it could differ from"


def test_what_was_not_listened_to_is_no_incident_and_not_well() -> None:
    seat = Seat(LIMITS)
    why = put("microphone", value={"unavailable": "the microphone is muted"})
    assert seat.see(why) == set()
    assert seat.state.heard.why is not None
    assert seat.state.heard.times == 0
    hear(seat, dc=0.5)
    hear(seat, dc=0.5)
    assert seat.see(why) == {Kind.MIC_OFFSET}, "nobody has heard that it is over"
    assert hear(seat) == set()
    assert seat.state.heard.why is None


@pytest.mark.parametrize("senseless", [7, {}, {**WELL, "dc": "x"}, {**WELL, "floor_dbfs": 1e9}, None, []])
def test_senseless_levels_are_not_listened_to(senseless: object) -> None:
    seat = Seat(LIMITS)
    assert seat.see(put("microphone", value=senseless)) == set()
    assert seat.state.heard.why is not None


def test_without_a_headset_in_the_profile_nothing_is_said_of_microphones() -> None:
    seat = Seat(Limits(500, 15, headset=False))
    for _time in range(2):
        assert hear(seat, same=1.0) == set()
