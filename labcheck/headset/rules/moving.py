"""What something does to the sound by itself: gain control and noise suppression. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.acoustics import Measures
from labcheck.headset.causes import Cause
from labcheck.headset.rules.said import STEPS_DBFS, Said, Seen, failed
from labcheck.phrase import phrase

_CALM_DB = 1.0
"""A microphone's noise differs by less between pauses and tones, if nothing turns it."""
_BREATHING_DB = -3.0
"""-0.1 to 0.8 dB without gain control; -14 to -11 dB with it."""
_LIVES_DB = -1.0
"""Noise that is so much louder in pauses is not suppressed."""
_SIGMAS = 3.0


def gain_control(seen: Seen) -> Iterator[Said]:
    """The probes' gain moves, or the noise under them."""
    if math.isnan(seen.louder_db):
        return
    found, limits = seen.measures, seen.limits
    moved = phrase(N_("the gain moves by itself"))
    if seen.lost or (found.repeats or 0) > 0:
        return
    onset = found.onset_db - 3 * found.onset_error_db
    turned = found.still_noise_dbfs - found.played_noise_dbfs
    if found.still_noise_dbfs < STEPS_DBFS or abs(found.breathing_db) < _CALM_DB:
        turned = 0.0  # beside the tones it is as loud as in the pauses: voices came and went
    steady = turned < limits.noise_turned_db and onset < limits.onset_sinks_db
    if suppressed(seen) or (found.gaps and steady):
        return
    both = found.spread > limits.spread_too and turned > limits.noise_turned_too_db
    if both or found.spread > limits.spread or onset > limits.onset_db or turned > limits.noise_turned_db:
        yield failed(Check.LOOP_LEVEL, Cause.GAIN_CONTROL, moved, 0.9)


def breathing(seen: Seen) -> Iterator[Said]:
    """Gain control turns the microphone's own noise down beside a tone."""
    found = seen.measures
    if found.gaps or interrupted(found):
        return
    if found.breathing_db + _SIGMAS * found.breathing_error_db < _BREATHING_DB:
        yield failed(Check.LOOP_LEVEL, Cause.GAIN_CONTROL, phrase(N_("the gain moves by itself")), 0.95)


def suppressed(seen: Seen) -> bool:
    """A probe that sinks for longer than any gain control takes."""
    found, limits = seen.measures, seen.limits
    onset = found.onset_db - 3 * found.onset_error_db
    if found.noise_dbfs > limits.suppressed_noise_dbfs or seen.lost or (found.repeats or 0) > 0:
        return False
    if found.breathing_db + _SIGMAS * found.breathing_error_db < _LIVES_DB:
        return False  # it is louder in pauses: gain control
    sinks = found.sinks_db > limits.sinks_db or onset > limits.onset_sinks_db
    return seen.any and (sinks or (onset > limits.onset_db and not interrupted(found)))


def interrupted(found: Measures) -> bool:
    """Whether the samples themselves say that some are missing."""
    return any((found.repeats, found.held, found.copies, found.breaks))


def suppression(seen: Seen) -> Iterator[Said]:
    """What stays the same is taken away."""
    if suppressed(seen):
        yield failed(Check.SOUND_QUALITY, Cause.SUPPRESSION, phrase(N_("a steady sound is taken away")), 0.9)
