"""What goes wrong between converter and program: frames that never come, wrong rates, devices that leave."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from bench.headsets.clocks import Wave
from bench.headsets.kinds import Gap, Seat
from labcheck.headset.recording import RATE

BLOCK = 480
"""Frames that come at a time: 10 ms."""
INPUT_UNDERFLOW, INPUT_OVERFLOW = 1, 2
"""PortAudio's paInputUnderflow, paInputOverflow."""
Frames = NDArray[Any]


def lost_frames(gaps: Sequence[Gap], side: str) -> int:
    """Frames by which a stream with these gaps is shorter."""
    return sum(round(gap.seconds * RATE) for gap in gaps if gap.side == side and gap.kind == "lost")


def with_gaps(stream: Frames, gaps: Sequence[Gap], side: str, first: float) -> Frames:
    """``stream`` (frames first) with its gaps; second 0 of the gaps is frame ``first`` of the stream."""
    out = stream.copy()
    kept = np.ones(len(out), bool)
    for gap in gaps:
        begin = round(first + gap.at_s * RATE)
        end = min(begin + round(gap.seconds * RATE), len(out))
        if gap.side != side or begin < 0 or begin >= end:
            continue
        if gap.kind == "lost":
            kept[begin:end] = False
        elif gap.kind == "zeros":
            out[begin:end] = 0
        elif gap.kind == "hold":
            out[begin:end] = out[begin - 1]
        else:
            repeats = -(-(end - begin) // BLOCK)
            again = np.concatenate([out[max(begin - BLOCK, 0) : begin]] * repeats)
            out[begin:end] = again[: end - begin]
    return out[kept]


def at_rate(wave: Wave, ratio: float) -> Wave:
    """``wave`` as a converter takes it that runs at ``ratio`` times our rate."""
    share = Fraction(ratio).limit_denominator(1000)
    return np.asarray(resample_poly(wave, share.numerator, share.denominator), np.float32)


def removed(
    pcm: NDArray[np.int16], seat: Seat, other: NDArray[np.int16], played: NDArray[np.int16]
) -> NDArray[np.int16]:
    """The recording of a device that goes away; ``other`` is what the next best device hears, ``played`` what
    is being played, both in the recording's time."""
    if seat.removed is None:
        return pcm
    at = round(seat.removed.at_s * RATE)
    if seat.removed.then == "ends":
        return pcm[:at]
    rest = {"zeros": np.zeros_like(pcm), "monitor": played, "other": other}[seat.removed.then]
    return np.concatenate([pcm[:at], rest[at : len(pcm)]])


def muted(pcm: NDArray[np.int16], seat: Seat, chance: np.random.Generator) -> NDArray[np.int16]:
    """What a muted microphone gives."""
    out = np.zeros_like(pcm)
    if seat.muted == "constant":
        out[:] = chance.integers(-3, 4)
    elif seat.muted == "sparse":
        out[chance.integers(0, len(out), 40)] = 1
    return out


def blocks(frames: int, seat: Seat, chance: np.random.Generator) -> tuple[tuple[int, float, float, int], ...]:
    """When each block came, by one clock: a little irregular, as everything that goes over USB. Half of the
    drivers tell of frames that they lost; all tell of an underflow at the start, which means nothing."""
    firsts = np.arange(0, frames, BLOCK)
    real = RATE * seat.rate_in * (1 + seat.clocks.in_ppm * 1e-6)
    shift = np.zeros(firsts.size)
    flags = np.zeros(firsts.size, int)
    flags[0] = INPUT_UNDERFLOW
    telling = chance.random() < 0.5
    for gap in seat.gaps:
        if gap.side == "in":
            begin = (seat.clocks.before_s + seat.clocks.out_s + seat.clocks.in_s + gap.at_s) * RATE
            if gap.kind == "lost":
                shift[firsts > begin] += gap.seconds
            if telling:
                flags[min(int(begin // BLOCK) + 1, firsts.size - 1)] |= INPUT_OVERFLOW
    times = 100.0 + firsts / real + shift
    now = times + seat.clocks.in_s + chance.gamma(2.0, 0.0008, firsts.size)
    times += chance.normal(0, 0.0002, firsts.size)
    return tuple(zip(firsts.tolist(), times.tolist(), now.tolist(), flags.tolist(), strict=True))
