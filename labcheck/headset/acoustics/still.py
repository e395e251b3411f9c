"""What stays while nobody plays: before the stimulus comes, and after its last tone.

A voice can have its pitch at the mains' multiples for half a second, in one of them; hum is in both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from labcheck.headset.acoustics import hum
from labcheck.headset.acoustics.level import NAN, Wave
from labcheck.headset.acoustics.measures import Measures
from labcheck.headset.recording import RATE
from labcheck.headset.signals import Stimulus

_SETTLED_SECONDS = 0.02
"""Left out at both ends: converters that start, a stimulus that comes earlier than it was found."""


def stretches(found: Measures, samples: Wave, stimulus: Stimulus) -> tuple[tuple[int, int], ...]:
    """Frames of the recording [first, end): before the stimulus, and from its last silence to the end. Of
    those who started earlier no more is heard before than their murmur, which is as quiet as noise."""
    guard = round(_SETTLED_SECONDS * found.rate)
    scale = found.rate / RATE * found.rate_ratio
    last = round(found.start + stimulus.quiet[-1][0] * scale)
    return (guard, round(found.start) - guard), (last, len(samples) - guard)


def steady_hum(samples: Wave, rate: int, ranges: Sequence[tuple[int, int]]) -> hum.Hum:
    """The louder family of the stretch that has the least of it; nan: in none of them could it be looked
    for."""
    known = []
    for each in ranges:
        mains = hum.measure(samples, rate, [each])
        louder = mains.sixty if mains.sixty.level > mains.fifty.level else mains.fifty
        if not math.isnan(louder.level):
            known.append(louder)
    return min(known, key=lambda one: one.level, default=hum.Hum(NAN, NAN, NAN, ()))
