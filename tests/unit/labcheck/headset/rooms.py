"""Recordings made up for tests: what a microphone gives when earcups couple into it flatly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import FRAMES, stimulus

Wave = NDArray[np.float64]
LEFT = np.array([1.0, 0.5, -0.2, 0.1])
RIGHT = np.array([1.0, -0.3, 0.25, 0.0, 0.15])
"""Impulse responses of two different ears, direct sound first."""
OFFSET = 0.55
SECONDS = 9.3


def microphone(
    seat: int = 0,
    left_db: float = -45.0,
    right_db: float = -48.0,
    noise_db: float = -65.0,
    latency: float = 0.08,
    ears: tuple[Wave, Wave] = (LEFT, RIGHT),
    seed: int = 1,
) -> Wave:
    """What is recorded, full scale 1; the right ear's sound comes 10 frames later."""
    pcm = stimulus(seat).pcm / 32767
    wave = np.zeros(round(SECONDS * RATE))
    at = round((OFFSET + latency) * RATE)
    for side, level, response, late in ((0, left_db, ears[0], 0), (1, right_db, ears[1], 10)):
        wave[at + late : at + late + FRAMES] += 10 ** (level / 20) * lfilter(response, 1.0, pcm[:, side])
    chance = np.random.default_rng(seed)
    return np.asarray(wave + 10 ** (noise_db / 20) * chance.standard_normal(len(wave)))


def recorded(wave: NDArray[np.floating[Any]], offset: float = OFFSET) -> Recording:
    """As 16 bits."""
    pcm = np.clip(np.rint(wave * 32767), -32768, 32767).astype(np.int16)
    return Recording(pcm, RATE, offset * RATE)
