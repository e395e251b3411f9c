"""Whether two ears are two: how alike their impulse responses are, and whether one is inverted.

In a mono fold both ears play both channels, so that either probe takes the same way: the same impulse
response, the same gain, the same moment. Two ears of a good headset differ in all of them.
"""

from __future__ import annotations

import math

import numpy as np

from labcheck.headset.acoustics.coupling import HIGH_HZ, LOW_HZ, WORK
from labcheck.headset.acoustics.level import Wave
from labcheck.headset.acoustics.response import EARLY, Response

LOWEST_TO_HZ = 800.0
"""Below it a wave is longer than the ways from both cups to the microphone differ."""
_SIZE = 1024
_BEFORE, _AFTER = WORK // 1000, WORK * 8 // 1000
"""Only what is near the peak is compared, where the most sound and the least noise is: -1...+8 ms."""
_LAG = WORK // 2000
"""The peaks of two ears lie at most so many frames from where they were put: 0.5 ms."""
_SIGN_LAG = 3
"""Further away a wave of 800 Hz is another one."""
_SMOOTH = 0.26
"""Half the width in octaves over which powers are averaged for the weights."""


def similarity(left: Response, right: Response) -> float:
    """Of both impulse responses at their best lag, 0...1, each frequency weighed by how little noise it has;
    what noise adds to their energies is taken off, so that it is 1 for the same sound in any noise, give or
    take what chance adds. nan when noise is all there is."""
    value = _alike(left, right, HIGH_HZ, _LAG)
    return math.nan if math.isnan(value) else min(1.0, abs(value))


def low_sign(left: Response, right: Response) -> float:
    """The same of low frequencies alone, with its sign: -1 when one ear is the other inverted."""
    value = _alike(left, right, LOWEST_TO_HZ, _SIGN_LAG)
    return math.nan if math.isnan(value) else max(-1.0, min(1.0, value))


def _alike(left: Response, right: Response, high: float, lag: int) -> float:
    hertz = np.asarray(np.fft.rfftfreq(_SIZE, 1 / WORK), dtype=np.float64)
    window = np.zeros(len(left.impulse))
    window[EARLY - _BEFORE : EARLY + _AFTER] = 1
    share = (_BEFORE + _AFTER) / len(window)
    one, two = (np.fft.rfft(ear.impulse * window, _SIZE) for ear in (left, right))
    noises = [smooth(ear.noise * share, hertz) for ear in (left, right)]
    powers = [smooth(np.abs(wave) ** 2, hertz) for wave in (one, two)]
    signal = np.maximum(sum(powers) - sum(noises), 0)
    weights = np.where(
        (hertz >= LOW_HZ) & (hertz <= high), signal / np.maximum(sum(powers) * sum(noises), 1e-30), 0
    )
    if not weights.sum() > 0:
        return math.nan
    weights /= weights.sum()
    cross = np.fft.irfft(one * np.conj(two) * weights, _SIZE) * _SIZE / 2
    lags = np.concatenate([cross[: lag + 1], cross[-lag:]])
    energies = [
        float(np.sum(weights * (np.abs(wave) ** 2 - its_noise)))
        for wave, its_noise in zip((one, two), noises, strict=True)
    ]
    if min(energies) <= 0:
        return math.nan
    return float(lags[np.argmax(np.abs(lags))]) / math.sqrt(energies[0] * energies[1])


def smooth(power: Wave, hertz: Wave) -> Wave:
    """Mean over half an octave around each bin."""
    total = np.concatenate([[0.0], np.cumsum(power)])
    bins = np.arange(len(hertz))
    first = np.floor(bins * 2**-_SMOOTH).astype(int)
    end = np.minimum(np.ceil(bins * 2**_SMOOTH).astype(int) + 1, len(hertz))
    return np.asarray((total[end] - total[first]) / (end - first))
