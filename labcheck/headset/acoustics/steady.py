"""What the tracks of both probes and the tone say together: gaps, gain control, suppression."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labcheck.headset.acoustics.course import Track
from labcheck.headset.acoustics.level import Wave, runs

_MISSING = 0.55
"""A frame with less than this gain lacks sound; one that a gap of 10 ms covers by three quarters has 0.25."""
_SURE = 5.0
"""Standard errors below 1: by chance one of 3 million frames; a recording has 900."""
_MISSING_TONE = 0.65
"""The tone's filter is slower: 10 ms without it leave 0.5."""
_SURE_OF_TONE = 6.5
"""What others leave is not quite noise."""
_ALONE = 2.5
"""So many more where one frame alone says it: syllables are not quite noise, either."""
_TOGETHER = (32, 16, 8, 4)
"""Frames that are looked at together: a longer gap shows also where noise hides each frame of it."""
_NOISE, _NOISE_OF_TONE = 0.26, 0.2
"""... but not where it is so loud that it hides itself what it is."""
SHORTEST_MS = 10.0
_STEP_MS = 5.0


@dataclass(frozen=True, slots=True)
class Steady:
    """nan and None: there was nothing to look at."""

    gaps: int | None
    """Stretches in which sound is missing."""
    gap_ms: float
    """All of them together."""
    error: float
    """Standard error of a frame's gain, the worst track's median: above 0.15 a gap of 10 ms may be missed."""
    spread: float
    """How much more the gain varies than noise explains; 1: nothing changes."""
    onset_db: float
    """The first 100 ms over what follows, the largest of the tracks."""
    onset_error_db: float
    sinks_db: float
    """The first fifth over the last half, less two standard errors, the largest of the tracks."""


def steady(probes: Sequence[Track], tones: Sequence[Track]) -> Steady:
    """Of the tracks that there are. In the tones only gaps are looked for."""
    probes = [track for track in probes if track.gains.size]
    both = [(track, _MISSING, _SURE, 2, _NOISE) for track in probes]
    both += [(track, _MISSING_TONE, _SURE_OF_TONE, 3, _NOISE_OF_TONE) for track in tones if track.gains.size]
    if not probes:
        return Steady(None, math.nan, math.nan, math.nan, math.nan, math.nan, math.nan)
    gaps, frames = 0, 0
    for track, least, sure, run, noise in both:
        missing = (np.abs(track.gains) < least) & (track.gains + sure * track.errors < 1)
        starts, lengths = runs(missing)
        alone = 1 - track.gains[starts] > (sure + _ALONE) * track.errors[starts]
        kept = lengths >= run if run > 2 else (lengths >= run) | alone
        gaps += int(kept.sum())
        frames += int(lengths[kept].sum())
        if not kept.any() and np.median(track.errors) < noise:
            longer = _longest(track, least)
            gaps += int(longer > 0)
            frames += longer
    onset, onset_error = max((_over(track, 0.04, 0.2) for track in probes), key=lambda pair: pair[0])
    sinks = [value - 2 * error for value, error in (_over(track, 0.2, 0.5) for track in probes)]
    return Steady(
        gaps=gaps,
        gap_ms=frames * _STEP_MS,
        error=max(float(np.median(track.errors)) for track, *_how in both),
        spread=max(track.spread() for track in probes),
        onset_db=onset,
        onset_error_db=onset_error,
        sinks_db=max(sinks, default=math.nan),
    )


def _longest(track: Track, least: float) -> int:
    """The most frames in which sound is missing as far as they tell together; 0: in none."""
    count = len(track.gains)
    for size in (size for size in _TOGETHER if size <= count):
        ones = np.ones(size)
        means = np.convolve(track.gains, ones, "valid") / size
        errors = np.sqrt(2 * np.convolve(track.errors**2, ones, "valid")) / size  # frames overlap by half
        if np.any((np.abs(means) < least) & (means + _SURE_OF_TONE * errors < 1)):
            return size
    return 0


def _over(track: Track, until: float, after: float) -> tuple[float, float]:
    """The begin over the rest, dB, and the error of it."""
    first, error = track.part(0.0, until)
    rest, _small = track.part(after, 1.0)
    level = 20 * math.log10(max(first, 0.01) / max(rest, 0.01))
    return level, 8.7 * error / max(first, 0.1)


def still_tail(samples: Wave, rate: int) -> float:
    """Seconds for which the recording ends in one and the same value."""
    moving = np.flatnonzero(np.diff(samples))
    last = int(moving[-1]) + 1 if moving.size else 0
    return (len(samples) - last - 1) / rate if len(samples) else math.nan


def repeats(samples: NDArray[Any], rate: int) -> int:
    """Places at which 10 ms and more come again bit for bit, or do not change: a driver that had nothing.

    Blocks are looked for at the distances that drivers use, 5 to 20 ms; where the recording hardly moves,
    sameness is no sign."""
    found = 0
    for seconds in (0.005, 0.01, 0.02):
        lag = round(seconds * rate)
        firsts, lengths = runs(samples[lag:] == samples[:-lag])
        long = lengths >= 0.009 * rate
        found += any(
            len(np.unique(samples[first : first + length + lag])) > 20
            or _frozen(samples, first, first + length, lag)
            for first, length in zip(firsts[long].tolist(), lengths[long].tolist(), strict=True)
        )
    return found


def _frozen(samples: NDArray[Any], first: int, end: int, lag: int) -> bool:
    """Whether a still stretch lies between moving ones."""
    around = samples[max(first - 4 * lag, 0) : first], samples[end + lag : end + 5 * lag]
    return all(len(np.unique(piece)) > 20 for piece in around)
