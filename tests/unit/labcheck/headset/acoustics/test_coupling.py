"""Both ears found, and what they say, in recordings made up here."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, resample_poly, sosfilt

from labcheck.headset.acoustics import CENTRES_HZ, measure
from labcheck.headset.acoustics.coupling import (
    CLOCKS_PPM,
    FALSE_ALARM,
    WORK,
    Probe,
    Search,
    best_clock,
    threshold_db,
    vertex,
)
from labcheck.headset.acoustics.response import read
from labcheck.headset.limits import Limits
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import stimulus
from tests.unit.labcheck.headset.rooms import LEFT, OFFSET, RIGHT, microphone, recorded

FEW = settings(max_examples=4, deadline=None)


def flat_gain(response: np.ndarray, level: float) -> float:
    """What an ear's gain comes to for pink noise of 100 to 8000 Hz."""
    hertz = np.geomspace(100, 8000, 500)
    power = np.abs(np.exp(-2j * np.pi * np.outer(hertz, np.arange(len(response))) / RATE) @ response) ** 2
    return level + float(10 * np.log10(np.mean(power)))


@FEW
@given(st.floats(-62, -20), st.floats(0.005, 0.3))
def test_gain_and_latency_come_back_whatever_the_other_is(gain: float, latency: float) -> None:
    found = measure(recorded(microphone(3, gain, gain - 3, -75.0, latency)), stimulus(3))
    assert found.left.heard
    assert found.right.heard
    assert found.left.gain_db == pytest.approx(flat_gain(LEFT, gain), abs=0.4)
    assert found.right.gain_db == pytest.approx(flat_gain(RIGHT, gain - 3), abs=0.4)
    assert found.left.latency_ms == pytest.approx(latency * 1000, abs=0.1)
    assert found.right.latency_ms - found.left.latency_ms == pytest.approx(10 / 48, abs=0.06)


@FEW
@given(st.floats(-150, 150))
def test_a_clock_that_is_off_changes_neither_gain_nor_detection(ppm: float) -> None:
    wave = microphone(3)
    late = read(wave, 0.0, 1 / (1 + ppm * 1e-6), len(wave))
    found = measure(recorded(late), stimulus(3))
    assert found.drift_ppm == pytest.approx(ppm, abs=6)
    assert found.left.gain_db == pytest.approx(flat_gain(LEFT, -45), abs=0.5)


@pytest.mark.parametrize("ppm", [-1700.0, 1250.0, 1700.0])
def test_a_clock_that_is_far_off_is_found_as_closely_by_one_ear_that_rings(ppm: float) -> None:
    """Of what rings at one frequency the sum of all parts comes again at other clocks, nearly as large."""
    ringing = np.exp(-np.arange(480) / 100) * np.cos(2 * np.pi * 3600 / RATE * np.arange(480))
    wave = microphone(3, right_db=-200.0, ears=(ringing, RIGHT), noise_db=-55)
    found = measure(recorded(read(wave, 0.0, 1 / (1 + ppm * 1e-6), len(wave))), stimulus(3))
    assert found.drift_ppm == pytest.approx(ppm, abs=6)
    assert found.spread < Limits().spread


@pytest.mark.parametrize("ppm", [1170.0, -1170.0])
def test_a_clock_far_off_is_looked_for_though_something_is_heard_at_the_usual_one(ppm: float) -> None:
    """Of two loud ears so much is left there that both stand out, in the same place."""
    wave = microphone(2, -30.0, -33.0, -80.0)
    late = read(wave, 0.0, 1 / (1 + ppm * 1e-6), len(wave))
    assert measure(recorded(late), stimulus(2)).drift_ppm == pytest.approx(ppm, abs=6)


@pytest.mark.parametrize("rate", [44_100, 32_000])
def test_measures_do_not_depend_on_the_rate_of_the_recording(rate: int) -> None:
    wave = microphone(3, noise_db=-70.0)
    other = resample_poly(wave, rate // 100, RATE // 100)
    pcm = np.rint(other * 32767).astype(np.int16)
    one = measure(recorded(wave), stimulus(3))
    two = measure(Recording(pcm, rate, OFFSET * rate), stimulus(3))
    assert two.left.gain_db == pytest.approx(one.left.gain_db, abs=0.2)
    assert two.left.latency_ms == pytest.approx(one.left.latency_ms, abs=0.1)
    assert two.tone_dbfs == pytest.approx(one.tone_dbfs, abs=0.2)
    assert two.similarity == pytest.approx(one.similarity, abs=0.05)


def test_an_ear_far_below_the_noise_is_heard() -> None:
    found = measure(recorded(microphone(3, -60.0, -60.0, -54.0)), stimulus(3))
    assert found.left.heard
    assert found.right.heard
    assert found.left.peak_db > 25
    assert found.left.gain_db == pytest.approx(flat_gain(LEFT, -60), abs=1.5)


def test_what_a_codec_cuts_off_neither_hides_an_ear_nor_makes_it_seem_loud() -> None:
    telephone = butter(10, 3400, fs=RATE, output="sos")
    found = measure(recorded(sosfilt(telephone, microphone(3))), stimulus(3))
    whole = measure(recorded(microphone(3)), stimulus(3))
    for narrow, full in ((found.left, whole.left), (found.right, whole.right)):
        assert narrow.peak_db > full.peak_db - 9
        assert narrow.least_db > full.least_db - 6


def test_a_clock_far_off_is_found() -> None:
    wave = microphone(3)
    found = measure(recorded(read(wave, 0.0, 1 / (1 - 2112e-6), len(wave))), stimulus(3))
    assert found.drift_ppm == pytest.approx(-2112, abs=6)
    assert found.left.gain_db == pytest.approx(flat_gain(LEFT, -45), abs=0.5)


def test_nothing_is_heard_where_nothing_is() -> None:
    found = measure(recorded(microphone(3, -200.0, -200.0, -54.0)), stimulus(3))
    assert found.left.heard is False
    assert found.right.heard is False
    assert np.isnan(found.left.gain_db)
    assert found.left.least_db < -70


def test_another_seats_signal_is_not_ones_own() -> None:
    found = measure(recorded(microphone(9, -40.0, -40.0, -70.0)), stimulus(3))
    assert found.left.heard is False


def test_chance_passes_the_threshold_as_rarely_as_it_says() -> None:
    """The largest of the lags of noise, over the median: 150 searches, of which
    about one may pass the threshold of a chance of 1 %."""
    chance = np.random.default_rng(3)
    probe = Probe(chance.standard_normal(8 * 300), 0.0)
    tops = []
    for _try in range(150):
        search = Search(chance.standard_normal(6000), probe, 0.0, 0.1)
        tops.append(search.peak(best_clock((search,))).over)
    assert np.mean(np.array(tops) > threshold_db(2400, 0.01)) < 0.04
    assert max(tops) < threshold_db(2400, FALSE_ALARM)


def test_the_response_is_told_in_third_octaves() -> None:
    found = measure(recorded(microphone(3, -30.0, -30.0, -80.0)), stimulus(3))
    turn = np.exp(-2j * np.pi * np.outer(CENTRES_HZ, np.arange(len(LEFT))) / RATE)
    expected = -30 + 20 * np.log10(np.abs(turn @ LEFT))
    assert np.array(found.left.response_db)[2:] == pytest.approx(expected[2:], abs=0.8)


def test_mono_is_alike_and_two_ears_are_not() -> None:
    both = LEFT, LEFT
    same = measure(recorded(microphone(3, ears=both)), stimulus(3))
    two = measure(recorded(microphone(3)), stimulus(3))
    assert same.similarity > 0.99
    assert two.similarity < same.similarity


@pytest.mark.parametrize("sign", [1, -1])
def test_an_inverted_ear_has_another_sign(sign: int) -> None:
    found = measure(recorded(microphone(3, ears=(LEFT, sign * RIGHT))), stimulus(3))
    assert np.sign(found.low_sign) == sign


@pytest.mark.parametrize("ratio", [(160, 147), (147, 160)])
def test_another_rate_is_recognised(ratio: tuple[int, int]) -> None:
    wave = resample_poly(microphone(3), *ratio)
    found = measure(recorded(wave), stimulus(3))
    assert found.rate_ratio == pytest.approx(ratio[0] / ratio[1], rel=1e-3)


def test_a_gap_is_counted() -> None:
    wave = microphone(3)
    at = round((OFFSET + 0.08 + 2.0) * RATE)
    whole = measure(recorded(wave), stimulus(3))
    wave[at : at + 480] = 10 ** (-65 / 20) * np.random.default_rng(4).standard_normal(480)
    cut = measure(recorded(wave), stimulus(3))
    assert (whole.gaps, cut.gaps) == (0, 1)


def test_lost_frames_are_seen_as_a_jump() -> None:
    wave = microphone(3)
    at = round((OFFSET + 0.08 + 2.0) * RATE)
    found = measure(recorded(np.concatenate([wave[:at], wave[at + 480 :]])), stimulus(3))
    assert found.jump_ms == pytest.approx(10, abs=0.3)


@pytest.mark.parametrize("frames", [0, 10, RATE // 2])
def test_too_short_a_recording_is_not_measured(frames: int) -> None:
    found = measure(Recording(np.ones(frames, np.int16), RATE, float("nan")), stimulus(0))
    assert found.left.heard is None
    assert np.isnan(found.noise_dbfs)


def test_the_vertex_of_a_parabola() -> None:
    points = np.asarray(-((np.arange(5) - 2.3) ** 2), dtype=np.float64)
    assert 2 + vertex(points, 2) == pytest.approx(2.3)
    assert vertex(points, 0) == 0


def test_the_clocks_reach_beyond_two_crystals() -> None:
    assert min(CLOCKS_PPM) <= -200
    assert max(CLOCKS_PPM) >= 200
    assert WORK == 24_000
