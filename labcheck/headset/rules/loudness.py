"""How loud it is, and whether its tops are cut off. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.causes import Cause
from labcheck.headset.rules.said import Said, Seen, compared, failed, unknown
from labcheck.headset.words import UNKNOWN, decibels
from labcheck.phrase import phrase


def loudness(seen: Seen) -> Iterator[Said]:
    """Too quiet, too loud, clipping."""
    limits, found, louder = seen.limits, seen.measures, seen.louder_db
    if found.clipped is not None and (found.clipped > 20 or found.flat > 5e-5):
        yield failed(Check.LOOP_LEVEL, Cause.CLIPPING, phrase(N_("the tops are cut off")), 0.95)
    said = phrase("{gain}", gain=decibels(louder)) if not math.isnan(louder) else UNKNOWN
    low, high = limits.least_gain_db, limits.most_gain_db
    if seen.calibration is not None:
        low = max(low, seen.calibration.louder_db - limits.model_db)
        high = min(high, seen.calibration.louder_db + limits.model_db)
    limit = phrase(N_("{low} to {high}"), low=decibels(low), high=decibels(high))
    if math.isnan(louder):
        yield unknown(Check.LOOP_LEVEL)
        return
    yield compared(Check.LOOP_LEVEL, Cause.TOO_QUIET, louder - low, 1.0, said, limit)
    yield compared(Check.LOOP_LEVEL, Cause.TOO_LOUD, high - louder, 1.0, said, limit)
