"""Tones of known frequency, level and distortion, in noise and among other seats' tones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from labcheck.headset.acoustics.distortion import MISSING, Tone, measure
from tests.unit.labcheck.headset.acoustics.test_hum import lines
from tests.unit.labcheck.headset.acoustics.test_level import RATE, as_int16, noise, sine

OUTSIDE = 10 * math.log10(24_000 / 19_980)
"""So much of white noise, in dB, lies outside 20 Hz to 20 kHz."""


def whole(wave: NDArray[np.float64], hertz: float, rate: int = RATE) -> Tone:
    return measure(wave, rate, (0, len(wave)), hertz)


@settings(deadline=None, max_examples=12)
@given(
    st.floats(850, 1300), st.floats(-0.5, 0.5), st.floats(-35, -5), st.floats(10, 60), st.integers(0, 99999)
)
def test_frequency_lies_within_its_error_in_any_noise(
    hertz: float, off: float, level: float, snr: float, seed: int
) -> None:
    found = whole(lines({hertz + off: level}, 0.9, seed) + noise(level - snr, 0.9, seed), hertz)
    assert abs(found.hertz - hertz - off) <= found.error < 0.02
    assert found.level == pytest.approx(level, abs=0.2)
    assert found.sinad == pytest.approx(snr + OUTSIDE, abs=0.3)


def test_the_error_is_four_standard_deviations_and_near_the_cramer_rao_bound() -> None:
    tried = [whole(sine(997, 0.1) + noise(-30, 1.0, seed), 997) for seed in range(36)]
    spread = float(np.std([tone.hertz for tone in tried]))
    assert spread == pytest.approx(np.mean([tone.error for tone in tried]) / 4, rel=0.4)
    bound = math.sqrt(24 * 10**-3.0 / (0.1**2 * RATE**3)) * RATE / (2 * math.pi)
    assert bound < spread < 2 * bound  # the weights cost less than half of it


@settings(deadline=None, max_examples=20)
@given(st.integers(2, 6), st.floats(-55, -10), st.floats(850, 1300), st.integers(0, 99))
def test_a_harmonic_of_known_level_is_that_distortion(
    number: int, ratio: float, hertz: float, seed: int
) -> None:
    found = whole(lines({hertz: -30, number * hertz: -30 + ratio}, 0.9, seed) + noise(-75, 0.9, seed), hertz)
    together = 10 * math.log10(10 ** (ratio / 10) + 10 ** (-4.5 - OUTSIDE / 10))
    assert found.thd == pytest.approx(ratio, abs=0.8)
    assert found.harmonics[number - 2] == pytest.approx(ratio, abs=0.8)
    assert found.thd_n == pytest.approx(together, abs=0.2)
    assert found.sinad == pytest.approx(-found.thd_n, abs=1e-6)


def test_hard_clipping_has_the_distortion_that_fourier_says() -> None:
    # A sine clipped at half its height: Fourier series of the clipped sine, a1 and what is beside it.
    theta = math.asin(0.5)
    first = (2 / math.pi) * (theta + 0.5 * math.cos(theta))
    power = (2 / math.pi) * (theta / 2 - math.sin(2 * theta) / 4 + 0.25 * (math.pi / 2 - theta))
    expected = 10 * math.log10((power - first**2 / 2) / (first**2 / 2))
    found = whole(np.clip(sine(997, 0.4), -0.2, 0.2), 997)
    assert found.thd_n == pytest.approx(expected, abs=0.1)
    assert found.thd == pytest.approx(expected, abs=0.5)  # harmonics above 8 kHz are left out


@pytest.mark.parametrize("hertz", [863.0, 997.0, 997.123, 1237.0])
@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_perfect_loop_has_none_whatever_the_cycles(hertz: float, rate: int) -> None:
    time = np.arange(rate) / rate
    found = whole(as_int16(0.3 * np.sin(2 * np.pi * hertz * time)), hertz, rate)
    assert found.thd < -85
    assert found.thd_n < -85
    assert found.error < 1e-3


@settings(deadline=None, max_examples=15)
@given(st.floats(-20, 6), st.floats(-0.2, 0.2), st.integers(0, 5000))
def test_gain_dc_and_a_later_begin_change_only_the_level(gain: float, dc: float, late: int) -> None:
    wave = lines({997: -30, 1994: -60}, 1.0) + noise(-70, 1.0)
    before = whole(wave, 997)
    moved = np.concatenate([np.zeros(late), wave * 10 ** (gain / 20) + dc])
    after = measure(moved, RATE, (late, late + len(wave)), 997)
    assert after.level - before.level == pytest.approx(gain, abs=1e-4)
    assert after.hertz == pytest.approx(before.hertz, abs=1e-6)
    assert after.thd == pytest.approx(before.thd, abs=0.02)
    assert after.sinad == pytest.approx(before.sinad, abs=0.02)


@pytest.mark.parametrize("seed", range(6))
def test_other_seats_tones_change_little(seed: int) -> None:
    quiet = lines({997: -50, 1994: -90}, 0.9, seed) + noise(-65, 0.9, seed)
    others = lines({989.8: -50, 1006: -60, 1047: -55, 1097.1: -60, 2010: -95}, 0.9, seed + 50)
    alone, among = whole(quiet, 997), whole(quiet + others, 997)
    assert abs(among.hertz - 997) < 0.005
    assert among.level == pytest.approx(alone.level, abs=0.1)
    assert among.thd == pytest.approx(alone.thd, abs=2.0)


def test_a_neighbours_tone_is_not_ones_own() -> None:
    assert whole(lines({1004: -20}, 0.9) + noise(-90, 0.9), 997) == MISSING
    assert whole(lines({990: -20}, 0.9) + noise(-60, 0.9), 997) == MISSING


@pytest.mark.parametrize("seed", range(20))
def test_noise_has_no_figures(seed: int) -> None:
    assert whole(noise(-30, 0.9, seed), 997) == MISSING


def test_figures_that_noise_hides_are_not_told() -> None:
    hidden = whole(sine(997, 0.003) + noise(-35), 997)
    assert hidden.over_line > 20
    assert math.isnan(hidden.thd)
    assert math.isnan(hidden.thd_n)
    assert hidden.thd_floor > -20
    loud = whole(sine(997, 0.003) + sine(1994, 0.002) + noise(-35), 997)
    assert loud.thd == pytest.approx(-3.5, abs=1.5)
    near = whole(sine(997, 0.01) + noise(-43), 997)
    assert near.sinad == pytest.approx(OUTSIDE, abs=0.3)
    assert near.thd < -30
    assert math.isnan(near.thd_n)


@pytest.mark.parametrize("length", [0, 1, 500, 2000])
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_too_short_or_constant_is_not_measurable(length: int, value: float) -> None:
    assert whole(np.full(length, value), 997) == MISSING
    assert whole(np.full(RATE, value), 997) == MISSING
    assert measure(sine(997), RATE, (RATE, 2 * RATE), 997) == MISSING
    assert measure(sine(997), 1000, (0, RATE), 997) == MISSING
