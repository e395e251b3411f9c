"""Hum: the mains and its harmonics in what a microphone gives while nobody plays.

Frames of up to 0.4 s (Hann, half overlapping) are analysed each for itself, and the median of them counts,
because hum is steady and the voices whose pitch is near it are not. A line is told when it stands 10 dB over
the noise beside it; what noise adds to it is taken off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import LEAST_DB, LSB, NAN, Wave, decibels, median

HIGHEST_HZ = 1000.0
"""So far up the family is followed."""
TOLERANCE_HZ = 0.5
"""About the nominal frequency: GOST 32144-2013, 4.2.1 (EN 50160, 4.2.1) allow 0.2 Hz as a rule and 0.4 Hz
for 5 % of a week; the rest is for the recorder's own clock (500 ppm are 0.025 Hz)."""
_FRAME_SECONDS = 0.4
_LEAST_SECONDS = 0.2
"""Ten periods: neighbouring lines are then 10 bins apart and do not leak into each other."""
_PAD = 8
_STEP_HZ = 0.02
_STANDS_OUT = 10 ** (10 / 10)
"""Over the noise's median. One frame of noise in 1000 reaches it, and the median of several hardly ever."""
_BESIDE_HZ = 20.0
_SHARED_HZ = 300
"""Multiples of it belong to 50 and to 60 Hz."""


@dataclass(frozen=True, slots=True)
class Hum:
    """One family of lines. nan: no 0.2 s in one piece were given."""

    hertz: float
    """Its fundamental as found; nan also when there is no line."""
    level: float
    """RMS of all lines that stand out, dBFS; :data:`LEAST_DB`: there is none."""
    over: float
    """The same over the noise between the lines (half a step below the first to half a step above the last),
    dB: how much louder hum makes the pauses. Below -10 it is not heard; :data:`LEAST_DB`: there is none."""
    lines: tuple[float, ...]
    """RMS of each line from the fundamental up, dBFS; :data:`LEAST_DB`: it does not stand out."""


@dataclass(frozen=True, slots=True)
class Mains:
    """Both families, so that nobody takes the one for the other."""

    fifty: Hum
    sixty: Hum


@dataclass(frozen=True, slots=True)
class _Spectrum:
    """Median power of the frames, |X|^2, from 0 to above :data:`HIGHEST_HZ`."""

    power: NDArray[np.float64]
    step: float
    """Hz from bin to bin."""
    lobe: float
    """Half the width of a line, Hz."""
    to_line: float
    """|X|^2 times this is the mean square of a sine ..."""
    to_density: float
    """... and this makes it the mean square per Hz of noise."""

    def at(self, hertz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Power at the nearest bins."""
        return np.asarray(self.power[np.rint(hertz / self.step).astype(np.intp)])


def measure(samples: Wave, rate: int, ranges: Sequence[tuple[int, int]]) -> Mains:
    """The hum in the frames [first, end) of ``ranges``, in which nobody plays."""
    spectrum = _spectrum([samples[max(first, 0) : max(end, 0)] for first, end in ranges], rate)
    if spectrum is None:
        unknown = Hum(NAN, NAN, NAN, ())
        return Mains(unknown, unknown)
    shared = {50: True, 60: False}
    floors = {mains: _floor(spectrum, mains) for mains in shared}
    alone = {mains: _family(spectrum, mains, floors[mains], with_shared=False) for mains in shared}
    if alone[60].level > alone[50].level:
        shared = {50: False, 60: True}
    return Mains(
        *(_family(spectrum, mains, floors[mains], with_shared=kept) for mains, kept in shared.items())
    )


def _spectrum(pieces: Sequence[Wave], rate: int) -> _Spectrum | None:
    longest = max((len(piece) for piece in pieces), default=0)
    size = min(round(_FRAME_SECONDS * rate), longest)
    if size < _LEAST_SECONDS * rate or rate < 4 * HIGHEST_HZ:
        return None
    window = np.hanning(size + 1)[:-1]
    kept = math.ceil((HIGHEST_HZ + 100) * _PAD * size / rate)
    frames = [
        piece[first : first + size]
        for piece in pieces
        for first in range(0, len(piece) - size + 1, max(size // 2, 1))
    ]
    powers = [_narrow(np.asarray((frame - frame.mean()) * window), kept) for frame in frames]
    return _Spectrum(
        power=np.median(powers, axis=0),
        step=rate / (_PAD * size),
        lobe=2 * rate / size,
        to_line=2 / float(window.sum()) ** 2,
        to_density=2 / (rate * float(window @ window)),
    )


def _narrow(frame: Wave, kept: int) -> NDArray[np.float64]:
    """|X|^2 of the frame padded to :data:`_PAD` times its length, the first ``kept`` bins. All above twice
    their frequency is cut off before, fading: what that does to them is 80 dB below what is cut off."""
    spectrum = scipy.fft.rfft(frame)
    half = min(2 * math.ceil(kept / _PAD), len(frame) // 2)
    fade = np.clip((half - np.arange(half + 1)) / (0.4 * half), 0, 1)
    narrow = scipy.fft.irfft(spectrum[: half + 1] * np.sin(np.pi / 2 * fade) ** 2, 2 * half)
    return np.asarray(np.abs(scipy.fft.rfft(narrow, 2 * half * _PAD)[:kept]) ** 2)


def _numbers(mains: int) -> NDArray[np.int64]:
    return np.arange(1, int(HIGHEST_HZ) // mains + 1)


def _floor(spectrum: _Spectrum, mains: int) -> NDArray[np.float64]:
    """What is beside each line of the family."""
    return np.array([_beside(spectrum, float(hertz)) for hertz in mains * _numbers(mains)])


def _family(spectrum: _Spectrum, mains: int, floor: NDArray[np.float64], *, with_shared: bool) -> Hum:
    numbers = _numbers(mains)
    own = with_shared | (mains * numbers % _SHARED_HZ != 0)
    tried = mains + np.arange(-TOLERANCE_HZ, TOLERANCE_HZ + _STEP_HZ / 2, _STEP_HZ)
    found = np.array([spectrum.at(numbers * hertz) for hertz in tried]) * own
    best = int(np.argmax((found / floor).sum(axis=1)))  # what leaves least behind (least squares)
    where, lines = numbers * tried[best], found[best]
    # Not the skirt of something else, a line of the other family for instance.
    skirts = np.maximum(spectrum.at(where - spectrum.lobe), spectrum.at(where + spectrum.lobe))
    noise = floor / math.log(2)  # the mean of what is exponentially distributed
    told = (lines > _STANDS_OUT * floor) & (lines > skirts)
    power = np.where(told, lines - noise, 0) * spectrum.to_line
    together = float(power.sum())
    between = float(noise.sum()) * mains * spectrum.to_density
    return Hum(
        hertz=float(tried[best]) if together else NAN,
        level=decibels(together),
        over=decibels(together / between) if together else LEAST_DB,
        lines=tuple(decibels(float(line)) for line in power),
    )


def _beside(spectrum: _Spectrum, hertz: float) -> float:
    """Median of the noise on both sides of a line; not less than a 16-bit converter makes by itself."""
    away = spectrum.lobe + TOLERANCE_HZ * hertz / 50
    far = max(_BESIDE_HZ, 2 * away)
    low, below = math.ceil((hertz - far) / spectrum.step), math.floor((hertz - away) / spectrum.step)
    above, high = math.ceil((hertz + away) / spectrum.step), math.floor((hertz + far) / spectrum.step)
    power = spectrum.power
    beside = np.concatenate([power[max(low, 0) : below + 1], power[above : high + 1]])
    return max(median(beside), _converter(spectrum))


def _converter(spectrum: _Spectrum) -> float:
    """The noise of rounding to 16 bit, spread over the band of a recording of 48 kHz."""
    return LSB**2 / 12 / 24_000 / spectrum.to_density * math.log(2)
