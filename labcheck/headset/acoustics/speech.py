"""Active speech level and activity factor: ITU-T P.56 (12/2011), method B, clause 8.

The level of speech is that of the time in which somebody speaks, pauses within speech included, however
much silence is around it. An envelope (two exponential averages, 30 ms each) is held against thresholds 6 dB
apart, each with a hangover of 200 ms; the active level is where it lies 15.9 dB above the threshold that made
it.

Not a voice detector: steady noise is active all the time, and has its own level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import NAN, Wave, decibels

TIME_SECONDS = 0.03
"""Time constant of smoothing (8.3)."""
HANGOVER_SECONDS = 0.2
MARGIN_DB = 15.9
"""Between the active level and its threshold."""
THRESHOLDS = tuple(2.0**-number for number in range(15, 0, -1))
"""From one step of a 16-bit converter to half of full scale, rising."""
_LEAST_RATE = 600
"""The envelope needs so many samples a second (8.2)."""


@dataclass(frozen=True, slots=True)
class Speech:
    """nan: no samples, or nothing louder than the margin above the lowest threshold, -74.4 dBFS: P.56 has no
    level below that."""

    active: float
    """Active level, dBFS (the dBov of P.56): mean square over the active time alone."""
    long_term: float
    """Mean square over all the time, dBFS."""
    activity: float
    """Share of the time that is active, 0...1; 0 when nothing is."""


def measure(samples: Wave, rate: int) -> Speech:
    """Of ``samples`` (n,), full scale = 1. DC and what is below the voice should be filtered out before (P.56
    10.2: flat from 200 to 5500 Hz), see :func:`voice_band`."""
    if not samples.size or rate < _LEAST_RATE:
        return Speech(NAN, NAN, NAN)
    energy = float(samples @ samples)
    long_term = decibels(energy / samples.size)
    reached = _envelope(samples, rate)
    hangover = math.floor(HANGOVER_SECONDS * rate + 0.5)
    counts = [_active(reached >= threshold, hangover) for threshold in THRESHOLDS]
    level = _level(energy, counts)
    if math.isnan(level):
        return Speech(NAN, long_term, 0.0)
    return Speech(level, long_term, min(10 ** ((10 * math.log10(energy / samples.size) - level) / 10), 1.0))


def voice_band(samples: Wave, rate: int) -> Wave:
    """What lies between 200 and 5500 Hz, by Fourier transform; a tenth of an octave of fade at the ends."""
    if not samples.size:
        return samples
    spectrum = np.fft.rfft(samples)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(samples.size, 1 / rate), 1.0))
    low, high = math.log2(200), math.log2(5500)
    away = np.maximum(low - octaves, octaves - high)
    spectrum *= np.cos(np.pi / 2 * np.clip(away / 0.1, 0, 1)) ** 2
    return np.asarray(np.fft.irfft(spectrum, samples.size))


def _envelope(samples: Wave, rate: int) -> NDArray[np.float64]:
    """Process 2 of clause 8.2: p = g p + (1 - g) |x|, q = g q + (1 - g) p."""
    from scipy.signal import lfilter  # noqa: PLC0415 - a second of loading, for those who need it

    keep = math.exp(-1 / (rate * TIME_SECONDS))
    once = lfilter([1 - keep], [1, -keep], np.abs(samples))
    return np.asarray(lfilter([1 - keep], [1, -keep], once))


def _active(above: NDArray[np.bool_], hangover: int) -> int:
    """Samples above a threshold, and up to ``hangover`` after each time that it was."""
    where = np.flatnonzero(above)
    if not where.size:
        return 0
    after = np.diff(where, append=above.size) - 1
    return int(where.size + np.minimum(after, hangover).sum())


def _level(energy: float, counts: list[int]) -> float:
    """Where the level over the active time lies the margin above the threshold, between two thresholds in
    proportion (both in dB). nan: even the lowest threshold is less than the margin below: no speech."""
    before: tuple[float, float] | None = None
    for threshold, count in zip(THRESHOLDS, counts, strict=True):
        if not count:
            break
        level = 10 * math.log10(energy / count)
        over = level - 20 * math.log10(threshold) - MARGIN_DB
        if over <= 0:
            if before is None:
                return level if over == 0 else NAN
            share = before[1] / (before[1] - over)
            return before[0] + share * (level - before[0])
        before = level, over
    return NAN
