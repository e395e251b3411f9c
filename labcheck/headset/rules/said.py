"""What rules look at and what they say. Pure.

A rule gives a :class:`Said` for each cause that it can tell of: PASS, FAIL, WARN or NOT_CHECKED with what was
measured and the limit; nothing at all where it does not apply. ``distance`` is how far the value lies on the
good side, in units in which ``error`` is its standard error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from labcheck.finding import Check
from labcheck.headset.acoustics import Ear, Measures
from labcheck.headset.causes import Cause
from labcheck.headset.limits import Calibration, Limits
from labcheck.headset.matrix import Row
from labcheck.headset.words import UNKNOWN
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING, Phrase

STEPS_DBFS = -85.0
"""Below it noise is as small as the converter's steps: it holds one value for long, and follows no gain."""


_HUMS_DB = 20.0
"""Over the noise between its lines; up to 16 dB where all is well."""
_LOW, _FEWEST_LOW = 10, 3


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules look at."""

    measures: Measures
    limits: Limits
    row: Row | None
    calibration: Calibration | None

    @property
    def ears(self) -> tuple[Ear, Ear]:
        """Left and right."""
        return self.measures.left, self.measures.right

    @property
    def both(self) -> bool:
        """Whether both ears are heard."""
        return bool(self.measures.left.heard and self.measures.right.heard)

    @property
    def any(self) -> bool:
        """Whether either is."""
        return bool(self.measures.left.heard or self.measures.right.heard)

    @property
    def lost(self) -> bool:
        """Whether frames went missing: what follows comes too early, or blocks came late."""
        return self.measures.jump_ms > self.limits.jump_ms or self.lost_blocks

    @property
    def lost_blocks(self) -> bool:
        """Whether blocks came late, by the agent's clock."""
        return self.measures.lost_ms > self.limits.lost_ms

    @property
    def loud(self) -> bool:
        """Whether noise or hum are too loud for all that is heard low or late."""
        found, limits = self.measures, self.limits
        hums = found.hum_dbfs > limits.hum_dbfs or found.hum_over_noise_db > _HUMS_DB
        return hums or found.noise_dbfs > limits.noise_dbfs

    @property
    def louder_db(self) -> float:
        """Gain of the louder ear; nan when neither is heard."""
        gains = [ear.gain_db for ear in self.ears if ear.heard and not math.isnan(ear.gain_db)]
        return max(gains, default=math.nan)


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says of one cause."""

    check: Check
    cause: Cause
    outcome: Outcome
    measured: Phrase
    limit: Phrase = NOTHING
    margin: float | None = None
    confidence: float = 1.0


def low_heard(ear: Ear) -> bool:
    """Whether enough of an ear's ten low third octaves, 100 to 800 Hz, stand out of noise to tell its sign:
    all of 1507 good simulated headsets that are not murky have six and more of either ear."""
    return sum(over > 0 for over in ear.over_noise_db[:_LOW]) >= _FEWEST_LOW


Rule = Callable[[Seen], Iterator[Said]]


def compared(
    check: Check,
    cause: Cause,
    distance: float,
    error: float,
    measured: Phrase,
    limit: Phrase,
    scale: float = 6.0,
) -> Said:
    """A value against its limit; nan: not checked. ``scale``: a distance that is twice as good."""
    if not math.isfinite(distance):
        return Said(check, Cause.NOT_MEASURABLE, Outcome.NOT_CHECKED, UNKNOWN, limit, None, 0.0)
    outcome = Outcome.PASS if distance >= 0 else Outcome.FAIL
    sure = math.erf(abs(distance) / max(error, 1e-6) / math.sqrt(2))
    return Said(check, cause, outcome, measured, limit, distance / scale, sure)


def failed(check: Check, cause: Cause, measured: Phrase, confidence: float, limit: Phrase = NOTHING) -> Said:
    """It holds."""
    return Said(check, cause, Outcome.FAIL, measured, limit, None, confidence)


def unknown(check: Check, measured: Phrase = UNKNOWN) -> Said:
    """It cannot be told."""
    return Said(check, Cause.NOT_MEASURABLE, Outcome.NOT_CHECKED, measured, NOTHING, None, 0.0)
