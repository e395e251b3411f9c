"""How loud a recording is, and whether its tops were cut off.

Levels are dBFS: 20 lg of the RMS (or the peak), full scale = 1, so that a sine of full scale has -3.01 dBFS
RMS. That is the dBov of ITU-T G.100.1, not the dBFS of AES17, which is 3.01 dB higher.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.floating[Any]]
"""Samples, full scale = 1: single precision for recordings, whose 16 bits fit in exactly."""
NAN = float("nan")
LEAST_DB = -150.0
"""Nothing lower is told: a single bit in a minute of 16-bit samples has -155 dBFS."""
LSB = 1 / 32768
"""One step of a 16-bit converter, full scale = 1."""
_RAIL = 1 - 1.5 * LSB
"""At and above it a sample is at the converter's limit: -32768, -32767 and 32767 of 16 bit."""
_RUN = 3
"""Consecutive samples that make a clip: two may be the two sides of a true top."""
_FLAT = 0.01
"""Height of the top layer in which flat tops gather, relative to the peak."""
_PILE = 6.0
"""Samples in the top layer over samples in the next below it. A sine has 2.4, speech and noise less than 1, a
sine cut at 97 % of its height 8, at 90 % 23 (arcsine distribution)."""
_LOUD = 330 * LSB
"""Below it a layer is thinner than three steps of the converter, and shapes of tops cannot be told."""


@dataclass(frozen=True, slots=True)
class Level:
    """How loud, and how much of it is cut off."""

    peak: float
    """The loudest sample, dBFS."""
    rms: float
    """DC included, dBFS."""
    crest: float
    """Peak over RMS without DC, dB: 3.01 for a sine, about 12 for noise and more for speech."""
    clips: int
    """Runs of at least three samples at the converter's limit."""
    clipped: float
    """Share of all samples that are in such runs, 0...1."""
    longest: int
    """Frames of the longest of them."""
    flat: float
    """Share of all samples in tops cut off below full scale (by an amplifier or a limiter), 0...1."""
    ceiling: float
    """Where those tops are, dBFS; nan: there are none."""


UNKNOWN = Level(NAN, NAN, NAN, 0, NAN, 0, NAN, NAN)


def decibels(power: float) -> float:
    """10 lg, not below :data:`LEAST_DB`; nan stays nan."""
    if math.isnan(power):
        return NAN
    return max(LEAST_DB, 10 * math.log10(power)) if power > 0 else LEAST_DB


def measure(samples: Wave) -> Level:
    """All of it; ``samples`` is (n,), full scale = 1. Nothing can be said of no samples."""
    if not samples.size:
        return UNKNOWN
    size = np.abs(samples)
    peak = float(size.max())
    lengths = runs(size >= _RAIL)[1]
    lengths = lengths[lengths >= _RUN]
    flat, ceiling = _flat(samples)
    return Level(
        peak=decibels(peak**2),
        rms=decibels(float(np.mean(samples**2))),
        crest=_crest(samples),
        clips=len(lengths),
        clipped=int(lengths.sum()) / samples.size,
        longest=int(lengths.max(initial=0)),
        flat=flat,
        ceiling=ceiling,
    )


def median(values: NDArray[Any]) -> float:
    """As numpy's, of (n,) without nan: there are thousands of short ones in a recording, and numpy's own
    looks at each for longer than it sorts it. nan of nothing."""
    half, odd = divmod(values.size, 2)
    if not values.size:
        return NAN
    parted = np.partition(values, half)
    return float(parted[half]) if odd else (float(parted[half]) + float(parted[:half].max())) / 2


def runs(held: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First index and length of each run of True."""
    edges = np.flatnonzero(np.diff(held, prepend=False, append=False))
    return edges[::2], edges[1::2] - edges[::2]


def _crest(samples: Wave) -> float:
    moving = samples - samples.mean()
    power = float(np.mean(moving**2))
    if power <= (LSB / 1000) ** 2:
        return NAN
    return decibels(float(np.max(moving**2)) / power)


def _flat(samples: Wave) -> tuple[float, float]:
    """Share of samples in flat tops below the rail, on either side, and how high they are in dBFS."""
    moving = samples - samples.mean()
    found = 0
    heights: list[float] = []
    for side in (moving, -moving):
        peak = float(side.max())
        if peak < _LOUD or float(np.abs(samples).max()) >= _RAIL:
            continue
        top, next_below = side >= peak * (1 - _FLAT), side >= peak * (1 - 2 * _FLAT)
        lengths = runs(top)[1]
        in_runs = int(lengths[lengths >= _RUN].sum())
        below = int(next_below.sum()) - int(top.sum())
        # Ten tops at the least: one click or one short thump proves nothing.
        if (lengths >= _RUN).sum() >= 10 and in_runs > _PILE * max(below, 1):
            found += in_runs
            heights.append(peak)
    return found / samples.size, decibels(max(heights) ** 2) if heights else NAN
