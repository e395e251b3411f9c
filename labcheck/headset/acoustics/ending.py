"""Whether the sound lasts to its end: the last third of a second of an ear's tone against what must come.

A microphone that goes away between two blocks, and another that takes its place, leave a recording that goes
on; what is missing then is the end of what was played.
"""

from __future__ import annotations

import math

import numpy as np

from labcheck.headset.acoustics.coupling import WORK
from labcheck.headset.acoustics.level import NAN, Wave
from labcheck.headset.signals import LEVEL

SECONDS = 0.33
_BESIDE_HZ = (9.0, 45.0)
"""Away from the tone, on either side: what noise, voices and the next seats' tones make of a line."""


def last_tone(wave: Wave, end: float, hertz: float, impulse: Wave) -> tuple[float, float]:
    """Amplitude of a tone in the last third of a second before ``end`` (seconds of a recording at 24 kHz)
    over what its ear's impulse response makes of it, and the standard error of that. nan: it cannot be
    told."""
    first, last = round((end - SECONDS) * WORK), round(end * WORK)
    if first < 0 or last > len(wave) or not len(impulse):
        return NAN, NAN
    gain = abs(np.exp(-2j * np.pi * hertz / WORK * np.arange(len(impulse))) @ impulse)
    piece = wave[first:last] * np.hanning(last - first)
    size = 8 * len(piece)
    spectrum = np.abs(np.fft.rfft(piece, size))
    at = np.arange(len(spectrum)) * WORK / size
    away = np.abs(at - hertz)
    beside = spectrum[(away >= _BESIDE_HZ[0]) & (away <= _BESIDE_HZ[1])]
    usual = float(gain) * LEVEL * math.sqrt(2) * len(piece) / 4  # the window lets through a half of a half
    if not usual > 0 or not beside.size:
        return NAN, NAN
    line = float(spectrum[away <= 1.0].max())
    return line / usual, float(np.median(beside)) / math.sqrt(math.log(2) * 2) / usual
