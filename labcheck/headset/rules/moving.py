"""What something does to the sound by itself: gain control and noise suppression. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.acoustics import Ear, Measures
from labcheck.headset.causes import Cause
from labcheck.headset.rules.said import STEPS_DBFS, Said, Seen, failed
from labcheck.phrase import phrase

_CALM_DB = 1.0
"""A microphone's noise differs by less between pauses and tones, if nothing turns it."""
_BREATHING_DB = -0.75
"""-0.3 dB and more without gain control, three standard errors added; -24 to -1.2 dB with it."""
_FAINT_ERROR, _FAINT_SPREAD = 0.35, 1.9
"""Where the gain of 10 ms is so unsure clicks spread it, too: by up to 1.5."""
_LEARNS_DB = 1.5
_LONGEST_MS = 210.0
"""Gaps of streams are shorter, or the stream ends; what is taken away stays away until the tone ends ..."""
_STAYS = 0.5
"""... but for what the probes keep, too."""
_SIGMAS, _SIGMAS_LOUD = 3.0, 5.0
"""In loud noise a begin is less sure than its error says: hum lasts longer than a begin does."""


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
    steady = turned < limits.noise_turned_db and onset < limits.onset_sinks_db and not lively(found)
    if suppressed(seen) or (found.gaps and steady):
        return
    most = _FAINT_SPREAD if found.track_error > _FAINT_ERROR else limits.spread
    both = found.spread > limits.spread_too and turned > limits.noise_turned_too_db
    if both or found.spread > most or onset > limits.onset_db or turned > limits.noise_turned_db:
        yield failed(Check.LOOP_LEVEL, Cause.GAIN_CONTROL, moved, 0.9)


def breathing(seen: Seen) -> Iterator[Said]:
    """Gain control turns the microphone's own noise down beside a tone."""
    found = seen.measures
    if lively(found):
        yield failed(Check.LOOP_LEVEL, Cause.GAIN_CONTROL, phrase(N_("the gain moves by itself")), 0.95)


def suppressed(seen: Seen) -> bool:
    """A probe that sinks for longer than any gain control takes."""
    found, limits = seen.measures, seen.limits
    hums = found.hum_dbfs > found.noise_dbfs - _CALM_DB  # its lines are what noise there is
    noise = found.still_noise_dbfs if hums else found.noise_dbfs
    loud = noise > limits.suppressed_noise_dbfs
    if (loud and not _calm(found)) or seen.lost or _copied(found) or lively(found):
        return False
    if found.gap_ms > _LONGEST_MS * (found.gaps or 0) > 0 and found.last_tone[0] > _STAYS:
        return True
    if not all(map(_sinks, (ear for ear in seen.ears if ear.heard))):
        return False
    onset = found.onset_db - (_SIGMAS_LOUD if loud else _SIGMAS) * found.onset_error_db
    sinks = found.sinks_db > limits.sinks_db and not loud  # or voices made it so
    return seen.any and (sinks or onset > limits.onset_db)


def _sinks(ear: Ear) -> bool:
    """Whether a probe's first eighth is not quieter than its second half: suppression learns each anew."""
    half = len(ear.track_db) // 2
    return not ear.track_db or ear.track_db[0] > statistics.median(ear.track_db[half:]) - _LEARNS_DB


def _calm(found: Measures) -> bool:
    """Whether noise is surely as loud beside tones as in pauses: no gain control moves then."""
    return found.breathing_db - _SIGMAS * found.breathing_error_db > _BREATHING_DB


def lively(found: Measures) -> bool:
    """Whether noise is louder in pauses, and nothing is missing: gain control, whose dips are no gaps."""
    turned = found.breathing_db + _SIGMAS * found.breathing_error_db
    return turned < _BREATHING_DB and found.still_noise_dbfs > STEPS_DBFS and not interrupted(found)


def interrupted(found: Measures) -> bool:
    """Whether the samples themselves say that some are missing."""
    return _copied(found) or bool(found.breaks)


def _copied(found: Measures) -> bool:
    """Whether it is no sound at all that stands there for it. A tone breaks, too, when it is taken away."""
    return any((found.repeats, found.held, found.copies))


def suppression(seen: Seen) -> Iterator[Said]:
    """What stays the same is taken away."""
    if suppressed(seen):
        yield failed(Check.SOUND_QUALITY, Cause.SUPPRESSION, phrase(N_("a steady sound is taken away")), 0.9)
