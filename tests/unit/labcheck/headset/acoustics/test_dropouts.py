"""Every kind of accident is found at its place and with its length, and healthy sound has none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from labcheck.headset.acoustics.dropouts import (
    Event,
    Kind,
    held,
    repeated,
    slips,
    supported,
)
from tests.unit.labcheck.headset.acoustics.test_level import RATE, as_int16, noise, sine


def whole(wave: NDArray[np.float64]) -> tuple[int, int]:
    return 0, len(wave)


@pytest.mark.parametrize("level", [-40, -75, -90])
@pytest.mark.parametrize("value", ["zero", "last"])
def test_a_run_of_one_value_is_a_gap_with_its_place_and_length(level: float, value: str) -> None:
    wave = as_int16(noise(level, 2))
    wave[50_000:50_480] = 0 if value == "zero" else wave[49_999]
    (found,) = held(wave, RATE, whole(wave)) or ()
    assert found.kind is Kind.HELD
    assert found.at == pytest.approx(50_000, abs=8)
    assert found.frames == pytest.approx(480, abs=16)


@pytest.mark.parametrize("level", [-20, -60, -90, -95])
def test_noise_of_a_microphone_holds_nothing(level: float) -> None:
    wave = as_int16(noise(level, 4))
    assert held(wave, RATE, whole(wave)) == ()
    assert repeated(wave, RATE, whole(wave)) == ()


def test_a_recording_without_noise_says_nothing_about_held_values() -> None:
    wave = as_int16(noise(-106, 2))
    assert held(wave, RATE, whole(wave)) is None


@pytest.mark.parametrize("milliseconds", [1, 2, 5])
def test_short_gaps_again_and_again_are_each_found(milliseconds: int) -> None:
    wave = as_int16(noise(-65, 2) + sine(997, 0.001, 2))
    for start in range(1000, 90_000, 2400):
        wave[start : start + 48 * milliseconds] = 0
    found = held(wave, RATE, whole(wave)) or ()
    assert len(found) == len(range(1000, 90_000, 2400))


def test_clipping_is_not_a_gap() -> None:
    wave = as_int16(np.clip(sine(20, 3) + noise(-70), -1, 1))
    assert held(wave, RATE, whole(wave)) == ()


@settings(deadline=None, max_examples=25)
@given(
    size=st.sampled_from([64, 100, 128, 256, 441, 480, 1024, 4800]),
    times=st.integers(1, 3),
    at=st.integers(20_000, 60_000),
    level=st.sampled_from([-30, -60, -85]),
)
def test_a_block_that_comes_again_is_found_whatever_its_size(
    size: int, times: int, at: int, level: float
) -> None:
    assume(size > 64 or level > -85)  # 64 values of four steps hold no more than chance may
    wave = as_int16(noise(level, 2) + sine(997, 10 ** (level / 20), 2))
    for again in range(1, times + 1):
        wave[at + again * size : at + (again + 1) * size] = wave[at : at + size]
    found = repeated(wave, RATE, whole(wave))
    assert len(found) == 1
    assert found[0].kind is Kind.REPEATED
    assert found[0].at == pytest.approx(at + size, abs=6)
    assert found[0].frames == pytest.approx(times * size, abs=12)


def test_a_tone_without_noise_repeats_itself_without_fault() -> None:
    for hertz in (500, 997, 1000):
        assert repeated(as_int16(sine(hertz, 0.5, 2)), RATE, (0, 2 * RATE)) == ()


def test_only_the_frames_asked_for_are_looked_at() -> None:
    wave = as_int16(noise(-60, 2))
    wave[:9600] = 0
    wave[30_000:30_480] = wave[29_520:30_000]
    assert held(wave, RATE, (9600, 96_000)) == ()
    assert held(wave, RATE, (-5, 96_000)) != ()
    assert repeated(wave, RATE, (40_000, 96_000)) == ()
    (found,) = repeated(wave, RATE, (20_000, 10**9))
    assert found.at == 30_000


def test_delays_that_step_are_slips_and_drift_is_none() -> None:
    places = [10_000 + 12_000 * part for part in range(16)]
    drifting = [0.050 + 150e-6 * place / RATE for place in places]
    assert slips(places, drifting, RATE) == ()
    stray = [*drifting[:5], 0.062, *drifting[6:]]
    assert slips(places, stray, RATE) == ()
    gone = [
        math.nan if part == 8 else delay - (0.010 if part >= 9 else 0) for part, delay in enumerate(drifting)
    ]
    (found,) = slips(places, gone, RATE)
    assert found.kind is Kind.SLIP
    assert found.at == places[9]
    assert found.frames == pytest.approx(-480, abs=10)
    assert slips([], [], RATE) == ()
    assert slips(places, [math.nan] * 16, RATE) == ()


def test_flags_support_an_event_and_prove_nothing() -> None:
    blocks = [(480 * n, n / 100, n / 100 + 0.001, 1 if n == 0 else 0) for n in range(100)]
    event = Event(Kind.HELD, 24_000, 480.0)
    assert supported([], blocks, RATE) == ()
    assert not supported([event], blocks, RATE)[0].flagged
    assert not supported([Event(Kind.HELD, 0, 480.0)], blocks, RATE)[0].flagged
    flagged = [(*block[:3], 2) if block[0] == 24_000 else block for block in blocks]
    assert supported([event], flagged, RATE)[0].flagged
    assert not supported([Event(Kind.HELD, 40_000, 10.0)], flagged, RATE)[0].flagged
    late = [(first, when + (0.02 if first >= 24_000 else 0), call, 0) for first, when, call, _ in blocks]
    assert supported([event], late, RATE)[0].flagged


@pytest.mark.parametrize("length", [0, 1, 2, 31, 32, 33, 100])
@pytest.mark.parametrize("value", [0.0, -1.0, 0.25])
def test_any_length_and_constants_give_no_error(length: int, value: float) -> None:
    wave = np.full(length, value)
    assert repeated(wave, RATE, whole(wave)) == ()
    held(wave, RATE, whole(wave))
