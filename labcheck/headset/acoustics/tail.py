"""What comes long after an ear's direct sound: the room's answer, little beside a microphone, much far off.

An earcup is some centimetres from its microphone, and a room's reverberation 16 dB and more below it. Of a
loudspeaker at half a metre and more the room gives back about as much as comes directly (Kuttruff, "Room
Acoustics", 5.6: the critical distance of a classroom is 0.6 to 1 m).
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import scipy.fft
import scipy.ndimage

from labcheck.headset.acoustics.coupling import HIGH_HZ, LOW_HZ, WORK, Spectra
from labcheck.headset.acoustics.level import Wave

DIRECT_SECONDS = (-0.001, 0.01)
LATE_SECONDS = (0.02, 0.12)
_PIECES = 16
_SMOOTH_HZ = 60.0
_FAR_SECONDS = 0.9
"""From here on a room of 0.9 s is 60 dB down, and everything is noise."""


def late(spectrum: Spectra, size: int, early: int) -> tuple[float, float]:
    """Energy of the late over that of the direct sound, and its standard error: ratios, not dB. From the
    spectrum of a circular impulse response at 24 kHz, ``size`` frames long, whose peak is at frame ``early``.
    nan: noise is all there is."""
    pink = scipy.fft.irfft(spectrum * _pink(size) * _calm(spectrum, size), size)
    power = np.roll(pink, -early) ** 2
    length = round((LATE_SECONDS[1] - LATE_SECONDS[0]) * WORK)
    firsts = np.linspace(_FAR_SECONDS * WORK, size - 0.05 * WORK - length, _PIECES).astype(int)
    still = np.array([power[first : first + length].sum() for first in firsts])
    noise = float(still.mean()) / length
    direct = _between(power, DIRECT_SECONDS, noise)
    if not direct > 0:
        return math.nan, math.nan
    error = float(still.std()) * math.sqrt(1 + 1 / _PIECES)
    return _between(power, LATE_SECONDS, noise) / direct, error / direct


def _calm(spectrum: Spectra, size: int) -> Wave:
    """What turns down the frequencies in which noise (voices, hum) is louder than it is as a rule."""
    first, last = round(_FAR_SECONDS * WORK), size - round(0.05 * WORK)
    far = scipy.fft.irfft(spectrum, size)[first:last]
    power = np.abs(scipy.fft.rfft(far * np.hanning(last - first), size)) ** 2
    width = round(_SMOOTH_HZ * size / WORK)
    smooth = scipy.ndimage.uniform_filter1d(power, width)
    usual = float(np.median(smooth[_pink(size) > 0]))
    return np.asarray(np.sqrt(usual / np.maximum(smooth, max(usual, 1e-30))), dtype=np.float32)


@cache
def _pink(size: int) -> Wave:
    """What makes of a flat response a pink one, of four times the lowest to half of the highest frequency."""
    hertz = np.fft.rfftfreq(size, 1 / WORK)
    inside = (hertz >= 4 * LOW_HZ) & (hertz <= HIGH_HZ / 2)
    return np.asarray(np.where(inside, 1 / np.sqrt(np.maximum(hertz, 1)), 0), dtype=np.float32)


def _between(power: Wave, seconds: tuple[float, float], noise: float) -> float:
    """Energy above the noise."""
    first, last = (round(second * WORK) for second in seconds)
    piece = np.concatenate([power[first:], power[:last]]) if first < 0 else power[first:last]
    return float(piece.sum()) - noise * (last - first)
