"""Gains that move, sounds that are cut, noise that breathes; and honest microphones, which do none of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from labcheck.headset.acoustics.gain import Pauses, beyond, cut_ends, movement, pauses
from tests.unit.labcheck.headset.acoustics.test_hum import lines
from tests.unit.labcheck.headset.acoustics.test_level import RATE, as_int16, noise

TIME: NDArray[np.float64] = np.arange(180, dtype=np.float64) * 0.005
TONES = {863.0: -50.0, 879.0: -60.0, 987.0: -45.0, 1013.0: -65.0, 1237.0: -55.0}


def with_noise(gains: NDArray[np.float64], error: float, seed: int) -> NDArray[np.float64]:
    return gains + np.random.default_rng(seed).normal(size=len(gains)) * error


@settings(deadline=None, max_examples=30)
@given(st.floats(-12, 12), st.floats(0.03, 0.3), st.floats(0.01, 0.05), st.integers(0, 999))
def test_a_gain_that_moves_is_told_with_its_error(
    db: float, constant: float, error: float, seed: int
) -> None:
    """The exponential runs to ``db`` at the end of the track."""
    share = (1 - np.exp(-TIME / constant)) / (1 - math.exp(-TIME[-1] / constant))
    gains = 1 + (10 ** (db / 20) - 1) * share
    found = movement(TIME, with_noise(gains, error, seed), np.full(len(TIME), error))
    assert found.db == pytest.approx(db, abs=5 * found.error + 0.2)
    if abs(db) > 4:
        assert found.sure > 0.99
        assert constant / 3 < found.seconds < 3 * constant


def test_a_gain_that_stays_is_hardly_ever_suspected() -> None:
    found = [movement(TIME, with_noise(np.ones(180), 0.1, seed), np.full(180, 0.1)) for seed in range(120)]
    assert sum(one.sure > 0.99 for one in found) <= 5
    assert sum(beyond(abs(one.db), one.error, 2.0) > 0.5 for one in found) <= 10
    # Errors that were taken for too small do not make it surer: what is left over counts.
    wrong = [movement(TIME, with_noise(np.ones(180), 0.1, seed), np.full(180, 0.01)) for seed in range(120)]
    assert sum(one.sure > 0.99 for one in wrong) <= 5


@given(st.floats(0.01, 100))
def test_a_gain_of_the_whole_moves_nothing(factor: float) -> None:
    gains = with_noise(np.exp(-TIME), 0.05, 1)
    one = movement(TIME, gains, np.full(180, 0.05))
    other = movement(TIME + 7, gains * factor, np.full(180, 0.05 * factor))
    assert other.db == pytest.approx(one.db, abs=1e-3)
    assert other.error == pytest.approx(one.error, abs=1e-3)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_values_are_not_measurable(count: int) -> None:
    assert math.isnan(movement(TIME[:count], np.ones(count), np.ones(count)).db)
    unknown = np.full(180, math.nan)
    assert math.isnan(movement(TIME, unknown, unknown).sure)
    if count < 2:
        assert math.isnan(cut_ends(TIME[:count], np.ones(count), np.ones(count)).begin)


def test_cut_ends_have_their_length_and_doubtful_ones_none() -> None:
    gains = np.ones(180)
    gains[:20] = 0.02
    gains[-40:] = 0
    noisy = with_noise(gains, 0.03, 1)
    found = cut_ends(TIME, noisy, np.full(180, 0.03))
    assert found.begin == pytest.approx(0.1, abs=0.011)
    assert found.end == pytest.approx(0.2, abs=0.011)
    assert cut_ends(TIME, noisy, np.full(180, 0.2)).begin == 0
    assert cut_ends(TIME, np.ones(180), np.full(180, 0.03)).end == 0
    assert cut_ends(TIME, np.zeros(180), np.full(180, 0.03)).begin == pytest.approx(0.9)


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


def test_beyond_is_a_probability() -> None:
    assert beyond(3, 1, 3) == 0.5
    assert beyond(5, 1, 3) == pytest.approx(0.977, abs=1e-3)
    assert beyond(1, 0, 3) == 0
    assert beyond(4, 0, 3) == 1
    assert math.isnan(beyond(math.nan, 1, 3))
