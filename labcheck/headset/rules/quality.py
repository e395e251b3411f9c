"""How it sounds: band and distortion. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.acoustics import CENTRES_HZ, Ear
from labcheck.headset.causes import Cause
from labcheck.headset.rules.said import Said, Seen, compared, failed, unknown
from labcheck.headset.words import decibels
from labcheck.phrase import phrase

_BENT = 0.05
"""As for the tone: 5 %. At most 2 % for good drivers, 18 % for torn ones; cut at the tone's tops: 7 %."""
_SIGMAS = 3.0
_FLOOR_DB = 6.0
"""Harmonics that stand so much over what noise makes of them are there."""


def quality(seen: Seen) -> Iterator[Said]:
    """Band, distortion of the tones."""
    if not seen.any:
        yield unknown(Check.SOUND_QUALITY)
        return
    found, limits = seen.measures, seen.limits
    yield from _band(seen)
    distorted = phrase(N_("distortion {percent} %"), percent=_percent(found.thd_db))
    limit = phrase(N_("distortion below {percent} %"), percent=_percent(limits.thd_db))
    distance = limits.thd_db - found.thd_db
    if not distance > 0 or not found.thd_floor_db < limits.thd_floor_db:
        # Noise, or a resonance that lifts a harmonic, or another seat's tone on it: ask the probes.
        near = found.thd_db < found.thd_floor_db + _FLOOR_DB
        straight = _straight(seen, _BENT if distance < 0 and not near else limits.torn)
        distance = straight if straight > 0 or near or not distance < 0 else distance
    yield compared(Check.SOUND_QUALITY, Cause.DISTORTION, distance, 1.5, distorted, limit)


def _straight(seen: Seen, limit: float) -> float:
    """By how many dB the probes are surely less bent than a driver may bend them; nan when they may be.
    They have every frequency of the tone in them, and are louder: what bends it bends them."""
    value, error = seen.measures.bent
    most = max(value + 3 * error, 1e-6)
    return -20 * math.log10(most / limit) if most < limit else math.nan


def bent(seen: Seen) -> Iterator[Said]:
    """Tops cut off above the tone, or another distortion that only the probes show."""
    value, error = seen.measures.bent
    if value - _SIGMAS * error > _BENT:
        said = phrase(N_("distortion {percent} %"), percent=round(100 * value))
        limit = phrase(N_("distortion below {percent} %"), percent=round(100 * _BENT))
        yield failed(Check.SOUND_QUALITY, Cause.DISTORTION, said, 0.99, limit)


def _percent(level_db: float) -> int:
    return round(100 * 10 ** (min(level_db, 20.0) / 20)) if math.isfinite(level_db) else 0


def _band(seen: Seen) -> Iterator[Said]:
    limit = phrase(N_("sound up to {hertz} Hz"), hertz=6300)
    tops = [_top(ear) for ear in seen.ears if ear.heard]
    known = [top for top in tops if not math.isnan(top)]
    if not known:
        yield unknown(Check.SOUND_QUALITY)
        return
    distance = max(known) - seen.limits.high_cut_db
    said = phrase(N_("at 6.3 kHz {level}"), level=decibels(max(known)))
    yield compared(Check.SOUND_QUALITY, Cause.NARROW, distance, 2.0, said, limit)


def _top(ear: Ear) -> float:
    """The better third octave of 6.3 and 8 kHz against the best from 1 to 2.5 kHz, dB; nan when noise hides
    so much that it cannot be told."""
    level = dict(zip(CENTRES_HZ, ear.response_db, strict=True))
    floor = dict(zip(CENTRES_HZ, ear.floor_db, strict=True))
    middle = [
        level[hertz] for hertz in (1000.0, 1250.0, 1600.0, 2000.0, 2500.0) if not math.isnan(level[hertz])
    ]
    if not middle:
        return math.nan
    tops = {hertz: level[hertz] for hertz in (6300.0, 8000.0)}
    known = [value for value in tops.values() if not math.isnan(value)]
    hidden = max(floor[hertz] for hertz in tops)
    if known:
        return max(known) - max(middle)
    return math.nan if hidden > max(middle) - 34 else hidden - max(middle)
