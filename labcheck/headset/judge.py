"""From measures to findings: each with value, limit, margin, how sure it is, cause and what to do.

Several causes may hold. The first of :data:`PRECEDENCE` is the one that is named: what explains others comes
before them (a microphone that is silent hears no ear; a wrong rate hides the probes; gain control makes noise
loud). Good is only what was measured and is good: what could not be measured is NOT_CHECKED.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labcheck.finding import Check, Finding
from labcheck.headset.acoustics import Measures
from labcheck.headset.causes import Cause
from labcheck.headset.limits import Calibration, Limits
from labcheck.headset.matrix import Row
from labcheck.headset.rules import RULES, Said, Seen, unknown
from labcheck.headset.words import remedy
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING

CHECKS = (
    Check.EARS,
    Check.CHANNELS,
    Check.LOOP_LEVEL,
    Check.STILLNESS,
    Check.SOUND_QUALITY,
    Check.STREAM,
    Check.NEIGHBOURS,
)
"""What every headset is checked for, in this order."""
PRECEDENCE = (
    Cause.SILENT,
    Cause.LOOPBACK,
    Cause.DEVICE_CHANGED,
    Cause.WRONG_RATE,
    Cause.OTHER_SEATS_PLUG,
    Cause.WRONG_DEVICE,
    Cause.NOTHING_HEARD,
    Cause.CLIPPING,
    Cause.SUPPRESSION,
    Cause.GAIN_CONTROL,
    Cause.DROPOUTS,
    Cause.DEAD_LEFT,
    Cause.DEAD_RIGHT,
    Cause.MONO,
    Cause.DRIFT,
    Cause.DISTORTION,
    Cause.TOO_LOUD,
    Cause.TOO_QUIET,
    Cause.LOUD_NEIGHBOUR,
    Cause.NARROW,
    Cause.SWAPPED,
    Cause.POLARITY,
    Cause.NOISE,
    Cause.HUM,
    Cause.DC_OFFSET,
    Cause.NOT_MEASURABLE,
)
_ALONE = Check.NEIGHBOURS
"""Checked only where other seats took part."""


def judge(
    measures: Measures, limits: Limits, row: Row | None = None, calibration: Calibration | None = None
) -> tuple[Finding, ...]:
    """A finding for each of :data:`CHECKS`; for neighbours only with ``row``. Raises nothing."""
    said = [one for rule in RULES for one in rule(Seen(measures, limits, row, calibration))]
    checks = [check for check in CHECKS if check is not _ALONE or row is not None]
    return tuple(_finding(check, [one for one in said if one.check is check]) for check in checks)


def primary(findings: Iterable[Finding]) -> Cause | None:
    """The cause that is named first: of those that failed, else of what is not checked; None: all is well."""
    found = list(findings)
    for outcome in (Outcome.FAIL, Outcome.NOT_CHECKED):
        causes = [one.cause for one in found if one.outcome is outcome and one.cause is not None]
        if causes:
            return min(causes, key=PRECEDENCE.index)
    return None


def _finding(check: Check, said: Sequence[Said]) -> Finding:
    one = min(said, key=_weight) if said else unknown(check)
    good = one.outcome.good
    return Finding(
        one.check,
        one.outcome,
        one.measured,
        one.limit,
        one.margin,
        NOTHING if good else remedy(one.cause),
        round(one.confidence, 3),
        None if good else one.cause,
    )


def _weight(said: Said) -> tuple[int, float]:
    """What failed first, in the order of precedence; then what is not checked; then what is just good."""
    order = {Outcome.FAIL: 0, Outcome.NOT_CHECKED: 1, Outcome.WARN: 2, Outcome.PASS: 3}[said.outcome]
    return order, float(PRECEDENCE.index(said.cause)) if order == 0 else (said.margin or 0.0)
