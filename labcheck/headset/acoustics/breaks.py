"""Breaks of a steady tone: moments at which it is away, and jumps of its phase.

They show what the samples themselves do not: a player that stops or loses frames while the microphone's noise
goes on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from labcheck.headset.acoustics.carrier import Carrier, follow
from labcheck.headset.acoustics.dropouts import Event, Kind
from labcheck.headset.acoustics.level import NAN, Wave, runs

_SMOOTH = 6
"""Values that are averaged before holes are looked for: shorter than a hole of 10 ms."""
_MERGE = 30
"""Holes so few values apart are one: noise reaches up in it, and a block that comes three times turns a tone
by thrice as much, which may be nearly nothing."""
_LEAST_HOLE_SECONDS = 0.005
"""Shorter ones noise makes, once in a hundred tones; a hole of 10 ms has 8 and more."""
_HALF = 0.5
_EMPTY, _ROUGH = 0.2, 0.28
"""Beside voices: a hole is nearly empty, and the tone is what it is until there and from there on again. Of
190 holes that a player made 184 were so (0.03 and 0.07 are usual), of 32 dips of good headsets none."""
_AROUND_SECONDS = 0.05
_LEAST_EMPTY_SECONDS = 0.0098
"""Shorter ones voices and the street make by themselves: three of 4150 good headsets, of 8.9 to 10.0 ms."""
_TURNED, _WHOLLY, _BESIDE = 0.6, 0.9, 0.2
"""Beside voices: a block that comes again turns the tone and leaves its amplitude. So far from where it was,
in amplitudes, where it is taken for turned, and at its most; and so little (RMS) in 50 ms on either side."""
_ROUND, _TOP = 0.45, 1.35
"""How far a turned tone is from its own amplitude: RMS, its ways there and back included, and at its highest.
In the gaps of three players that passed otherwise 0.34 to 0.39 and 0.96 to 1.24, with 0.04 to 0.09 beside; of
3909 good headsets beside voices four have all that, by knocks (simulated)."""
_LEAST_TURNED_SECONDS = 0.0075
"""Of a block of 10 ms, smeared by the smoothing, so much is left and more."""
_KNOCK = 1.5
"""Power in a hole over that beside it: 0.2 to 1.3 when the tone is away, 20 to 30 in a knock."""
_STEADY = 0.1
"""Spread of the amplitude that leaves a fall to the half beyond five standard deviations."""
_MAD = 1.4826
"""From the median deviation to the standard deviation of what is normally distributed."""
_RINGS = 5
"""Values of a track (about a millisecond each) over which a step is smeared."""
_JUMP_SECONDS = 0.125
"""One period of the beat with the nearest tones of other seats, which are 8 Hz and multiples away: what
begins or ends there has no mean phase."""
_LASTS_SECONDS = 0.3
_LASTING = 0.4
"""By so much of itself a jump may differ when more is looked at."""
_OTHERS = 2.0
_SIGMAS = 6.0
_LEAST_RADIANS = 0.08
"""Half of what a skip of 2 ms makes of the tones that are played (13 Hz from multiples of 500 Hz)."""


@dataclass(frozen=True, slots=True)
class ToneEvents:
    """What a tone says."""

    measurable: bool
    """Whether a hole of 10 ms would have been seen; without, no event proves nothing."""
    least_jump: float
    """The smallest phase jump that would have been seen, rad; nan: none."""
    events: tuple[Event, ...]


NOTHING_SAID = ToneEvents(False, NAN, ())


def in_tone(
    samples: Wave, rate: int, frames: tuple[int, int], hertz: float, voices: bool = False
) -> ToneEvents:
    """Holes and jumps of a tone that sounds throughout the frames [first, end); ``hertz`` as it was found by
    :func:`labcheck.headset.acoustics.distortion.measure` (within 0.5 Hz), nan: not found.
    ``voices``: as loud as the tone; they take a part of it away and turn it, too, and what looks like that is
    left out.

    A jump by a whole number of periods leaves no trace in a tone. A jump of fewer radians than twice what
    other seats' tones together are relative to this one is not told: their begin looks the same.
    """
    track = follow(samples, rate, frames, hertz) if math.isfinite(hertz) else None
    if track is None:
        return NOTHING_SAID
    smooth = np.convolve(track.values, np.full(_SMOOTH, 1 / _SMOOTH), mode="same")[_SMOOTH:-_SMOOTH]
    track = replace(track, first=track.frame(_SMOOTH), values=track.values[_SMOOTH:-_SMOOTH])
    width = round(0.15 * rate / track.hop)
    along = _running_median(smooth.real, width) + 1j * _running_median(smooth.imag, width)
    size = (smooth * np.conj(along)).real / np.maximum(np.abs(along), 1e-300)
    usual = _running_median(size, width)
    usual = np.maximum(usual, _HALF * float(np.median(size)))
    spread = _MAD * float(np.median(np.abs(size - usual)))
    if not spread < _STEADY * float(np.median(usual)):
        return NOTHING_SAID
    holes = _holes(track, size, usual, _LEAST_HOLE_SECONDS * rate)
    holes = [hole for hole in holes if not _knock(samples, hole, rate)]
    if voices:
        least = _LEAST_EMPTY_SECONDS * rate
        long = (hole for hole in holes if hole.frames >= least)
        empty = (hole for hole in long if _empty(track, smooth, hole, rate))
        turned = (turn for turn in _turned(track, smooth, rate) if not _knock(samples, turn, rate))
        return ToneEvents(True, NAN, (*empty, *turned))
    least, jumps = _jumps(track, rate)
    return ToneEvents(True, least, tuple(sorted((*holes, *jumps), key=lambda event: event.at)))


def _holes(
    track: Carrier, size: NDArray[np.float64], usual: NDArray[np.float64], least: float
) -> list[Event]:
    """Where less than half of the tone is left. The length is what is missing, as if all of it were away."""
    away = _merged(size < _HALF * usual)
    found = []
    for start, length in zip(*runs(away), strict=True):
        first, end = max(start - _RINGS, 0), min(start + length + _RINGS, len(size))
        missing = np.clip(1 - size[first:end] / usual[first:end], 0, 1).sum() * track.hop
        if missing >= least:
            found.append(Event(Kind.HOLE, track.frame(float(start)), float(missing)))
    return found


def _merged(away: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Stretches that are hardly apart, as one."""
    for start, length in zip(*runs(~away), strict=True):
        if length < _MERGE and 0 < start < len(away) - length:
            away[start : start + length] = True
    return away


def _empty(track: Carrier, smooth: NDArray[np.complex128], hole: Event, rate: int) -> bool:
    """Whether nothing is left in a hole, and the tone is steady beside it."""
    apart = np.abs(smooth / complex(np.median(smooth.real), np.median(smooth.imag)) - 1)
    first = round((hole.at - track.first) / track.hop)
    end = first + round(max(hole.frames / track.hop, _SMOOTH)) + 2 * _RINGS
    left = np.abs(smooth[max(first, 0) : end]).min() / float(np.median(np.abs(smooth)))
    around = round(_AROUND_SECONDS * rate / track.hop)
    return bool(left < _EMPTY and _beside(apart, first - _SMOOTH, end + _SMOOTH, around) < _ROUGH)


def _beside(apart: NDArray[np.float64], before: int, after: int, around: int) -> float:
    """RMS of so many values until ``before`` and from ``after`` on; infinite where there are none."""
    before = max(before, 0)
    values = np.concatenate([apart[max(before - around, 0) : before], apart[after : after + around]])
    return float(np.sqrt(np.mean(values**2))) if values.size else math.inf


def _turned(track: Carrier, smooth: NDArray[np.complex128], rate: int) -> list[Event]:
    """Where the tone, steady before and after, keeps its amplitude in another phase."""
    values = smooth / complex(np.median(smooth.real), np.median(smooth.imag))
    apart = np.abs(values - 1)
    around = round(_AROUND_SECONDS * rate / track.hop)
    found = []
    for start, length in zip(*runs(_merged(apart > _TURNED)), strict=True):
        end = start + length
        if length * track.hop < _LEAST_TURNED_SECONDS * rate or apart[start:end].max() < _WHOLLY:
            continue
        size = np.abs(values[start:end])
        even = size.max() < _TOP and np.sqrt(np.mean((size - 1) ** 2)) < _ROUND
        if even and _beside(apart, start - _RINGS, end + _RINGS, around) < _BESIDE:
            found.append(Event(Kind.TURNED, track.frame(float(start)), float(length * track.hop)))
    return found


def _knock(samples: Wave, hole: Event, rate: int) -> bool:
    """Whether there is more of everything in a hole than beside it: a knock took the tone away."""
    around, end = round(_AROUND_SECONDS * rate), hole.at + round(hole.frames) + _RINGS * rate // 1000
    inside = samples[hole.at : end]
    beside = np.concatenate([samples[max(hole.at - around, 0) : hole.at], samples[end : end + around]])
    return float(np.var(inside)) > _KNOCK * float(np.var(beside))


def _jumps(track: Carrier, rate: int) -> tuple[float, list[Event]]:
    """Steps of the phase: the mean of 125 ms after each moment against that of 125 ms before it, and still of
    as much as there is up to 300 ms. What all moments have in common is the clock's drift."""
    width = round(_JUMP_SECONDS * rate / track.hop)
    steps, usual = _steps(track.values, width)
    if len(steps) < 2 * width:
        return NAN, []
    noise = _MAD * float(np.median(np.abs(steps)))
    least = max(_SIGMAS * noise, _LEAST_RADIANS, _OTHERS * track.others)
    if least >= math.pi:
        return NAN, []
    straight = track.values * np.exp(-1j * usual / (width + 2 * _RINGS) * np.arange(len(track.values)))
    found = []
    left = np.abs(steps)
    while left.max() > least:
        best = int(np.argmax(left))
        middle = best + width + _RINGS
        most = round(_LASTS_SECONDS * rate / track.hop)
        before = straight[max(middle - _RINGS - most, 0) : middle - _RINGS].sum()
        after = straight[middle + _RINGS : middle + _RINGS + most].sum()
        lasting = float(np.angle(after * np.conj(before) * np.exp(-1j * steps[best])))
        if abs(lasting) < _LASTING * left[best]:
            shift = float(steps[best]) / (2 * math.pi * track.hertz) * rate
            found.append(Event(Kind.JUMP, track.frame(middle), -shift))
        left[max(best - 2 * (width + _RINGS), 0) : best + 2 * (width + _RINGS)] = 0
    return least, found


def _steps(values: NDArray[np.complex128], width: int) -> tuple[NDArray[np.float64], float]:
    """Phase of the mean of ``width`` values less that before it, rad, without what is usual; and that."""
    sums = np.concatenate([np.zeros(1, np.complex128), np.cumsum(values)])
    begin = np.arange(max(len(values) - 2 * (width + _RINGS), 0))
    before = sums[begin + width] - sums[begin]
    after = sums[begin + 2 * (width + _RINGS)] - sums[begin + width + 2 * _RINGS]
    turn = after * np.conj(before)
    if not turn.size:
        return np.zeros(0), 0.0
    usual = np.angle(np.sum(turn / np.maximum(np.abs(turn), 1e-300)))
    usual += np.median(np.angle(turn * np.exp(-1j * usual)))
    weak = np.minimum(np.abs(before), np.abs(after)) < _HALF * width * float(np.median(np.abs(values)))
    return np.where(weak, 0.0, np.angle(turn * np.exp(-1j * usual))), float(usual)


def _running_median(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    return np.asarray(scipy.ndimage.median_filter(values, 2 * max(width // 2, 1) + 1, mode="nearest"))
