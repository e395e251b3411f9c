"""Whether something turns the gain while one listens: gain control (AGC), gates, noise suppression.

An honest microphone has one gain, and its own noise is the same in pauses and beside a sound. Beside a tone
it is lower where gain is turned down by sound; in the pause it is lower where pauses are gated, and in
patches where a spectral gate closes band by band (the "musical noise" of Berouti, Schwartz & Makhoul 1979).

Each number has its standard error. No limits here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import LSB, NAN, Wave

_FEWEST = 8
_FRAME_SECONDS = 0.05
_BAND_HZ = (200.0, 8000.0)
_QUIETEST = 20.0
_CALM = 1.5
_EVEN_DB = -2.507
"""Mean of the logarithm of what is exponentially distributed, as the power of noise in a bin is, over the
logarithm of its mean: -10 lg e times Euler's 0.5772."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """The microphone's noise in pauses and beside a sound. nan: fewer than 0.25 s of either."""

    breathing: float
    """Noise beside the sound over noise in the pause, dB, the median over bins of 20 Hz. 0 is honest;
    negative is gain control, positive a gate or suppression. Lines (the tones of all seats) do not enter."""
    error: float
    """Standard error of it, dB; a room that itself changes is not in it."""
    patchy: float
    """How much more uneven the pause is in time and frequency than noise, dB: 0 to 0.5 for noise of any
    colour, more than 3 for a spectral gate."""


def pauses(
    samples: Wave,
    rate: int,
    quiet: Sequence[tuple[int, int]],
    sounding: Sequence[tuple[int, int]],
) -> Pauses:
    """Frames [first, end) in which nobody plays, and in which tones sound throughout."""
    pause, beside = _cells(samples, rate, quiet), _cells(samples, rate, sounding)
    patchy = _patchy(pause) if len(pause) else NAN
    if not len(pause) or not len(beside):
        return Pauses(NAN, NAN, patchy)
    own = LSB**2 / 12 / (rate * _FRAME_SECONDS / 2)  # rounding to 16 bit, in one bin
    floors = [np.maximum(_calm(cells).mean(axis=0), own) for cells in (pause, beside)]
    ratios = 10 * np.log10(floors[1] / floors[0])
    spread = 1.4826 * float(np.median(np.abs(ratios - np.median(ratios))))
    # The median of n normal values is 1.25 times less exact than their mean; bins are worth 1/1.5 (Hann).
    error = 1.25 * spread * math.sqrt(1.5 / len(ratios))
    return Pauses(float(np.median(ratios)), error, patchy)


def _cells(samples: Wave, rate: int, ranges: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """Power of the frames, (frames, bins) over 200 to 8000 Hz; none when there are fewer than 8 frames."""
    size = round(_FRAME_SECONDS * rate)
    first, last = (round(edge * size / rate) for edge in (_BAND_HZ[0], min(_BAND_HZ[1], 0.45 * rate)))
    window = np.hanning(size + 1)[:-1]
    frames = [
        piece[begin : begin + size] * window
        for start, end in ranges
        if (piece := samples[max(start, 0) : max(end, 0)]).size
        for begin in range(0, len(piece) - size + 1, max(size // 2, 1))
    ]
    if len(frames) < _FEWEST:
        return np.zeros((0, 0))
    power = np.abs(np.fft.rfft(np.stack(frames), axis=1)[:, first:last]) ** 2
    return np.asarray(power * 2 / (size * float(window @ window)))


def _calm(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """The frames without voices and bumps: their median bin, which tones do not raise, has at most half as
    much again as in the quietest fifth of them."""
    loud = np.median(cells, axis=1)
    return np.asarray(cells[loud <= _CALM * np.percentile(loud, _QUIETEST)])


def _patchy(cells: NDArray[np.float64]) -> float:
    """Over the quieter half of the frames, so that voices do not enter; every bin against its own mean."""
    loud = cells.sum(axis=1)
    quiet = cells[loud <= np.median(loud)]
    means = quiet.mean(axis=0)
    if not np.any(means > 0):
        return NAN
    quiet = quiet[:, means > 0] / means[means > 0]
    return _EVEN_DB - float(np.mean(10 * np.log10(np.maximum(quiet, 1e-12))))
