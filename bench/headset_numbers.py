"""Of each measure that the bench draws a curve of: its number in one recording, and the threshold we ship.

More is worse everywhere; nan: it could not be measured. This stands apart from bench/headsets/, which must
not know how we measure.
"""

from __future__ import annotations

import math

from bench.headsets import others
from bench.headsets.roc import Panel
from labcheck.headset.acoustics import Ear, Measures
from labcheck.headset.causes import Cause
from labcheck.headset.limits import Limits
from labcheck.headset.matrix import Row

LIMITS = Limits()
_DEAD = frozenset({Cause.SILENT, Cause.NOTHING_HEARD, Cause.DEAD_LEFT, Cause.DEAD_RIGHT})
_SURE_OF_ONE, _BENT, _LATE, _BREATHING_DB, _INVERTED = 0.93, 0.05, 0.063, 0.75, 0.5
"""As in labcheck/headset/rules/, where errors of the measures are allowed for, too."""
PANELS = (
    Panel("unheard", "an ear is not heard", _DEAD, 0.0, tuple(others.RULES)),
    Panel("quiet", "too quiet", frozenset({Cause.TOO_QUIET}), -LIMITS.least_gain_db),
    Panel("loud", "too loud", frozenset({Cause.TOO_LOUD}), LIMITS.most_gain_db),
    Panel("bent", "distortion of the probes", frozenset({Cause.DISTORTION}), _BENT),
    Panel("noise", "noise", frozenset({Cause.NOISE}), LIMITS.noise_dbfs),
    Panel("hum", "hum", frozenset({Cause.HUM}), LIMITS.hum_dbfs),
    Panel("missing", "dropouts", frozenset({Cause.DROPOUTS}), 0.5),
    Panel("breathing", "gain control: noise beside tones", frozenset({Cause.GAIN_CONTROL}), _BREATHING_DB),
    Panel("one ear", "both ears are one", frozenset({Cause.MONO}), _SURE_OF_ONE),
    Panel("inverted", "an ear is inverted", frozenset({Cause.POLARITY}), _INVERTED),
    Panel("late", "the room's answer", frozenset({Cause.WRONG_DEVICE}), _LATE),
    Panel("neighbour", "another seat is heard", frozenset({Cause.LOUD_NEIGHBOUR}), LIMITS.neighbour_db),
)


def numbers(measures: Measures, row: Row | None) -> dict[str, float]:
    """Each panel's."""
    ears = measures.left, measures.right
    louder = max((ear.gain_db for ear in ears if ear.heard), default=math.nan)
    return {
        "unheard": max(map(_below, ears)),
        "quiet": -louder,
        "loud": louder,
        "bent": _surely(measures.bent),
        "noise": measures.noise_dbfs,
        "hum": measures.hum_dbfs,
        "missing": _missing(measures),
        "breathing": -measures.breathing_db,
        "one ear": measures.one_ear[0],
        "inverted": -measures.low_sign,
        "late": _surely(measures.late),
        "neighbour": math.nan if row is None else row.loudest[1] - row.own_db,
    }


def _surely(measured: tuple[float, float]) -> float:
    """Three standard errors less."""
    value, error = measured
    return value - 3 * error


def _below(ear: Ear) -> float:
    """By how many dB an ear's peak is short of what is no chance; all of it where nothing is recorded."""
    return 20.0 if math.isnan(ear.peak_db) else ear.threshold_db - ear.peak_db


def _missing(measures: Measures) -> float:
    """How much sound is missing, by all signs of it together."""
    counts = (measures.gaps, measures.repeats, measures.held, measures.copies, measures.breaks)
    late = measures.jump_ms > LIMITS.jump_ms or measures.lost_ms > LIMITS.lost_ms
    return float(sum(count or 0 for count in counts) + late)
