"""Whether what is heard of both ears is one ear: the same shape at the same moment, however loud.

Each earcup has its own way to the microphone, so two good ones differ in shape, and by 20 µs and more (7 mm)
in the moment at which they are heard. Where both are the same, one thing is heard twice: a mono fold, a wire
that sums both channels, a dead ear whose channel leaks into the other's driver. How loud they are says
nothing here: a balance or a leak makes any difference.
"""

from __future__ import annotations

import math

import numpy as np

from labcheck.headset.acoustics.channels import smooth
from labcheck.headset.acoustics.coupling import HIGH_HZ, LOW_HZ, WORK
from labcheck.headset.acoustics.level import Wave
from labcheck.headset.acoustics.response import EARLY, Response

_SIZE = 1024
_BEFORE, _AFTER = WORK // 1000, WORK * 8 // 1000
SAME_SECONDS = 20e-6
"""By so much what is the same may seem to be apart: what clocks (5 ppm in 2 s) and noise leave open."""
_STEPS = 9
_FARTHEST = 0.009
"""Seconds; further apart the windows have nothing in common."""


def one_ear(left: Response, right: Response, later: float) -> tuple[float, float]:
    """Of both impulse responses 0...1, noise taken into account, at the same moment by one clock: the right
    one's peak is ``later`` by so many seconds. An inverted one counts as the same. Its standard error, too.
    nan: noise is all."""
    if not abs(later) < _FARTHEST:
        return 0.0, 0.0
    whole = round(later * WORK)
    rest = later - whole / WORK
    louder_first = left.gain_db >= right.gain_db
    middle = 0 if louder_first else whole
    one = _window(left.impulse, EARLY + middle)
    two = _window(right.impulse, EARLY + middle - whole)
    share = (_BEFORE + _AFTER) / len(left.impulse)
    hertz = np.asarray(np.fft.rfftfreq(_SIZE, 1 / WORK), dtype=np.float64)
    spectra = [np.fft.rfft(wave, _SIZE) for wave in (one, two)]
    noises = [smooth(ear.noise * share, hertz) for ear in (left, right)]
    powers = [smooth(np.abs(wave) ** 2, hertz) for wave in spectra]
    # What both ears say together is only as sure as the quieter of them: level it first.
    scale = max(float(powers[0].sum() - noises[0].sum()), 1e-30) / max(
        float(powers[1].sum() - noises[1].sum()), 1e-30
    )
    weights = _weights(powers[0], noises[0]) * _weights(powers[1] * scale, noises[1] * scale)
    weights = np.where((hertz >= LOW_HZ) & (hertz <= HIGH_HZ), np.sqrt(weights), 0)
    weights /= np.maximum(np.sqrt(powers[0] * powers[1]), 1e-30)
    energies = [
        float(np.sum(weights * (np.abs(wave) ** 2 - noise)))
        for wave, noise in zip(spectra, noises, strict=True)
    ]
    if not min(energies) > 0:
        return math.nan, math.nan
    moments = rest + np.linspace(-SAME_SECONDS, SAME_SECONDS, _STEPS)
    turns = np.exp(-2j * np.pi * hertz * moments[:, None])
    cross = np.real(turns @ (weights * np.conj(spectra[0]) * spectra[1]))
    whole_energy = math.sqrt(energies[0] * energies[1])
    # Noise of each with what is heard of the other; neighbouring bins of a short window are alike.
    noisy = powers[0] * noises[1] + powers[1] * noises[0]
    error = math.sqrt(float(np.sum(weights**2 * noisy)) / 2 * _SIZE / len(one))
    return min(1.0, float(np.max(np.abs(cross))) / whole_energy), error / whole_energy


def _weights(power: Wave, noise: Wave) -> Wave:
    """Of each frequency: the share of it that is signal, nothing where noise is most of it."""
    return np.asarray(np.clip(1 - 2 * noise / np.maximum(power, 1e-30), 0, 1))


def _window(impulse: Wave, peak: int) -> Wave:
    """1 ms before to 8 ms after a place; zeros where there is nothing."""
    piece = np.zeros(_BEFORE + _AFTER)
    first, last = max(peak - _BEFORE, 0), min(peak + _AFTER, len(impulse))
    if first < last:
        piece[first - peak + _BEFORE : last - peak + _BEFORE] = impulse[first:last]
    return piece
