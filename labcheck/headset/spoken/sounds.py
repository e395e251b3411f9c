"""What is played, as the agent takes it: 48 kHz, two channels, 16 bit."""

from __future__ import annotations

import wave
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from labcheck.headset.recording import RATE
from labcheck.headset.spoken import words
from labcheck.headset.spoken.draw import Ear, Trial
from labcheck.headset.spoken.words import Language

LEAD_SECONDS = 0.6
"""Many devices swallow the first half second."""
TAIL_SECONDS = 0.2
OTHER = (7, 4, 1, 5)
"""What somebody else's voice says."""
LEVEL = 10 ** (-20 / 20)
"""RMS of everything that is played, as that of the words."""
CEILING = 10 ** (-2 / 20)
_PAUSE_SECONDS = 0.25
_NOISE_SECONDS = 2.5
_FADE = RATE // 50


def word(trial: Trial, language: Language) -> NDArray[np.int16]:
    """A number in one ear, (frames, 2)."""
    said = _word(language, trial.number)
    silent = np.zeros_like(said)
    return _pcm(said, silent) if trial.ear is Ear.LEFT else _pcm(silent, said)


def other(language: Language) -> NDArray[np.int16]:
    """Somebody else's voice, in both ears."""
    pause = np.zeros(round(_PAUSE_SECONDS * RATE))
    said = np.concatenate([part for number in OTHER for part in (_word(language, number), pause)])
    return _pcm(said, said)


def noise() -> NDArray[np.int16]:
    """A hiss in both ears, always the same."""
    wild = np.random.default_rng(20_261).standard_normal(round(_NOISE_SECONDS * RATE))
    return own(np.convolve(wild, np.ones(8) / 8, "same"), RATE)


def own(samples: NDArray[np.float64], rate: int) -> NDArray[np.int16]:
    """A recording in both ears, (n,), full scale = 1, brought to the level of the others: that it was too
    quiet is measured, not judged by ear."""
    from scipy.signal import resample_poly  # noqa: PLC0415 - a second of loading, for those who need it

    moving = samples - samples.mean() if samples.size else np.zeros(1)
    if rate != RATE:
        moving = resample_poly(moving, RATE, rate)
    size = float(np.sqrt(np.mean(moving**2)))
    moving = moving * (LEVEL / size if size > 0 else 0.0)
    faded = min(_FADE, moving.size)
    rise = np.linspace(0, 1, faded)
    moving[:faded] *= rise
    moving[-faded:] *= rise[::-1]
    return _pcm(moving, moving)


def _pcm(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.int16]:
    lead, tail = round(LEAD_SECONDS * RATE), round(TAIL_SECONDS * RATE)
    played = np.zeros((lead + left.size + tail, 2))
    played[lead : lead + left.size, 0] = left
    played[lead : lead + left.size, 1] = right
    return np.rint(np.clip(played, -CEILING, CEILING) * 32767).astype(np.int16)


@lru_cache(maxsize=32)
def _word(language: Language, number: int) -> NDArray[np.float64]:
    from scipy.signal import resample_poly  # noqa: PLC0415

    with wave.open(str(words.file_of(language, number)), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    said = np.asarray(resample_poly(samples, RATE // words.RATE, 1))
    said.setflags(write=False)
    return said
