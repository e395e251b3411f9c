"""Whether something turns the gain while one listens: gain control (AGC), gates, noise suppression.

An honest microphone has one gain. Three traces tell of another kind:

- a steady sound sinks or rises with the time constant of a control loop (:func:`movement`), hundredths of a
  second to seconds;
- its begin or its end is cut off (:func:`cut_ends`): what does not change is taken for noise and deleted;
- the microphone's own noise differs between pauses and sound (:func:`pauses`): lower beside a tone than in
  the pause, where gain is turned down by sound; lower in the pause, where pauses are gated; in patches, where
  a spectral gate closes band by band (the "musical noise" of Berouti, Schwartz & Makhoul 1979).

Everything has its standard error; :func:`beyond` says how sure a limit is passed. No limits here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import LSB, NAN, Wave

LONGEST_SECONDS = 2.0
SHORTEST_SECONDS = 0.02
"""Time constants that are tried."""
_TRIED = 60
_FEWEST = 8
_LOST = 0.3
"""Of its gain: with less, sound is as good as deleted."""
_SIGMAS = 4.0
_FRAME_SECONDS = 0.05
_BAND_HZ = (200.0, 8000.0)
_QUIETEST = 20.0
_CALM = 1.5
_EVEN_DB = -2.507
"""Mean of the logarithm of what is exponentially distributed, as the power of noise in a bin is, over the
logarithm of its mean: -10 lg e times Euler's 0.5772."""


@dataclass(frozen=True, slots=True)
class Movement:
    """How the gain went, as the best exponential. nan: fewer than 8 values could be used."""

    db: float
    """End over begin."""
    error: float
    """Standard error of it, dB."""
    seconds: float
    """Time constant; nan when the gain does not move by more than four standard errors."""
    sure: float
    """Probability that a gain which does not move would not look like this, 0...1 (chi-square of the fit
    against a constant, three parameters more; noise as large as what is left over)."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Seconds in which less than a third of the sound is left, surely (four standard errors)."""

    begin: float
    end: float


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


def movement(
    seconds: NDArray[np.float64], gains: NDArray[np.float64], errors: NDArray[np.float64]
) -> Movement:
    """From gains (1: usual) with their standard errors at rising times, all (n,)."""
    usable = np.isfinite(gains) & np.isfinite(errors) & (errors > 0)
    time, gain = seconds[usable], gains[usable]
    if len(gain) < _FEWEST:
        return Movement(NAN, NAN, NAN, NAN)
    time = time - time[0]
    weight = 1 / np.maximum(errors[usable], 1e-6) ** 2
    still = _chi_square(np.ones((len(gain), 1)), gain, weight)
    tried = np.geomspace(SHORTEST_SECONDS, LONGEST_SECONDS, _TRIED)
    shapes = [np.column_stack([np.ones(len(time)), np.exp(-time / constant)]) for constant in tried]
    fits = [_chi_square(shape, gain, weight) for shape in shapes]
    best = int(np.argmin([chi for chi, _found, _covariance in fits]))
    chi, found, covariance = fits[best]
    scale = max(chi / max(len(gain) - 3, 1), 1.0)
    first, last = (max(float(shapes[best][at] @ found), 1e-3) for at in (0, -1))
    slope = shapes[best][-1] / last - shapes[best][0] / first
    error = 20 / math.log(10) * math.sqrt(max(float(slope @ covariance @ slope) * scale, 0.0))
    db = _moved(shapes[best], found)
    as_good = [_moved(shape, fit[1]) for shape, fit in zip(shapes, fits, strict=True) if fit[0] < chi + scale]
    error = math.hypot(error, (max(as_good) - min(as_good)) / 2)  # what the time constant leaves open
    return Movement(
        db=db,
        error=error,
        seconds=float(tried[best]) if abs(db) > _SIGMAS * error else NAN,
        sure=_chi_square_3((still[0] - chi) / scale),
    )


def cut_ends(seconds: NDArray[np.float64], gains: NDArray[np.float64], errors: NDArray[np.float64]) -> Ends:
    """From the same as :func:`movement`."""
    if len(gains) < 2:
        return Ends(NAN, NAN)
    lost = np.where(np.isfinite(gains), gains + _SIGMAS * errors, np.inf) < _LOST
    step = float(seconds[-1] - seconds[0]) / (len(seconds) - 1)
    kept = np.flatnonzero(~lost)
    if not kept.size:
        return Ends(step * len(gains), step * len(gains))
    return Ends(step * int(kept[0]), step * (len(gains) - 1 - int(kept[-1])))


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


def beyond(value: float, error: float, limit: float) -> float:
    """Probability that the truth is above ``limit``, for a ``value`` with a normal error. nan stays nan."""
    if math.isnan(value) or math.isnan(error):
        return NAN
    if error <= 0:
        return float(value > limit)
    return 0.5 * math.erfc((limit - value) / error / math.sqrt(2))


def _moved(shape: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """End over begin, dB; a gain below a thousandth counts as that."""
    first, last = (max(float(shape[at] @ found), 1e-3) for at in (0, -1))
    return 20 * math.log10(last / first)


def _chi_square(
    shape: NDArray[np.float64], gain: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """What weighted least squares leave over, the parameters, and their covariance."""
    normal = np.linalg.pinv((shape * weight[:, None]).T @ shape)
    found = normal @ (shape * weight[:, None]).T @ gain
    left = gain - shape @ found
    return float(weight @ left**2), found, np.asarray(normal, np.float64)


def _chi_square_3(value: float) -> float:
    """Distribution function of chi-square with 3 degrees of freedom (Abramowitz & Stegun 26.4)."""
    if not value > 0:
        return 0.0
    return math.erf(math.sqrt(value / 2)) - math.sqrt(2 * value / math.pi) * math.exp(-value / 2)


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
