"""Whether everything came, in its time: gaps, rate, clock. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.causes import Cause
from labcheck.headset.rules.moving import lively, suppressed
from labcheck.headset.rules.said import STEPS_DBFS, Said, Seen, compared, failed, unknown
from labcheck.outcome import Outcome
from labcheck.phrase import phrase

_THERE, _SIGMAS = 0.5, 3.0
"""Of a tone's end, that it is there."""
_NOT_FOUND_ERROR = 0.3
"""Of the gain of 10 ms, where a tone as a whole is not found; it was 0.37 where a player had stopped for a
third of a tone (simulated)."""
_CHANCE = 2.5
"""Standard errors that other seats' tones make of an end."""
_SURELY = 4.0
"""Standard errors that nothing makes of it, however large they are."""
_SURE_MS, _SURE_DB = 1.0, 8.0
"""So exactly known, of a tone that stands so far over all else, a moment that is wrong is a gap and no
voice."""


def stream(seen: Seen) -> Iterator[Said]:
    """Gaps, rate, clock."""
    found, limits = seen.measures, seen.limits
    if not seen.any:
        yield unknown(Check.STREAM)
        return
    limit = phrase(N_("no gaps"))
    if found.rate_ratio > 0.01 and abs(found.rate_ratio - 1) > 0.01:
        said = phrase(N_("recorded at {percent} % of the speed"), percent=round(100 / found.rate_ratio))
        yield failed(Check.STREAM, Cause.WRONG_RATE, said, 0.99)
        return
    # What is hardly heard, or is taken away, has gaps that are none.
    faint = suppressed(seen) or lively(found) or seen.loud or seen.louder_db < limits.least_gain_db
    gaps = (0 if faint else found.gaps or 0) + (found.repeats or 0) + int(seen.lost)
    if gaps:
        yield failed(Check.STREAM, Cause.DROPOUTS, phrase(N_("{count} gaps"), count=gaps), 0.95, limit)
    elif not _seen_throughout(seen):
        yield unknown(Check.STREAM)
    else:
        yield Said(Check.STREAM, Cause.DROPOUTS, Outcome.PASS, phrase(N_("no gaps")), limit, 1.0, 0.99)
    if not math.isfinite(found.drift_ppm):
        yield unknown(Check.STREAM)
        return
    said = phrase(N_("{ppm} ppm"), ppm=round(found.drift_ppm))
    allowed = phrase(N_("at most {ppm} ppm"), ppm=round(limits.drift_ppm))
    distance = limits.drift_ppm - abs(found.drift_ppm)
    yield compared(Check.STREAM, Cause.DRIFT, distance, 20.0, said, allowed, limits.drift_ppm)


def short_gaps(seen: Seen) -> Iterator[Said]:
    """Runs of one value, blocks that came twice, holes and jumps of the tones."""
    found = seen.measures
    held = (found.held or 0) if found.still_noise_dbfs > STEPS_DBFS else 0
    count = held + (found.copies or 0) + (found.breaks or 0) or int(_surely_late(seen))
    if seen.any and count:
        said = phrase(N_("{count} gaps"), count=count)
        yield failed(Check.STREAM, Cause.DROPOUTS, said, 0.95, phrase(N_("no gaps")))


def _seen_throughout(seen: Seen) -> bool:
    """Whether a gap of 10 ms would show in all of it, or in both probes, and one of 20 ms in the tones."""
    found, limits = seen.measures, seen.limits
    probes = max((ear.track_error for ear in seen.ears if ear.heard), default=math.nan)
    value, error = found.last_tone
    if found.breaks is None or not _in_time(seen):
        return False
    if math.isnan(found.tone_dbfs) and not value > _THERE + _SIGMAS * error:
        return False  # neither as a whole, between knocks, nor at its end
    most = limits.tone_gap_error if probes < limits.part_error else limits.gap_error
    if math.isnan(found.tone_over_noise_db):  # gaps may have taken it away
        most = min(most, _NOT_FOUND_ERROR)
    return found.track_error < most


def _in_time(seen: Seen) -> bool:
    """Whether the last tone ends no earlier than it must. Where a knock hides that, whether the ears change
    when they must: what is lost after that only its phase tells. Half as much will do where both are early:
    no voice is that twice."""
    limits, ends, change = seen.limits, seen.measures.tone_ends, seen.measures.ears_change
    if not seen.both:
        return True
    early, error = ends if ends[1] < limits.edge_error_ms else change
    if not error < limits.edge_error_ms or _early(early, error, limits.edge_ms):
        return False
    both = _early(*ends, limits.both_edges_ms) and _early(*change, limits.both_edges_ms)
    return not both and not ends[0] > max(limits.edge_ms, _SURELY * ends[1])


def _early(early: float, error: float, limit: float) -> bool:
    """By more than ``limit`` ms, and than chance makes of it; of what is not known, that it is not."""
    return early >= max(limit, _CHANCE * error)


def _surely_late(seen: Seen) -> bool:
    """Or early; of what nothing turns up or down, which would be its own finding."""
    found, (early, error) = seen.measures, seen.measures.tone_ends
    exact = error < _SURE_MS and found.tone_over_noise_db > _SURE_DB
    return exact and abs(early) > seen.limits.clear_edge_ms and not suppressed(seen) and not lively(found)
