"""A seat that gets ready for the room's test by itself: its streams are open, its volumes are set.

That takes a workstation a second or two, and none has to wait for another with it: whoever is connected
early is ready when the last one comes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from labcheck.headset import asking
from labcheck.headset.asking import Levels
from labcheck.headset.signals import SEATS
from labcheck.link import Link
from labcheck.requirements import HeadsetTest, Requirements

PREPARE_SECONDS = 30.0
"""What a workstation may take to be ready, on a slow computer with a slow disk."""
KEPT_SECONDS = 45.0
"""A workstation stays ready for so long; its agent holds out a little longer (labcheck.agent.sound)."""


@dataclass(frozen=True, slots=True)
class Ready:
    """``place``: so many got ready before it. With ``error`` it is not ready, and that is why."""

    place: int
    until: float
    """By time.monotonic()."""
    error: Exception | None = None

    def still(self, number: int) -> bool:
        """Whether that holds now, for the signal of this number."""
        return self.place % SEATS == number and time.monotonic() < self.until


def get_ready(link: Link, place: int, exam_user: str, levels: Levels) -> Ready:
    """Have the signal of that place ready to be played. Raises nothing."""
    error = None
    try:
        asking.prepare(link, place % SEATS, exam_user, levels, deadline=PREPARE_SECONDS)
    except Exception as failed:  # noqa: BLE001 - becomes that seat's result
        error = failed
    return Ready(place, time.monotonic() + KEPT_SECONDS, error)


def levels_of(wanted: Requirements) -> Levels:
    """The volumes that the profile has for the time of the test."""
    rules = wanted.headset_test or HeadsetTest()
    return Levels(rules.microphone_percent, rules.earphones_percent)
