"""What is played: for each seat of a room a wake-up, a probe for either ear, and a steady tone.

All seats share one time line (seconds; frames are in :class:`Stimulus`)::

    0.0   wake-up, quiet: for devices that swallow the first half second
    0.5   nobody plays
    1.1   the left ear's probe
    3.1   the right ear's probe
    5.1   a steady tone: the left ear
    5.95  the same in the right ear
    6.8   nobody plays
    8.0   end

The probes are noise that is always the same: random phases, the same energy in every octave, tops cut. Of
eight families (``script/bench probes``: own ear at -60 dB in noise of -54 dBFS; 29 others as loud as it) it
stands highest out of noise (26.8 dB over the median, with 0 to 150 ppm of clock error), 29 others are still
16 dB below it where one's own ear is silent, and its place is right to 0.1 ms. Gold codes are as good, but
have as much energy in the octave above 4 kHz as below. Shifted sweeps and shifted MLS take a neighbour that
starts later for oneself (0 dB), combs of tones are wrong by hundreds of ms, and noise with its tops left is
6 dB quieter for the same peak. Left and right are played after each other: together, the ear that plays would
hide what a dead one still gives off 30 dB below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from labcheck.headset.recording import RATE

SEATS = 32
"""So many seats have signals of their own."""
LOW_HZ, HIGH_HZ = 85.0, 9000.0
"""The probes' band: all of the third octaves of 100 and 8000 Hz."""
LEVEL = 10 ** (-12.2 / 20)
"""RMS of probes and tone, full scale = 1. Never above -12 dBFS, see docs/headsets.md, and peaks below -3."""
CEILING = 10 ** (-3.2 / 20)
WAKE_LEVEL = 10 ** (-45 / 20)
_FADE = RATE // 100


def _frame(seconds: float) -> int:
    return round(seconds * RATE)


WAKE = (_frame(0.0), _frame(0.5))
LEFT_AT, RIGHT_AT, PROBE = _frame(1.1), _frame(3.1), _frame(1.95)
TONE_AT, TONE = _frame(5.1), _frame(1.7)
TONES_HZ = (
    644, 713, 782, 856, 920, 989, 1058, 1127, 1194, 1265, 1334, 1406, 1472, 1541, 1610, 1679,
    1748, 1817, 1886, 1955, 2024, 2093, 2162, 2231, 2300, 2369, 2438, 2507, 2576, 2645, 2714, 2783,
)  # fmt: skip
"""About 69 k + 23: at least 62 Hz apart, so that a gap of 10 ms in one shows through a filter that lets no
other pass; second and third harmonics are 8 Hz and more from all of them; below 1600 Hz they are 6 Hz and
more from multiples of 50 Hz."""
FRAMES = _frame(8.0)
QUIET = ((_frame(0.55), _frame(0.8)), (_frame(7.2), _frame(7.95)))


@dataclass(frozen=True, slots=True, eq=False)
class Stimulus:
    """What one seat plays. Full scale is 1 in the references and 32767 in ``pcm``."""

    seat: int
    """0-based number in the room (0...31), not the seat's name."""
    pcm: NDArray[np.int16]
    """(frames, 2): left, right; lead-in and tail included."""
    left: NDArray[np.float64]
    """The left ear's probe, (n,)."""
    right: NDArray[np.float64]
    left_at: int
    """First frame of the probe in ``pcm``."""
    right_at: int
    tone_at: int
    tone_frames: int
    tone_hz: float
    """A steady tone of whole cycles in a second: the left ear plays the first half of the frames, the right
    ear the second, each with fades of 10 ms. Together they would cancel in some microphones."""
    quiet: tuple[tuple[int, int], ...]
    """Frames [first, end) of ``pcm`` in which no seat plays, start differences and latencies allowed for."""


@lru_cache(maxsize=SEATS)
def stimulus(seat: int) -> Stimulus:
    """The same for the same seat, always. Raises ValueError for a seat that is not 0...31."""
    if not 0 <= seat < SEATS:
        raise ValueError(f"no signal for seat {seat}")
    left, right = probe(2 * seat, PROBE), probe(2 * seat + 1, PROBE)
    hertz = tone_hz(seat)
    half = TONE // 2
    tone = LEVEL * np.sqrt(2) * np.sin(2 * np.pi * hertz / RATE * np.arange(half)) * _fades(half)
    wake = probe(2 * seat, WAKE[1] - WAKE[0]) * (WAKE_LEVEL / LEVEL)
    played = np.zeros((FRAMES, 2))
    played[WAKE[0] : WAKE[1]] += wake[:, None]
    played[LEFT_AT : LEFT_AT + PROBE, 0] += left
    played[RIGHT_AT : RIGHT_AT + PROBE, 1] += right
    played[TONE_AT : TONE_AT + half, 0] += tone
    played[TONE_AT + half : TONE_AT + TONE, 1] += tone
    pcm = np.rint(played * 32767).astype(np.int16)
    for kept in (pcm, left, right):
        kept.setflags(write=False)
    return Stimulus(seat, pcm, left, right, LEFT_AT, RIGHT_AT, TONE_AT, TONE, hertz, QUIET)


def tone_hz(seat: int) -> float:
    """Of :data:`TONES_HZ`."""
    return float(TONES_HZ[seat])


def probe(number: int, frames: int) -> NDArray[np.float64]:
    """Noise of the band that is always the same: random phases, levelled, its peaks clipped and the band cut
    again; :data:`LEVEL` RMS."""
    spectrum = _shape(frames) * np.exp(2j * np.pi * _uniform(number, frames // 2 + 1))
    wave = np.fft.irfft(spectrum, frames)
    for _again in range(2):
        most = 1.6 * _rms(wave)
        wave = np.fft.irfft(np.fft.rfft(np.clip(wave, -most, most)) * _band(frames), frames)
    wave *= _fades(frames)
    wave *= LEVEL / _rms(wave)
    return np.asarray(np.clip(wave, -CEILING, CEILING))


def _uniform(number: int, count: int) -> NDArray[np.float64]:
    """[0, 1); the raw bits of PCG64 stay the same in every version of numpy."""
    return np.asarray((np.random.PCG64(20_260_000 + number).random_raw(count) >> np.uint64(11)) * 2.0**-53)


def _band(frames: int) -> NDArray[np.bool_]:
    hertz = np.fft.rfftfreq(frames, 1 / RATE)
    return np.asarray((hertz >= LOW_HZ) & (hertz <= HIGH_HZ))


def _shape(frames: int) -> NDArray[np.float64]:
    """Amplitudes: the same energy in every octave."""
    hertz = np.fft.rfftfreq(frames, 1 / RATE)
    return np.asarray(_band(frames) / np.sqrt(np.maximum(hertz, LOW_HZ)))


def _fades(frames: int) -> NDArray[np.float64]:
    """1 with raised-cosine ends."""
    gains = np.ones(frames)
    rise = np.sin(np.pi / 2 * (np.arange(_FADE) + 0.5) / _FADE) ** 2
    gains[:_FADE], gains[-_FADE:] = rise, rise[::-1]
    return gains


def _rms(wave: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(wave**2)))
