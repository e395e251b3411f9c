"""What else is true of a headset with a fault, by its own numbers: it is no mistake to say so first.

A microphone in the lid of a computer that gets nothing through is too quiet, or hears nothing; noise that is
boosted to full scale is cut off there. Nothing is decided here by what is recorded, or by what is measured.
"""

from __future__ import annotations

import numpy as np

from bench.headsets.kinds import Seat
from bench.headsets.severity import HEALTHY
from labcheck.headset.causes import Cause
from labcheck.headset.signals import LEVEL

WEAKEST_DB = HEALTHY["weak coupling"].low + HEALTHY["coupling spread"].low - 1.0
"""No healthy headset is weaker (the decibel: cups of a model differ, too)."""
UNHEARD_DB = -20.0
"""A probe of 2 s and 8 kHz has 42 dB of gain against noise, and 16 dB are needed to be no chance: 6 dB below
what a perfect receiver still hears in white noise, as noise never is."""
CREST_DB = 14.0
"""Noise passes five times its RMS once in two million frames."""


def also(seat: Seat) -> tuple[Cause, ...]:
    """Causes that follow from a seat's numbers."""
    left = through_db(seat)
    found = []
    if left < WEAKEST_DB:
        found.append(Cause.TOO_QUIET)
    if _played_db(seat) - _noise_db(seat) < UNHEARD_DB:
        found.append(Cause.NOTHING_HEARD)
    if _noise_db(seat) + seat.microphone.gain_db + CREST_DB > 20 * np.log10(seat.microphone.clip):
        found.append(Cause.CLIPPING)
    return tuple(found)


def through_db(seat: Seat) -> float:
    """What comes of the louder ear's probe, over what is played, when all has settled."""
    microphone = seat.microphone
    level = max(seat.left.coupling_db, seat.right.coupling_db) + microphone.gain_db
    if microphone.gate is not None:
        level += microphone.gate.floor_db
    if microphone.agc is not None:
        heard = np.logaddexp(_played_db(seat) * np.log(10) / 10, _noise_db(seat) * np.log(10) / 10)
        level += min(microphone.agc.target_db - float(heard) * 10 / np.log(10), microphone.agc.most_db)
    return level


def _played_db(seat: Seat) -> float:
    """The louder ear's probe before any gain, dBFS."""
    return 20 * float(np.log10(LEVEL)) + max(seat.left.coupling_db, seat.right.coupling_db)


def _noise_db(seat: Seat) -> float:
    """What else is there before any gain, dBFS; voices while they speak."""
    parts = (
        seat.microphone.noise_db,
        seat.microphone.hum_db,
        seat.around.chatter_db,
        seat.around.traffic_db,
    )
    return float(10 * np.log10(sum(10 ** (part / 10) for part in parts)))
