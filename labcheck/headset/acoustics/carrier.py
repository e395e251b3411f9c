"""A steady tone followed through time: its amplitude and phase every millisecond or so.

The band of 150 Hz on either side of the tone is cut out (raised-cosine edges, so that a step rings for 5 ms
and no longer). Tones of other seats lie in it, 7 Hz away and more; they are fitted and taken off. A line is
only taken for another seat's when it stands sharp out of its surroundings, because holes and jumps of the
tone itself give skirts, which must stay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import Wave, median

HALF_BAND_HZ = 150.0
SETTLE_SECONDS = 0.015
"""So much of either end is left out: the cut rings there."""
_PER_SECOND = 1000
_MOST_LINES = 16
_OWN_HZ = 4.0
_SHARP = 10 ** (15 / 20)
_WEAK = 10 ** (-40 / 20)
_ODD = 0.35
_LEAST_SECONDS = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Carrier:
    """The tone in a rotating frame."""

    first: int
    """Frame of the recording of the first value."""
    hop: float
    """Frames from value to value."""
    values: NDArray[np.complex128]
    """(n,): amplitude (full scale = 1) and phase relative to a tone of exactly ``hertz``."""
    hertz: float
    others: float
    """RMS of what was taken off as other tones, relative to the tone's."""

    def frame(self, index: float) -> int:
        """Of the recording."""
        return self.first + round(index * self.hop)


def follow(samples: Wave, rate: int, frames: tuple[int, int], hertz: float) -> Carrier | None:
    """The tone within the frames [first, end), in which it should sound throughout. None: too short."""
    first = max(frames[0], 0)
    part = samples[first : max(frames[1], first)]
    low, high = HALF_BAND_HZ * 1.5, rate / 2 - HALF_BAND_HZ * 1.5
    if len(part) < _LEAST_SECONDS * rate or not low < hertz < high:
        return None
    band, hop = _band(part, rate, hertz)
    values, others = _without_others(band, rate / hop)
    settle = math.ceil(SETTLE_SECONDS * rate / hop)
    kept = values[settle:-settle]
    level = median(np.abs(kept))
    return Carrier(first + round(settle * hop), hop, kept, hertz, others / level if level > 0 else math.inf)


def _band(part: Wave, rate: int, hertz: float) -> tuple[NDArray[np.complex128], float]:
    """The band about ``hertz`` as complex values at about :data:`_PER_SECOND`, turned to 0 Hz."""
    size = scipy.fft.prev_fast_len(len(part), real=True)  # a few frames fewer at its end
    spectrum = scipy.fft.rfft(part[:size] - part[:size].mean())
    count = max(round(size * _PER_SECOND / rate), 16)
    centre = round(hertz * size / rate)
    offset = np.arange(-(count // 2), count - count // 2)
    bins = centre + offset
    taken = np.where((bins > 0) & (bins < len(spectrum)), spectrum[np.clip(bins, 0, len(spectrum) - 1)], 0)
    away = np.abs(offset) * rate / size
    edge = np.clip((away - HALF_BAND_HZ) / (HALF_BAND_HZ / 2), 0, 1)
    values = np.fft.ifft(np.fft.ifftshift(taken * np.cos(np.pi / 2 * edge) ** 2)) * (2 * count / size)
    hop = size / count
    rest = hertz - centre * rate / size
    return values * np.exp(-2j * np.pi * rest * np.arange(count) * hop / rate), hop


def _without_others(band: NDArray[np.complex128], per_second: float) -> tuple[NDArray[np.complex128], float]:
    """The band without other steady tones, and their RMS. Looked at twice: a hole in the tone has skirts that
    draw the other tones aside, so at the second look it is filled with what the first look says."""
    filled, taken = band, np.zeros_like(band)
    for _look in range(2):
        own, taken = _tones(filled, per_second)
        left = np.abs(band - taken)
        usual = median(left)
        odd = np.abs(left - usual) > _ODD * usual
        if not odd.any():
            break
        filled = np.where(odd, own + taken, band)
    return band - taken, math.sqrt(float(np.mean(np.abs(taken) ** 2)))


def _tones(
    band: NDArray[np.complex128], per_second: float
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """The tone itself, and the sum of the others, one after the other from the loudest."""
    count, pad = len(band), 8
    window = np.hanning(count + 1)[:-1]
    hertz = np.fft.fftshift(np.fft.fftfreq(pad * count, 1 / per_second))
    apart = (np.abs(hertz) >= _OWN_HZ) & (np.abs(hertz) <= HALF_BAND_HZ)
    near, around = 3 * pad, round(15 * pad * count / per_second)  # bins of a line; of its surroundings
    time = (np.arange(count) - count / 2) / per_second
    columns = np.ones((count, 1), np.complex128)
    while True:
        lines = _fit(band, columns, window)
        left = (band - columns @ lines) * window
        size = np.abs(scipy.fft.fftshift(scipy.fft.fft(left, pad * count))) / window.sum() * apart
        best = int(np.argmax(size))
        beside = np.concatenate([size[max(best - around, 0) : best - near], size[best + near :][:around]])
        beside = beside[beside > 0]
        sharp = beside.size and size[best] >= max(_SHARP * median(beside), _WEAK * abs(lines[0]))
        if not sharp or columns.shape[1] > _MOST_LINES:
            return columns[:, 0] * lines[0], columns[:, 1:] @ lines[1:]
        columns = np.column_stack([columns, np.exp(2j * np.pi * hertz[best] * time)])


def _fit(
    band: NDArray[np.complex128], columns: NDArray[np.complex128], window: NDArray[np.float64]
) -> NDArray[np.complex128]:
    """Amplitudes and phases by weighted least squares; normal equations, for the lines lie apart."""
    weighed = np.conj(columns * window[:, None]).T
    return np.asarray(np.linalg.lstsq(weighed @ columns, weighed @ band, rcond=None)[0])
