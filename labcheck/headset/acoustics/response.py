"""How an earcup sounds in its microphone: impulse response, gain, response in third octaves.

The probe is periodic when its tail is laid over its begin, and has energy at every frequency of its band, so
that dividing spectra gives the impulse response without leakage. What the response has far from the peak is
noise; as much of it as falls into the window around the peak is taken off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from labcheck.headset.acoustics.coupling import HIGH_HZ, LOW_HZ, WORK, Probe, Spectra, squared
from labcheck.headset.acoustics.level import Wave, median
from labcheck.headset.acoustics.tail import late

EARLY, LATE = 72, 408
"""Frames before and after the peak that belong to the ear: 3 and 17 ms at 24 kHz."""
_WINDOWS = 40
_FAR = WORK // 10
"""Frames from the peak at which there is nothing but noise: 100 ms."""
_SIZE = 1024
_FADE = WORK // 100
"""Frames before and after all that is heard of a probe, 10 ms, over which what is cut out begins and ends:
hum that is cut off at once has all frequencies."""
_TAPS = 24
_KAISER = 9.0
_HALF = 10**0.05
"""Edges of a third octave over its centre (IEC 61260-1:2014, 5.5)."""


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Of one ear."""

    impulse: NDArray[np.float64]
    """(EARLY + LATE,) at 24 kHz."""
    gain_db: float
    """From the first to the last centre, weighed as the probe is; nan when noise is all there is."""
    thirds_db: tuple[float, ...]
    over_noise_db: tuple[float, ...]
    floor_db: tuple[float, ...]
    noise: Wave
    """Power of the noise in each bin of an FFT of :data:`_SIZE`, for an impulse response of this length."""
    recorded: Wave
    """What was recorded while the probe was heard, by the player's clock; as long as the probe."""
    late: tuple[float, float] = (math.nan, math.nan)
    """See ``tail.late``."""


def read(wave: Wave, first: float, step: float, count: int) -> Wave:
    """``count`` values at ``first``, ``first + step``, ... of a wave, between its frames by a windowed sinc;
    0 beyond its ends."""
    places = first + step * np.arange(count)
    whole = np.floor(places).astype(np.intp)
    kernels = _kernels()
    rows = kernels[np.rint((places - whole) * (len(kernels) - 1)).astype(np.intp)]
    padded = np.pad(wave, _TAPS)
    around = np.lib.stride_tricks.sliding_window_view(padded, _TAPS)
    begins = np.clip(whole + _TAPS - _TAPS // 2 + 1, 0, len(around) - 1)
    return np.asarray(np.einsum("nt,nt->n", rows, around[begins]), dtype=wave.dtype)


@cache
def _kernels() -> NDArray[np.float32]:
    """(2049, taps): the sinc for each part of a frame."""
    parts = np.linspace(0, 1, 2049)[:, None]
    taps = np.arange(_TAPS) - _TAPS // 2 + 1 - parts
    window = np.i0(_KAISER * np.sqrt(np.maximum(0, 1 - (taps / (_TAPS // 2)) ** 2))) / np.i0(_KAISER)
    return np.asarray(np.sinc(taps) * window, dtype=np.float32)


@lru_cache(maxsize=128)
def spectrum(probe: Probe) -> Spectra:
    """Of the whole probe."""
    return np.asarray(scipy.fft.rfft(probe.wave), dtype=np.complex64)


def respond(
    recorded: Wave, probe: Probe, at: float, clock_ppm: float, centres: tuple[float, ...]
) -> Response:
    """Of a probe that begins at the second ``at`` of a recording at 24 kHz, whose clock is so far off."""
    length = len(probe.wave)
    step = 1 + clock_ppm * 1e-6
    around = length + EARLY + LATE + 2 * _FADE
    piece = read(recorded, at * WORK - (EARLY + _FADE) * step, step, around)
    heard = faded(piece, _FADE)
    folded = heard[_FADE : _FADE + length].copy()
    folded[: EARLY + LATE + _FADE] += heard[_FADE + length :]
    folded[-_FADE:] += heard[:_FADE]
    low, high = math.ceil(probe.band[0] * length / WORK), math.floor(probe.band[1] * length / WORK) + 1
    played = spectrum(probe)[low:high]
    ratio = np.zeros(length // 2 + 1, dtype=np.complex64)
    energy = squared(played)
    ratio[low:high] = scipy.fft.rfft(folded)[low:high] * np.conj(played) / (energy + 1e-4 * median(energy))
    everything = scipy.fft.irfft(ratio, length)
    impulse = np.asarray(everything[: EARLY + LATE], dtype=np.float64)
    noise = _noise(everything)
    power = np.abs(np.fft.rfft(impulse, _SIZE)) ** 2
    weights = _pink(centres[0], centres[-1])
    gain = float((power - noise) @ weights)
    thirds = [_third(power, noise, centre) for centre in centres]
    levels, overs, floors = zip(*thirds, strict=True)
    its_own = piece[_FADE + EARLY : _FADE + EARLY + length]
    return Response(impulse, _db(gain), levels, overs, floors, noise, its_own, late(ratio, length, EARLY))


def faded(wave: Wave, frames: int) -> Wave:
    """(..., n): with raised-cosine ends of so many frames."""
    gains = _ends(wave.shape[-1], frames)
    return np.asarray(wave * gains, dtype=wave.dtype)


@lru_cache(maxsize=8)
def _ends(length: int, frames: int) -> NDArray[np.float32]:
    gains = np.ones(length, dtype=np.float32)
    gains[:frames] = np.sin(np.pi / 2 * (np.arange(frames) + 0.5) / frames) ** 2
    gains[-frames:] = gains[frames - 1 :: -1]
    return gains


@cache
def _pink(low: float, high: float) -> NDArray[np.float64]:
    """(bins,) of an FFT of :data:`_SIZE`: weights of the powers of a probe's octaves, all the same."""
    hertz = np.fft.rfftfreq(_SIZE, 1 / WORK)
    weights = np.where((hertz >= low) & (hertz <= high), 1 / np.maximum(hertz, 1), 0)
    return np.asarray(weights / weights.sum())


def _noise(everything: Wave) -> Wave:
    """Mean power per bin of windows far from the peak."""
    size = EARLY + LATE
    firsts = np.linspace(size + _FAR, len(everything) - size - _FAR, _WINDOWS).astype(int)
    pieces = np.stack([everything[first : first + size] for first in firsts])
    powers = squared(scipy.fft.rfft(pieces, _SIZE, axis=1))
    return np.asarray(np.mean(powers, axis=0, dtype=np.float64))


@cache
def _inside(centre: float) -> slice:
    """Bins of an FFT of :data:`_SIZE` that a third octave touches."""
    low, high = max(centre / _HALF, LOW_HZ), min(centre * _HALF, HIGH_HZ)
    hertz = np.fft.rfftfreq(_SIZE, 1 / WORK)
    inside = np.flatnonzero((hertz > low - WORK / _SIZE / 2) & (hertz < high + WORK / _SIZE / 2))
    return slice(int(inside[0]), int(inside[-1]) + 1)


def _third(heard: Wave, noise: Wave, centre: float) -> tuple[float, float, float]:
    """Level, level over noise (nan where noise is as much) and noise of a third octave."""
    inside = _inside(centre)
    all_of_it, only_noise = float(heard[inside].mean()), float(noise[inside].mean())
    level = all_of_it - only_noise
    over = _db(level / only_noise) if only_noise > 0 and level > 0 else math.nan
    return (_db(level) if level > only_noise else math.nan), over, _db(only_noise)


def _db(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else math.nan
