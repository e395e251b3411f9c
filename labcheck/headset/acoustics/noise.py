"""What a microphone gives while nobody plays: how loud, of which colour, and whether it is one at all.

A pupil may chatter and a table may be bumped meanwhile. So the floor is taken from quiet moments: frames of
50 ms whose A-weighted power is within 3 dB of the 20th percentile of all of them. Steady noise has nearly all
its frames there, hum and rumble included, and loses nothing by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import NAN, Wave, decibels, runs

OCTAVES_HZ = (63, 125, 250, 500, 1000, 2000, 4000, 8000)
"""Nominal centres of the bands in which colour is told (IEC 61260-1)."""
LOWEST_HZ = 20.0
"""Below it converters wander; not sound."""
SILENCE_DBFS = -110.0
"""Below it a 16-bit recording is all but empty, with one sample in a hundred that differs from zero: muted or
virtual, not a quiet room."""
_FRAME_SECONDS = 0.05
_QUIETEST = 20.0
_FEWEST_FRAMES = 3


@dataclass(frozen=True, slots=True)
class Noise:
    """The floor. nan: fewer than 0.1 s were given."""

    level: float
    """RMS from 20 Hz to half the rate, dBFS, without DC."""
    a_weighted: float
    """The same as ears weigh it, dBFS(A)."""
    octaves: tuple[float, ...]
    """RMS in each band of :data:`OCTAVES_HZ`, dBFS; nan above half the rate."""
    disturbed: float
    """Share of frames that are louder than the floor by 3 dB(A) and more, 0...1: voices, bumps, clicks."""
    dc: float
    """Mean of all samples, full scale = 1."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Whether samples come from a converter that hears."""

    level: float
    """RMS about the mean, dBFS, over everything."""
    zeros: float
    """Share of samples that are exactly zero, 0...1."""
    stuck: float
    """Share of samples in runs of one value for 10 ms and more, 0...1."""

    @property
    def silent(self) -> bool | None:
        """Digital silence: muted, virtual, unplugged or stuck. None: there was nothing to look at."""
        return None if math.isnan(self.level) else self.level < SILENCE_DBFS


def measure(samples: Wave, rate: int, ranges: Sequence[tuple[int, int]]) -> Noise:
    """The floor over the frames [first, end) of ``ranges``; what lies outside ``samples`` is left out."""
    pieces = [part for first, end in ranges if (part := samples[max(first, 0) : max(end, 0)]).size]
    together = np.concatenate(pieces) if pieces else np.zeros(0)
    dc = float(together.mean()) if together.size else NAN
    size = round(_FRAME_SECONDS * rate)
    powers = np.array([power for piece in pieces for power in _powers(piece, size)])
    if len(powers) < _FEWEST_FRAMES:
        return Noise(NAN, NAN, (NAN,) * len(OCTAVES_HZ), NAN, dc)
    hertz: NDArray[np.float64] = np.fft.rfftfreq(size, 1 / rate).astype(np.float64)
    audible = _share(hertz, LOWEST_HZ, rate / 2)
    weighed = powers @ (audible * a_weight(hertz))
    quiet = weighed <= 2 * np.percentile(weighed, _QUIETEST)
    floor = powers[quiet].mean(axis=0)
    return Noise(
        level=decibels(float(floor @ audible)),
        a_weighted=decibels(float(weighed[quiet].mean())),
        octaves=tuple(_octave(floor, hertz, centre, rate) for centre in range(-4, 4)),
        disturbed=1 - float(quiet.mean()),
        dc=dc,
    )


def silence(samples: Wave, rate: int) -> Silence:
    """Of a whole recording, (n,)."""
    if not samples.size:
        return Silence(NAN, NAN, NAN)
    held = np.concatenate([samples[1:] == samples[:-1], [False]])
    lengths = runs(held)[1] + 1
    stuck = int(lengths[lengths >= max(rate // 100, 2)].sum())
    return Silence(
        level=decibels(float(np.var(samples))),
        zeros=float(np.mean(samples == 0)),
        stuck=stuck / samples.size,
    )


def a_weight(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power gain of the A-weighting, 1 at 1 kHz (IEC 61672-1:2013, annex E)."""
    square = hertz**2
    poles = (20.598997, 107.65265, 737.86223, 12194.217)
    low, second, third, high = (pole**2 for pole in poles)
    gain = (
        high * square**2 / ((square + low) * np.sqrt((square + second) * (square + third)) * (square + high))
    )
    return np.asarray((gain * 10 ** (2.0 / 20)) ** 2)  # A(1000 Hz) = -2.000 dB


def _powers(piece: Wave, size: int) -> Iterator[NDArray[np.float64]]:
    """Power per bin of each frame, half overlapping, Hann: their sum is the mean square of the frame."""
    window = np.hanning(size + 1)[:-1]
    scale = 2 / (size * float(window @ window))
    for first in range(0, len(piece) - size + 1, size // 2):
        frame = piece[first : first + size]
        yield np.abs(np.fft.rfft((frame - frame.mean()) * window)) ** 2 * scale


def _share(hertz: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """How much of each bin lies between ``low`` and ``high``."""
    width = hertz[1]
    inside = np.minimum(hertz + width / 2, high) - np.maximum(hertz - width / 2, low)
    return np.asarray(np.clip(inside / width, 0, 1))


def _octave(floor: NDArray[np.float64], hertz: NDArray[np.float64], number: int, rate: int) -> float:
    """Exact base-ten band edges of IEC 61260-1:2014, 5.2 to 5.5: 1000 Hz times G^(n ± 1/2), G = 10^0.3."""
    low, high = 1000 * 10 ** (0.3 * (number - 0.5)), 1000 * 10 ** (0.3 * (number + 0.5))
    if high > rate / 2:
        return NAN
    return decibels(float(floor @ _share(hertz, low, high)))
