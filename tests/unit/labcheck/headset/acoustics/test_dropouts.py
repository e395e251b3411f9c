"""Every kind of accident is found at its place and with its length, and healthy sound has none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from labcheck.headset.acoustics.dropouts import (
    Kind,
    held,
    repeated,
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
    size=st.sampled_from([256, 441, 480, 1024, 4800]),  # of smaller ones a few are missed
    times=st.integers(1, 3),
    at=st.integers(20_000, 60_000),
    level=st.sampled_from([-30, -60, -85]),
)
def test_a_block_that_comes_again_is_found_whatever_its_size(
    size: int, times: int, at: int, level: float
) -> None:
    wave = as_int16(noise(level, 2) + sine(997, 10 ** (level / 20), 2))
    for again in range(1, times + 1):
        wave[at + again * size : at + (again + 1) * size] = wave[at : at + size]
    found = repeated(wave, RATE, whole(wave))
    assert len(found) == 1
    assert found[0].kind is Kind.REPEATED
    assert found[0].at == pytest.approx(at + size, abs=6)
    assert found[0].frames == pytest.approx(times * size, abs=12)


@pytest.mark.parametrize(("size", "missed"), [(64, 0.2), (100, 0.05), (128, 0.02)])
def test_of_the_smallest_blocks_few_are_missed(size: int, missed: float) -> None:
    sound = as_int16(noise(-30, 2) + sine(997, 0.03, 2))
    unseen, places = 0, range(20_000, 60_000, 400)
    for at in places:
        wave = sound.copy()
        wave[at + size : at + 2 * size] = wave[at : at + size]
        unseen += not repeated(wave, RATE, whole(wave))
    assert unseen <= missed * len(places)


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


@pytest.mark.parametrize("length", [0, 1, 2, 31, 32, 33, 100])
@pytest.mark.parametrize("value", [0.0, -1.0, 0.25])
def test_any_length_and_constants_give_no_error(length: int, value: float) -> None:
    wave = np.full(length, value)
    assert repeated(wave, RATE, whole(wave)) == ()
    held(wave, RATE, whole(wave))
