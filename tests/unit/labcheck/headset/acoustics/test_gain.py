"""Noise that breathes and gates that leave islands; and honest microphones, which do none of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from labcheck.headset.acoustics.gain import Pauses, pauses
from tests.unit.labcheck.headset.acoustics.test_hum import lines
from tests.unit.labcheck.headset.acoustics.test_level import RATE, as_int16, noise

TONES = {863.0: -50.0, 879.0: -60.0, 987.0: -45.0, 1013.0: -65.0, 1237.0: -55.0}


def heard(pause: NDArray[np.float64], beside: NDArray[np.float64]) -> Pauses:
    """First a pause, then the tones of the room over the noise ``beside``."""
    wave = np.concatenate([pause, beside + lines(TONES, len(beside) / RATE)])
    return pauses(as_int16(wave), RATE, [(0, len(pause))], [(len(pause), len(wave))])


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("level", [-75, -55])
def test_an_honest_microphone_does_not_breathe(seed: int, level: float) -> None:
    found = heard(noise(level, 1.3, seed), noise(level, 0.9, seed + 100))
    assert abs(found.breathing) < 0.7
    assert abs(found.breathing) < 6 * found.error + 0.2
    assert found.patchy < 0.5


@pytest.mark.parametrize("db", [-12.0, -4.0, 6.0, 20.0])
def test_noise_that_differs_beside_a_tone_breathes_by_that(db: float) -> None:
    found = heard(noise(-55, 1.3), noise(-55, 0.9, 2) * 10 ** (db / 20))
    assert found.breathing == pytest.approx(db, abs=0.7)


def test_a_voice_in_either_part_is_no_breathing() -> None:
    voice = lines({n * 210.0: -35 - n for n in range(1, 20)}, 0.9) * (np.arange(43_200) % 14_400 < 6000)
    quiet = noise(-60, 0.9)
    assert abs(heard(quiet, noise(-60, 0.9, 2) + voice).breathing) < 1.0
    spoken = heard(quiet + voice, noise(-60, 0.9, 2))
    assert abs(spoken.breathing) < 1.0
    assert spoken.patchy < 1.0


@pytest.mark.parametrize("seed", range(5))
def test_a_spectral_gate_is_patchy(seed: int) -> None:
    from scipy.signal import istft, stft  # noqa: PLC0415 - slow to load

    _hertz, _time, cells = stft(noise(-55, 1.3, seed), RATE, nperseg=960)
    kept = np.abs(cells) > np.quantile(np.abs(cells), 0.9)
    gated = istft(np.where(kept, cells, cells * 0.02), RATE, nperseg=960)[1]
    assert heard(gated, noise(-55, 0.9)).patchy > 3


@pytest.mark.parametrize("length", [0, 1, 1000, 9000])
def test_too_short_or_silent_is_not_measurable(length: int) -> None:
    assert math.isnan(pauses(np.zeros(length), RATE, [(0, length)], [(0, length)]).breathing)
    assert math.isnan(pauses(noise(-50), RATE, [(0, RATE)], []).breathing)
    assert math.isnan(pauses(np.zeros(RATE), RATE, [(0, RATE)], []).patchy)
    silent = pauses(np.zeros(RATE), RATE, [(0, RATE)], [(0, RATE)])
    assert silent.breathing == 0
