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

_OWN_TOPS_DB = -8.0
"""Below it the probes, whose tops are at -3 dBFS, do not reach a ceiling: voices and knocks did ..."""
_HARDLY = 500
"""... now and then."""
_FAINT_DB = 2.0
"""So near to the lowest limit no healthy one was seen. What turns everything down from the first moment on, a
suppression that takes probes in noise for noise, looks like a volume, and like nothing else ..."""
_LOW_DB, _FIRST_DB = 13.0, 5.0
"""... but where it begins a moment after the recording: of 4431 good headsets none so near to the least level
was so much louder in the first quarter of a second than in pauses."""
_ONE_EAR_DB = 10.0
"""Where one ear alone is heard, it may be the quieter one."""


def loudness(seen: Seen) -> Iterator[Said]:
    """Too quiet, too loud, clipping."""
    limits, found, louder = seen.limits, seen.measures, seen.louder_db
    if found.clipped is not None and (found.clipped > 20 or found.flat > 5e-5):
        boosted = limits.most_gain_db < louder < _OWN_TOPS_DB and not found.flat > 5e-5
        boosted = boosted and found.clipped < _HARDLY
        cause = Cause.TOO_LOUD if boosted else Cause.CLIPPING
        yield failed(Check.LOOP_LEVEL, cause, phrase(N_("the tops are cut off")), 0.95)
    said = phrase("{gain}", gain=decibels(louder)) if not math.isnan(louder) else UNKNOWN
    low, high = limits.least_gain_db, limits.most_gain_db
    if seen.calibration is not None:
        low = max(low, seen.calibration.louder_db - limits.model_db)
        high = min(high, seen.calibration.louder_db + limits.model_db)
    if not seen.both:
        low -= _ONE_EAR_DB
    limit = phrase(N_("{low} to {high}"), low=decibels(low), high=decibels(high))
    if math.isnan(louder):
        yield unknown(Check.LOOP_LEVEL)
        return
    if 0 <= louder - low < _FAINT_DB or (seen.calibration is None and _sank(seen)):
        yield unknown(Check.LOOP_LEVEL, said)
    yield compared(Check.LOOP_LEVEL, Cause.TOO_QUIET, louder - low, 1.0, said, limit)
    yield compared(Check.LOOP_LEVEL, Cause.TOO_LOUD, high - louder, 1.0, said, limit)


def _sank(seen: Seen) -> bool:
    """Whether something may have turned it down from the first moment on."""
    first = seen.measures.first_dbfs - seen.measures.noise_dbfs
    return seen.louder_db < seen.limits.least_gain_db + _LOW_DB and first > _FIRST_DB
