"""Distortion of the probes: what they would give if they were bent, looked for in what is left of them.

A probe's peaks are 3.4 dB above the tone's, so what is cut off above the tone shows in the probes alone. What
a bent path adds is known: the square and the cube of what was played, without what is the probe itself, after
the same impulse response (Hammerstein's model; Farina 2000 gets the same orders from sweeps). By Bussgang
(1952) any other bending has a share of them. They are found far below the noise: 2 s of 8 kHz are 30 000
values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from labcheck.headset.acoustics.coupling import WORK, Spectra, at_work_rate, squared
from labcheck.headset.acoustics.level import Wave
from labcheck.headset.recording import RATE
from labcheck.headset.signals import Stimulus

ORDERS = 2
"""The square and the cube."""


@dataclass(frozen=True, slots=True, eq=False)
class Products:
    """What an ear's probe gives when it is bent: each as long as the probe, at 24 kHz."""

    waves: tuple[Wave, ...]


UNBENT = Products(())


@lru_cache(maxsize=64)
def products(stimulus: Stimulus, right: bool) -> Products:
    """Each with the probe's RMS, and nothing of the probe or a mean in it."""
    played = stimulus.right if right else stimulus.left
    plain = at_work_rate(played, RATE, WORK)
    found: list[Wave] = []
    for power in range(2, 2 + ORDERS):
        wave = at_work_rate(played**power, RATE, WORK)
        wave = wave - wave.mean()
        for other in (plain, *found):
            wave = wave - other * (float(wave @ other) / float(other @ other))
        found.append(wave * np.sqrt(float(plain @ plain) / float(wave @ wave)))
    return Products(tuple(found))


def share(rest: Spectra, added: Spectra, weights: Wave) -> tuple[float, float]:
    """Of a product in the rest: its amplitude over the probe's, and the standard error of that."""
    weighed = weights * squared(added)
    energy = float(np.sum(weighed))
    if not energy > 0:
        return float("nan"), float("nan")
    amplitude = float(np.sum(weights * np.real(rest * np.conj(added)))) / energy
    left = squared(rest - np.float32(amplitude) * added)
    return amplitude, float(np.sqrt(np.sum(weights * weighed * left) / 2)) / energy
