"""Levels: known figures, gains that shift them, tops that are cut and tops that are not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import LEAST_DB, decibels, measure, runs

RATE = 48_000


def sine(hertz: float, amplitude: float = 0.5, seconds: float = 1.0) -> NDArray[np.float64]:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(amplitude * np.sin(2 * np.pi * hertz * time + 0.3))


def noise(level: float, seconds: float = 1.0, seed: int = 1) -> NDArray[np.float64]:
    """White, of that RMS in dBFS."""
    wave = np.random.default_rng(seed).normal(size=round(seconds * RATE))
    return np.asarray(wave * 10 ** (level / 20))


def as_int16(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """As a converter gives it: rounded, limited, full scale = 1 again."""
    return np.asarray(np.clip(np.rint(wave * 32768), -32768, 32767) / 32768)


def test_a_sine_of_full_scale_has_minus_three_decibels() -> None:
    found = measure(sine(997, 1.0))
    assert found.rms == pytest.approx(-3.0103, abs=1e-3)
    assert found.peak == pytest.approx(0, abs=1e-3)
    assert found.crest == pytest.approx(3.0103, abs=1e-3)


def test_a_square_has_no_crest() -> None:
    assert measure(np.sign(sine(1001)) * 0.25).crest == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("wave", [np.zeros(0), np.zeros(1), np.ones(1), np.zeros(1000), np.full(1000, -1.0)])
def test_senseless_recordings_give_no_error(wave: NDArray[np.float64]) -> None:
    found = measure(wave)
    assert math.isnan(found.crest)
    assert found.clips in {0, 1}


def test_nothing_is_told_below_the_least() -> None:
    assert measure(np.zeros(10)).rms == LEAST_DB
    assert decibels(0) == decibels(1e-300) == LEAST_DB
    assert math.isnan(decibels(math.nan))


@settings(deadline=None, max_examples=30)
@given(st.floats(-40, 0), st.integers(0, 1000))
def test_a_gain_moves_levels_by_itself_and_no_shape(gain: float, seed: int) -> None:
    wave = noise(-20, 0.1, seed)
    before, after = measure(wave), measure(wave * 10 ** (gain / 20))
    assert after.rms - before.rms == pytest.approx(gain, abs=1e-6)
    assert after.peak - before.peak == pytest.approx(gain, abs=1e-6)
    assert after.crest == pytest.approx(before.crest, abs=1e-6)


@pytest.mark.parametrize("over", [0.3, 3, 12])
def test_what_the_converter_clips_is_counted_top_by_top(over: float) -> None:
    found = measure(as_int16(sine(500, 10 ** (over / 20))))
    assert found.clips == 1000
    cut = 2 * math.acos(10 ** (-over / 20)) / math.pi
    assert found.clipped == pytest.approx(cut, abs=0.01)
    assert found.longest == pytest.approx(cut / 2 * 96, abs=1)
    assert found.flat == 0  # it is told once


def test_a_loud_recording_that_just_fits_is_not_clipped() -> None:
    assert measure(as_int16(sine(997, 0.999))).clips == 0


@pytest.mark.parametrize("hertz", [50, 220, 997, 5000])
@pytest.mark.parametrize("amplitude", [0.02, 0.3, 0.9])
def test_true_tops_are_not_flat(hertz: float, amplitude: float) -> None:
    assert measure(as_int16(sine(hertz, amplitude) + noise(-75))).flat == 0


def test_noise_speechlike_bursts_and_clicks_have_no_flat_tops() -> None:
    click = np.zeros(RATE)
    click[1000:1004] = 0.4
    bursts = noise(-20) * np.abs(sine(2, 1.0))
    for wave in (noise(-20), bursts, click + noise(-60)):
        assert measure(as_int16(wave)).flat == 0


@pytest.mark.parametrize("ceiling", [0.05, 0.3, 0.7])
@pytest.mark.parametrize("side", [1, -1])
def test_tops_cut_off_below_full_scale_are_found_on_either_side(ceiling: float, side: int) -> None:
    loud = sine(310, ceiling * 1.3) + noise(-40) * ceiling
    wave = np.minimum(loud, ceiling) * side
    found = measure(as_int16(wave + noise(-90)))
    assert found.clips == 0
    assert found.flat > 0.1
    assert found.ceiling == pytest.approx(20 * math.log10(ceiling), abs=1.0)


@given(st.lists(st.booleans(), max_size=40))
def test_runs_hold_exactly_what_is_true(held: list[bool]) -> None:
    starts, lengths = runs(np.array(held, bool))
    rebuilt = np.zeros(len(held), bool)
    for start, length in zip(starts, lengths, strict=True):
        assert length > 0
        rebuilt[start : start + length] = True
    assert rebuilt.tolist() == held
