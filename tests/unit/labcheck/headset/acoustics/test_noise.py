"""Noise floors: known levels and colours, voices and bumps that must not count, microphones that are none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import LEAST_DB
from labcheck.headset.acoustics.noise import OCTAVES_HZ, Noise, a_weight, measure, silence
from tests.unit.labcheck.headset.acoustics.test_level import RATE, as_int16, noise, sine

# Nominal frequency to A-weighting in dB: IEC 61672-1:2013, table 3.
TABLE = {
    31.5: -39.4, 63: -26.2, 125: -16.1, 250: -8.6, 500: -3.2, 1000: 0.0, 2000: 1.2, 4000: 1.0, 8000: -1.1,
    12500: -4.3, 16000: -6.6, 20000: -9.3,
}  # fmt: skip


def whole(wave: NDArray[np.float64], rate: int = RATE) -> Noise:
    return measure(wave, rate, [(0, len(wave))])


@pytest.mark.parametrize(("nominal", "expected"), TABLE.items())
def test_a_weighting_is_the_standards_table(nominal: float, expected: float) -> None:
    exact = 1000 * 10 ** (round(10 * math.log10(nominal / 1000)) / 10)
    assert 10 * math.log10(a_weight(np.array([exact]))[0]) == pytest.approx(expected, abs=0.051)


@pytest.mark.parametrize("level", [-75, -50, -20])
@pytest.mark.parametrize("rate", [48_000, 44_100, 16_000])
def test_white_noise_reads_its_level_in_each_octave(level: float, rate: int) -> None:
    wave = np.random.default_rng(3).normal(size=2 * rate) * 10 ** (level / 20)
    found = whole(wave, rate)
    assert found.level == pytest.approx(level, abs=0.1)
    for centre, octave in zip(OCTAVES_HZ, found.octaves, strict=True):
        exact = 1000 * 10 ** (0.3 * round(math.log2(centre / 1000)))
        width = exact * (10**0.15 - 10**-0.15)
        if exact * 10**0.15 > rate / 2:
            assert math.isnan(octave)
        else:
            assert octave == pytest.approx(level + 10 * math.log10(width / (rate / 2)), abs=1.0)


@pytest.mark.parametrize("hertz", [100, 1000, 3000, 10_000])
def test_a_tone_reads_its_level_and_its_weight(hertz: float) -> None:
    found = whole(sine(hertz, 0.1))
    assert found.level == pytest.approx(-23.01, abs=0.05)
    weight = 10 * math.log10(a_weight(np.array([hertz]))[0])
    assert found.a_weighted == pytest.approx(-23.01 + weight, abs=0.2)


@settings(deadline=None, max_examples=15)
@given(st.floats(-30, 30), st.floats(-0.5, 0.5), st.integers(0, 9))
def test_a_gain_moves_every_level_by_itself_and_dc_moves_none(gain: float, dc: float, seed: int) -> None:
    wave = noise(-40, 0.5, seed)
    before, after = whole(wave), whole(wave * 10 ** (gain / 20) + dc)
    assert after.level - before.level == pytest.approx(gain, abs=1e-3)
    assert after.a_weighted - before.a_weighted == pytest.approx(gain, abs=1e-3)
    assert after.octaves == pytest.approx([octave + gain for octave in before.octaves], abs=1e-3)
    assert after.dc == pytest.approx(before.dc * 10 ** (gain / 20) + dc, abs=1e-9)


def test_speech_and_bumps_for_half_of_the_time_do_not_raise_the_floor() -> None:
    floor = noise(-60, 2)
    chatter = sine(230, 0.1, 2) * (np.arange(2 * RATE) % (RATE // 2) < RATE // 4)
    bump = np.zeros(2 * RATE)
    bump[70_000:70_050] = 0.9
    alone, disturbed = whole(floor), whole(floor + chatter + bump)
    assert disturbed.level == pytest.approx(alone.level, abs=0.3)
    assert disturbed.a_weighted == pytest.approx(alone.a_weighted, abs=0.3)
    assert alone.disturbed < 0.02
    assert 0.4 < disturbed.disturbed < 0.7


def test_ranges_say_where_to_look_and_may_lie_outside() -> None:
    wave = np.concatenate([noise(-20, 1), noise(-60, 1)])
    assert measure(wave, RATE, [(RATE, 2 * RATE)]).level == pytest.approx(-60, abs=0.2)
    assert measure(wave, RATE, [(-RATE, 0), (RATE, 9 * RATE)]).level == pytest.approx(-60, abs=0.2)
    split = measure(wave, RATE, [(RATE, RATE + 9600), (RATE + 20_000, 2 * RATE)])
    assert split.level == pytest.approx(-60, abs=0.3)


@pytest.mark.parametrize("length", [0, 1, 2, 100, 2399, 4799])
def test_too_short_is_not_measurable(length: int) -> None:
    found = whole(np.full(length, 0.25))
    assert math.isnan(found.level)
    assert math.isnan(found.a_weighted)
    assert found.dc == 0.25 if length else math.isnan(found.dc)


def test_constant_is_nothing() -> None:
    found = whole(np.full(RATE, 0.25))
    assert found.level == LEAST_DB
    assert found.dc == 0.25


def test_silence_is_told_from_quiet_rooms() -> None:
    assert silence(np.zeros(RATE), RATE).silent
    assert silence(np.full(RATE, -0.3), RATE).silent
    sparse = np.zeros(RATE)
    sparse[::200] = 1 / 32768
    assert silence(sparse, RATE).silent
    quiet = silence(as_int16(noise(-90)), RATE)
    assert quiet.silent is False
    assert quiet.stuck == 0
    assert silence(np.zeros(0), RATE).silent is None


def test_a_recording_that_stops_halfway_is_half_stuck() -> None:
    wave = as_int16(noise(-60, 2))
    wave[RATE:] = wave[RATE]
    found = silence(wave, RATE)
    assert found.stuck == pytest.approx(0.5, abs=0.001)
    assert found.zeros < 0.02
