"""Active speech level: what P.56 says of tones, noise and pauses, and an independent rendering of it."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from labcheck.headset.acoustics.speech import MARGIN_DB, THRESHOLDS, measure, voice_band
from tests.unit.labcheck.headset.acoustics.test_level import RATE, noise, sine

LOW = 8000


def plain(samples: list[float], rate: int) -> tuple[float, float]:
    """P.56 method B sample by sample, as the flow of clause 8.2 goes: active level in dBov and activity. Its
    interpolation is a search by halves, as in the ITU's software (G.191, sv56), but to 0.0001 dB."""
    g = math.exp(-1 / (rate * 0.03))
    hangover = math.floor(0.2 * rate + 0.5)
    thresholds = [0.5**n for n in range(15, 0, -1)]
    active, hang = [0] * 15, [hangover] * 15
    p = q = square = 0.0
    for x in samples:
        square += x * x
        p = g * p + (1 - g) * abs(x)
        q = g * q + (1 - g) * p
        for j, threshold in enumerate(thresholds):
            if q >= threshold:
                active[j] += 1
                hang[j] = 0
            elif hang[j] < hangover:
                active[j] += 1
                hang[j] += 1
    points = [(10 * math.log10(square / a), c) for a, c in zip(active, thresholds, strict=True) if a]
    points = [(a, 20 * math.log10(c)) for a, c in points]
    if not points or points[0][0] - points[0][1] < 15.9:
        return math.nan, 0.0
    low, high = next(pair for pair in pairwise(points) if pair[1][0] - pair[1][1] <= 15.9)
    while True:
        middle = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
        if abs(middle[0] - middle[1] - 15.9) < 1e-4:
            return middle[0], 10 ** ((10 * math.log10(square / len(samples)) - middle[0]) / 10)
        low, high = (middle, high) if middle[0] - middle[1] > 15.9 else (low, middle)


def speechlike(seconds: float, seed: int, rate: int = LOW, level: float = -30) -> NDArray[np.float64]:
    """Noise in syllables of 50 to 300 ms and pauses of 20 ms to 1 s."""
    draw = np.random.default_rng(seed)
    wave = np.zeros(round(seconds * rate))
    at = 0
    while at < len(wave):
        length = int(draw.uniform(0.05, 0.3) * rate)
        wave[at : at + length] = draw.normal(size=len(wave[at : at + length])) * draw.uniform(0.2, 1)
        at += length + int(draw.choice([0.02, 0.1, 1.0], p=[0.5, 0.4, 0.1]) * rate)
    return wave * 10 ** (level / 20)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10_000), st.floats(-60, -5))
@example(1387, -57.0)  # 15.5 dB above the lowest threshold: too quiet for the recommendation to have a level
@example(1387, -56.0)  # a little louder: it has one again
def test_it_is_what_the_recommendation_says_step_by_step(seed: int, level: float) -> None:
    wave = speechlike(2, seed, level=level)
    found, (active, activity) = measure(wave, LOW), plain(wave.tolist(), LOW)
    assert found.active == pytest.approx(active, abs=0.01, nan_ok=True)
    assert found.activity == pytest.approx(activity, abs=0.005)


def test_a_level_begins_the_margin_above_the_lowest_threshold() -> None:
    lowest = 20 * math.log10(THRESHOLDS[0]) + MARGIN_DB
    white = noise(0, 2)
    assert math.isnan(measure(white * 10 ** ((lowest - 0.5) / 20), RATE).active)
    assert measure(white * 10 ** ((lowest + 0.5) / 20), RATE).active == pytest.approx(lowest + 0.5, abs=0.2)


@pytest.mark.parametrize("rate", [8000, 48_000])
@pytest.mark.parametrize("level", [-50, -26, -10])
def test_continuous_tone_and_white_noise_read_their_own_level(rate: int, level: float) -> None:
    """Clause 11: a continuous tone, and white noise, calibrate the meter."""
    time = np.arange(8 * rate) / rate
    tone = math.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * 1000 * time)
    white = np.random.default_rng(1).normal(size=len(time)) * 10 ** (level / 20)
    for wave in (tone, white):
        found = measure(wave, rate)
        assert found.active == pytest.approx(level, abs=0.1)
        assert found.activity == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize(("share", "over"), [(0.5, 3.01), (0.25, 6.02), (0.1, 10.0)])
def test_speech_for_a_part_of_the_time_reads_so_much_over_the_long_term(share: float, over: float) -> None:
    wave = noise(-26, 40) * (np.arange(40 * RATE) < share * 40 * RATE)
    found = measure(wave, RATE)
    assert found.activity == pytest.approx(share, abs=0.012)
    assert found.active - found.long_term == pytest.approx(over, abs=0.3)
    assert found.active == pytest.approx(-26, abs=0.3)


def test_pauses_shorter_than_the_hangover_belong_to_speech_and_longer_ones_do_not() -> None:
    time = np.arange(20 * RATE)
    short = sine(1000, 0.1, 20) * (time % 19_200 < 9600)  # 0.2 s on, 0.2 s off
    long = sine(1000, 0.1, 20) * (time % 144_000 < 48_000)  # 1 s on, 2 s off
    assert measure(short, RATE).activity > 0.95
    # 1 s, 0.2 s of hangover, and the time that the envelope takes to fall below its threshold.
    assert measure(long, RATE).activity == pytest.approx(1.3 / 3, abs=0.04)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1000), st.integers(-4, 2), st.integers(0, 4000))
def test_six_decibels_move_it_by_themselves_and_silence_before_changes_nothing(
    seed: int, doublings: int, silence: int
) -> None:
    wave = speechlike(3, seed)
    before = measure(wave, LOW)
    after = measure(np.concatenate([np.zeros(silence), wave * 2.0**doublings]), LOW)
    assert after.active - before.active == pytest.approx(20 * math.log10(2.0**doublings), abs=1e-9)
    assert after.activity == pytest.approx(before.activity * len(wave) / (len(wave) + silence), abs=1e-9)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1000), st.floats(-25, 12))
def test_any_gain_moves_it_by_nearly_itself(seed: int, gain: float) -> None:
    """Thresholds are 6 dB apart, and between them the level is interpolated; the ITU's
    own software (G.191, sv56) stops within 0.5 dB."""
    wave = speechlike(3, seed)
    moved = measure(wave * 10 ** (gain / 20), LOW).active - measure(wave, LOW).active
    assert moved == pytest.approx(gain, abs=0.5)


def test_nothing_is_no_speech() -> None:
    for wave in (np.zeros(RATE), noise(-100), np.full(10, 1e-6)):
        found = measure(wave, RATE)
        assert math.isnan(found.active)
        assert found.activity == 0
    for wave, rate in ((np.zeros(0), RATE), (noise(-20), 500)):
        assert math.isnan(measure(wave, rate).active)
        assert math.isnan(measure(wave, rate).activity)


@pytest.mark.parametrize("length", [1, 2, 100])
def test_any_length_gives_no_error(length: int) -> None:
    measure(np.full(length, 0.5), RATE)
    assert len(voice_band(np.full(length, 0.5), RATE)) == length


def test_the_voice_band_keeps_voices_and_drops_hum_and_dc() -> None:
    for hertz, kept in ((50, 0), (150, 0), (220, 1), (1000, 1), (5000, 1), (7000, 0)):
        wave = voice_band(sine(hertz) + 0.3, RATE)
        assert float(np.sqrt(np.mean(wave**2))) == pytest.approx(kept * 0.5 / math.sqrt(2), abs=0.002)
