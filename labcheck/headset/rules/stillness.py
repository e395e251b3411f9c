"""What is heard while nobody plays: noise, hum, DC. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.causes import Cause
from labcheck.headset.rules.said import STEPS_DBFS, Said, Seen, compared, unknown
from labcheck.headset.words import decibels
from labcheck.phrase import phrase


def stillness(seen: Seen) -> Iterator[Said]:
    """Noise, hum, DC."""
    limits, found = seen.limits, seen.measures
    if not math.isfinite(found.noise_dbfs) or not math.isfinite(found.dc):
        yield unknown(Check.STILLNESS)
        return
    step = found.noise_step_db  # a device that is silent while it starts has no noise yet
    if found.first_dbfs > STEPS_DBFS and not abs(step) < limits.noise_step_db:
        yield unknown(Check.STILLNESS, phrase(N_("the noise changed by {step}"), step=decibels(step)))
    said = phrase(N_("noise {noise}"), noise=decibels(found.noise_dbfs))
    limit = phrase(N_("noise below {limit}"), limit=decibels(limits.noise_dbfs))
    hum = limits.hum_dbfs - found.hum_dbfs
    if hum >= 0 or found.hum_dbfs < found.noise_dbfs - 3:  # else the noise is the hum
        yield compared(Check.STILLNESS, Cause.NOISE, limits.noise_dbfs - found.noise_dbfs, 1.0, said, limit)
    hums = phrase(N_("hum {hum}"), hum=decibels(found.hum_dbfs))
    yield compared(
        Check.STILLNESS,
        Cause.HUM,
        hum,
        1.0,
        hums,
        phrase(N_("hum below {limit}"), limit=decibels(limits.hum_dbfs)),
    )
    shifted = phrase(N_("shifted by {percent} % of full scale"), percent=round(min(abs(found.dc), 1.0) * 100))
    small = phrase(N_("shifted by at most {percent} %"), percent=round(limits.dc * 100))
    ratio = 20 * math.log10(limits.dc / max(abs(found.dc), 1e-6))
    yield compared(Check.STILLNESS, Cause.DC_OFFSET, ratio, 1.0, shifted, small)
