"""A steady tone as it came back: its level, its exact frequency, and what was added to it.

The four-parameter least-squares fit of IEEE Std 1057-2017, 4.6 (amplitude, phase, offset, frequency; Gauss-
Newton), with one change: samples are weighted with a Hann window, because other seats' tones sound as little
as 7 Hz away, and an unweighted fit of one second takes in a few per cent of them. Harmonics are fitted at
multiples of the frequency found, so that no whole number of cycles is needed.

What noise makes of a line is taken off, and told. A tone that does not stand 20 dB out of the noise under its
own line has no figures at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, islice, repeat

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import LSB, NAN, Wave, decibels, median

HIGHEST_HZ = 8000.0
"""Harmonics are followed so far."""
AUDIBLE_HZ = (20.0, 20_000.0)
"""The band of SINAD and THD+N (AES17-2020, 5.2.4)."""
SEARCH_HZ = 1.0
"""About the frequency expected: clocks of 150 ppm move 1300 Hz by 0.2 Hz; the next seat's tone is at 7."""
_FOUND = 10 ** (20 / 10)
"""Over the noise under the line. Noise reaches it with a probability of exp(-100)."""
_STEADY = 10 ** (6 / 10)
"""Over all else: with less, THD+N would tell of the noise and not of the headset."""
_HIDDEN = 10 ** (-26 / 10)
"""Noise that looks like a THD of 5 % and more does not let one say that there is none."""
_CHANCE = 5.0
"""Standard deviations over the mean that noise reaches in one of some thousand tones (gamma distribution)."""
_BESIDE_HZ = 60.0
_LOBE = 4
"""Bins on either side of a line that are its own."""
_SIGMAS = 4.0
_LEAST_CYCLES = 50
_ROUNDS = 5
_SETTLED = 1e-10
"""Radians per frame: less than 1 µHz."""


@dataclass(frozen=True, slots=True)
class Tone:
    """nan: the tone was not found, or noise hides the figure."""

    hertz: float
    """By the recording's clock."""
    error: float
    """Hz; four times the standard deviation that noise gives the fit: the Cramér-Rao bound
    24 σ² / (A² N³) rad²/frame² (Rife & Boorstyn 1974; Händel 2000), weights taken into account, σ² the noise
    beside the line. What is not noise (a jump, another tone) is not in it."""
    level: float
    """RMS of the fundamental, dBFS."""
    over_line: float
    """Over the noise under its own line, dB."""
    sinad: float
    """Over all else from 20 Hz to 20 kHz but DC, dB (IEEE Std 1057-2017, 3.1)."""
    thd: float
    """Harmonics up to 8 kHz over the fundamental, without what noise adds, dB: -40 is 1 %. Where none stands
    out it is ``thd_floor``, an upper limit; nan where that is above -26 dB and says nothing."""
    thd_floor: float
    """What noise can make of it (five standard deviations), dB. Told for any tone found."""
    thd_n: float
    """All but the fundamental over the fundamental, dB; nan when the tone is less than 6 dB over all else."""
    harmonics: tuple[float, ...]
    """The second and up over the fundamental, dB, noise taken off; ``LEAST_DB``: noise explains it."""


MISSING = Tone(NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, ())


@dataclass(frozen=True, slots=True)
class _Lines:
    """What is left after the fundamental, as a spectrum: mean square per bin."""

    power: NDArray[np.float64]
    step: float
    wide: float
    """Bins that the window lets through."""

    def under(self, hertz: float) -> float:
        """Noise under a line: the median beside it, for the band that the window lets through."""
        first, last = (round((hertz + side * _BESIDE_HZ) / self.step) for side in (-1, 1))
        centre = round(hertz / self.step)
        beside = np.concatenate(
            [self.power[max(first, 1) : centre - _LOBE + 1], self.power[centre + _LOBE : last + 1]]
        )
        return max(median(beside) / math.log(2), LSB**2 / 12 / self.power.size) * self.wide


def measure(
    samples: Wave, rate: int, frames: tuple[int, int], hertz: float, search: float = SEARCH_HZ
) -> Tone:
    """The tone within the frames [first, end), in which it sounds throughout, about ``hertz``."""
    part = np.asarray(samples[max(frames[0], 0) : max(frames[1], 0)], dtype=np.float64)
    wide = max(search, _BESIDE_HZ)
    if not 2 * wide < hertz < rate / 2 - wide or len(part) * hertz < _LEAST_CYCLES * rate:
        return MISSING
    weights = np.hanning(len(part) + 1)[:-1]
    part = part - float(np.sum(weights * part)) / float(weights.sum())
    start = _peak(part * weights, rate, hertz, search)
    if start is None:
        return MISSING
    found = _fit(part, weights, 2 * math.pi * start / rate)
    omega, tone = found
    if not abs(omega * rate / (2 * math.pi) - hertz) <= search:
        return MISSING
    return _told(part, weights, omega, tone, rate)


def _peak(weighed: Wave, rate: int, hertz: float, search: float) -> float | None:
    """The highest bin within the search, if it is a peak and not the skirt of one."""
    size = scipy.fft.next_fast_len(4 * len(weighed), real=True)
    power = np.abs(scipy.fft.rfft(weighed, size))
    first = max(math.floor((hertz - search) * size / rate), 1)
    last = math.ceil((hertz + search) * size / rate)
    best = first + int(np.argmax(power[first : last + 1]))
    if power[best] <= 0 or power[best] < max(power[best - 1], power[best + 1]):
        return None
    return float(best * rate / size)


def _fit(part: Wave, weights: NDArray[np.float64], omega: float) -> tuple[float, complex]:
    """Radians per frame, and amplitude and phase at the middle. nan where it does not converge."""
    time = np.arange(len(part)) - (len(part) - 1) / 2
    tone = 0j
    for _round in range(_ROUNDS):
        turn = np.exp(1j * omega * time)
        tone = _project(part, weights, turn)
        # The derivative by frequency; with time counted from the middle it is apart from the other columns.
        slope = (1j * tone * turn).real * time
        weighed = weights * slope
        left = part - (tone * turn).real
        norm = float(np.sum(weighed * slope))
        if not norm > 0:
            return NAN, 0j
        step = float(np.sum(weighed * left)) / norm
        omega += step
        if not 0 < omega < math.pi:
            return NAN, 0j
        if abs(step) < _SETTLED:
            break
    return omega, tone


def _project(part: Wave, weights: NDArray[np.float64], turn: NDArray[np.complex128]) -> complex:
    """Amplitude and phase of one line."""
    return complex(2 * np.sum(np.conj(turn) * (weights * part)) / weights.sum())


def _told(part: Wave, weights: NDArray[np.float64], omega: float, tone: complex, rate: int) -> Tone:
    time = np.arange(len(part)) - (len(part) - 1) / 2
    hertz = omega * rate / (2 * math.pi)
    turn = np.exp(1j * omega * time)
    left = part - (tone * turn).real
    power = np.abs(np.fft.rfft(left * weights)) ** 2 * 2 / (len(part) * float(np.sum(weights**2)))
    wide = float(np.sum(weights**2)) * weights.size / float(weights.sum()) ** 2
    lines = _Lines(power, rate / len(part), wide)
    own = abs(tone) ** 2 / 2
    under = lines.under(hertz)
    if not own > _FOUND * under:
        return MISSING
    numbers = np.arange(2, int(min(HIGHEST_HZ, 0.45 * rate) / hertz) + 1)
    noise = np.array([lines.under(number * hertz) for number in numbers])
    powers = accumulate(repeat(turn, numbers.size), np.multiply, initial=turn)
    raw = np.array([abs(_project(left, weights, each)) ** 2 / 2 for each in islice(powers, 1, None)])
    floor = float(_CHANCE * np.sqrt(noise @ noise)) / own
    thd = float((raw - noise).sum()) / own
    if thd <= floor:
        thd = floor if floor <= _HIDDEN else NAN
    first, last = (round(edge / lines.step) for edge in AUDIBLE_HZ)
    rest = max(float(power[first : last + 1].sum()), LSB**2 / 12)
    return Tone(
        hertz=hertz,
        error=_SIGMAS * _deviation(weights, under, own, rate),
        level=decibels(own),
        over_line=decibels(own / under),
        sinad=decibels(own / rest),
        thd=decibels(thd) if numbers.size else NAN,
        thd_floor=decibels(floor) if numbers.size else NAN,
        thd_n=decibels(rest / own) if own >= _STEADY * rest else NAN,
        harmonics=tuple(
            decibels(float(max(found - less, 0)) / own if found > 7 * less else 0.0)  # noise: exp(-7)
            for found, less in zip(raw, noise, strict=True)
        ),
    )


def _deviation(weights: NDArray[np.float64], under: float, own: float, rate: int) -> float:
    """Standard deviation of the frequency in Hz. Of the samples the noise has, were it white, ``under`` times
    the frames that the window leaves, over two."""
    time = np.arange(len(weights)) - (len(weights) - 1) / 2
    white = under * float(weights.sum()) ** 2 / float(np.sum(weights**2)) / 2
    variance = white * float(np.sum((weights * time) ** 2)) / (own * float(np.sum(weights * time**2)) ** 2)
    return math.sqrt(variance) * rate / (2 * math.pi)
