"""What stays while nobody plays: before the stimulus comes, and after its last tone.

It tells whether it is one microphone all the time: its noise is the same before and after, in every band. A
voice can have its pitch at the mains' multiples for half a second, in one of them; hum is in both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from labcheck.headset.acoustics import hum, noise
from labcheck.headset.acoustics.level import NAN, Wave
from labcheck.headset.acoustics.measures import Measures
from labcheck.headset.recording import RATE
from labcheck.headset.signals import Stimulus

_SETTLED_SECONDS = 0.02
"""Left out at both ends: converters that start, a stimulus that comes earlier than it was found."""
_HIGH = slice(-3, None)
"""Of noise.OCTAVES_HZ: from 2 to 8 kHz, where voices leave every microphone's noise bare now and then."""


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


def noise_step(samples: Wave, rate: int, ranges: Sequence[tuple[int, int]]) -> float:
    """By how many dB all high bands of the noise are louder in the last stretch than in the first, at the
    least, or quieter (negative); 0: not all of them are; nan: not known."""
    first, last = (np.array(noise.measure(samples, rate, [each]).octaves[_HIGH]) for each in ranges)
    steps = last - first
    if not np.isfinite(steps).all():
        return NAN
    return float(max(steps.min(), 0.0) + min(steps.max(), 0.0))
