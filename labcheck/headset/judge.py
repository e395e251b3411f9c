"""From measures to findings: each with value, limit, margin, how sure it is, cause and what to do.

Several causes may hold; labcheck.headset.precedence says which is named. Good is only what was measured and
is good: what could not be measured is NOT_CHECKED.
"""

from __future__ import annotations

from collections.abc import Sequence

from labcheck.finding import Check, Finding
from labcheck.headset.acoustics import Measures
from labcheck.headset.limits import Calibration, Limits
from labcheck.headset.matrix import Row
from labcheck.headset.precedence import CHECKS, PRECEDENCE, primary
from labcheck.headset.rules import RULES, Said, Seen, unknown
from labcheck.headset.words import remedy
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING

__all__ = ["CHECKS", "PRECEDENCE", "judge", "primary"]

_ALONE = Check.NEIGHBOURS
"""Checked only where other seats took part."""


def judge(
    measures: Measures, limits: Limits, row: Row | None = None, calibration: Calibration | None = None
) -> tuple[Finding, ...]:
    """A finding for each of :data:`CHECKS`; for neighbours only with ``row``. Raises nothing."""
    said = [one for rule in RULES for one in rule(Seen(measures, limits, row, calibration))]
    checks = [check for check in CHECKS if check is not _ALONE or row is not None]
    return tuple(_finding(check, [one for one in said if one.check is check]) for check in checks)


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
