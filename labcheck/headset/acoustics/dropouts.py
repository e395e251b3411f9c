"""Places at which sound is missing, is repeated or jumps.

Four traces are looked for, because each kind of accident leaves another one:

- the driver fills what it lost with zeros or with the last value: a run of one value (:func:`held`);
- a ring buffer is read twice: a block that comes again bit by bit (:func:`repeated`);
- the player stops for a moment: a hole in a tone, with the microphone's noise going on (``breaks``);
- frames are lost or inserted: the tone's phase jumps (``breaks``); parts of a probe come earlier or later
  than the parts before them (``Ear.delays_ms``).

PortAudio's flags say nothing: an input underflow is flagged at the start of every run, and drivers lose
frames without a flag.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import LSB, Wave, runs

_HELD_SECONDS = 0.001
_TELLING_SECONDS = 0.01
_CHANCE = 1e-6
"""Probability that a whole recording's noise has one run as long as is told. Noise far below one step of the
converter has long ones; where they would have to be longer than 10 ms, nothing is told."""
_QUIET_SECONDS = 0.25
_COLOUR = 2.0
"""Noise with a colour keeps its value for longer than its neighbours' chance says."""
_RAIL = 1 - 1.5 * LSB
_WINDOW = 32
"""Frames that must come again. Noise of three steps RMS repeats 32 values by chance once in 10^30."""
_LAGS = (64, 0.5)
"""The smallest block of a sound card, frames; the longest ring, seconds."""
_PERIODIC_SECONDS = 0.3
"""A run that comes again at a short lag for so long is a sound without noise (a loop), not an accident."""
_SURPRISE = 120.0
"""Nats that a block must hold to be no chance: a recording has 10^10 pairs of places (23 nats), a false one
in a million (14), and neighbouring samples of noise with a colour tell a third of what they seem to."""


class Kind(StrEnum):
    """What happened at a place."""

    HELD = "held"
    """Samples are one value: zeros or the last that came."""
    REPEATED = "repeated"
    """A block that was there already."""
    HOLE = "hole"
    """The tone is away while the noise goes on."""
    JUMP = "jump"
    """The tone's phase jumps: frames are lost or inserted."""
    TURNED = "turned"
    """The tone's phase is another for a while: a block that was there already, or frames lost."""


@dataclass(frozen=True, slots=True)
class Event:
    """One place."""

    kind: Kind
    at: int
    """Frame of the recording; to within 10 ms for a jump."""
    frames: float
    """How many are concerned. JUMP: positive when inserted, modulo a period of the tone."""


def held(samples: Wave, rate: int, frames: tuple[int, int]) -> tuple[Event, ...] | None:
    """Runs of one value of 1 ms and more within the frames [first, end). None: too quiet to tell."""
    first, part = _within(samples, frames)
    if len(part) < 2:
        return None
    same = part[1:] == part[:-1]
    starts, lengths = runs(same)
    telling = max(round(_TELLING_SECONDS * rate), 2)
    equal = _equal(same, starts[lengths >= telling], lengths[lengths >= telling], rate)
    least = max(_HELD_SECONDS * rate, _COLOUR * math.log(_CHANCE / len(part)) / math.log(equal), 2)
    if least > telling:
        return None
    long = lengths >= least - 1
    return tuple(
        Event(Kind.HELD, first + int(start), float(length + 1))
        for start, length in zip(starts[long], lengths[long], strict=True)
        if abs(part[start]) < _RAIL
    )


def _equal(same: NDArray[np.bool_], starts: NDArray[np.intp], lengths: NDArray[np.intp], rate: int) -> float:
    """Chance that a value is the one before it, where the recording is quietest; runs that tell by themselves
    left out."""
    counted = np.ones(len(same))
    for start, length in zip(starts, lengths, strict=True):
        counted[start : start + length] = 0
    size = max(round(_QUIET_SECONDS * rate), 1)
    firsts = np.arange(0, len(same), size)
    shares = np.add.reduceat(same * counted, firsts) / np.maximum(np.add.reduceat(counted, firsts), size / 2)
    return min(max(float(shares.max()), 1e-9), 1 - 1e-9)


def repeated(samples: Wave, rate: int, frames: tuple[int, int]) -> tuple[Event, ...]:
    """Blocks of 16-bit samples within the frames [first, end) that had come before, at most 0.5 s earlier.

    A rolling hash of 32 frames is taken everywhere, and compared at a sixteenth of the places, which the hash
    itself chooses: so the same content is compared wherever it comes again, whatever the size of its block.
    """
    first, part = _within(samples, frames)
    whole = np.rint(part * (1 / LSB)).astype(np.int64)
    hashes = _hashes(whole)
    chosen = np.flatnonzero(hashes & np.uint64(15) == 0)
    order = chosen[np.argsort(hashes[chosen], kind="stable")]
    again = np.flatnonzero(hashes[order[1:]] == hashes[order[:-1]])
    lags = order[again + 1] - order[again]
    fits = (lags >= _LAGS[0]) & (lags <= _LAGS[1] * rate)
    found: list[Event] = []
    covered = -1
    for place, lag in sorted(zip(order[again + 1][fits].tolist(), lags[fits].tolist(), strict=True)):
        if place < covered:
            continue
        start, length = _same(whole, place, lag)
        covered = start + length
        periodic = length >= 8 * lag and length >= _PERIODIC_SECONDS * rate
        if _surprise(whole[start : start + length]) >= _SURPRISE and not periodic:
            found.append(Event(Kind.REPEATED, first + start, float(length)))
    return tuple(found)


def _within(samples: Wave, frames: tuple[int, int]) -> tuple[int, Wave]:
    first = max(frames[0], 0)
    return first, samples[first : max(frames[1], first)]


def _hashes(whole: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Rolling hash of each window, modulo 2^64: prefix sums of x B^i, shifted back by the inverse power."""
    if len(whole) < _WINDOW:
        return np.zeros(0, np.uint64)
    base = 0x9E3779B97F4A7C15  # odd, so that it has an inverse; bits of the golden ratio (Knuth, TAOCP 6.4)
    inverse = pow(base, -1, 1 << 64)
    with np.errstate(over="ignore"):
        terms = (whole + 40_000).astype(np.uint64) * _powers(base, len(whole))
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms, dtype=np.uint64)])
        windows = (sums[_WINDOW:] - sums[:-_WINDOW]) * _powers(inverse, len(whole) - _WINDOW + 1)
        return np.asarray((windows ^ (windows >> np.uint64(29))) * np.uint64(base) >> np.uint64(7))


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    return _all_powers(base, 1 << count.bit_length())[:count]


@lru_cache(maxsize=4)
def _all_powers(base: int, count: int) -> NDArray[np.uint64]:
    factors = np.full(count, base, np.uint64)
    factors[0] = 1
    return np.asarray(np.cumprod(factors, dtype=np.uint64))


def _surprise(block: NDArray[np.int64]) -> float:
    """Nats: how little chance there is that as many values like these are the same twice."""
    shares = np.unique(block, return_counts=True)[1] / max(len(block), 1)
    return -len(block) * math.log(float(shares @ shares))


def _same(whole: NDArray[np.int64], place: int, lag: int) -> tuple[int, int]:
    """Where the run that equals what was ``lag`` frames before begins, and its length, around a place."""
    differs_after = np.flatnonzero(whole[place:] != whole[place - lag : len(whole) - lag])
    end = place + int(differs_after[0]) if differs_after.size else len(whole)
    back = min(place - lag, place)
    before = whole[place - back : place][::-1] != whole[place - back - lag : place - lag][::-1]
    start = place - (int(np.argmax(before)) if before.any() else back)
    return start, end - start
