"""Holes and jumps of a tone, in noise, with drifting clocks and among other seats' tones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from labcheck.headset.acoustics.breaks import ToneEvents, in_tone
from labcheck.headset.acoustics.dropouts import Kind
from labcheck.headset.spoken import sounds
from labcheck.headset.spoken.words import Language
from tests.unit.labcheck.headset.acoustics.test_hum import lines
from tests.unit.labcheck.headset.acoustics.test_level import RATE, noise


def tone(hertz: float, seconds: float = 0.9) -> NDArray[np.float64]:
    return lines({hertz: -50}, seconds, 7)


def hear(wave: NDArray[np.float64], hertz: float) -> ToneEvents:
    return in_tone(wave, RATE, (0, len(wave)), hertz)


@pytest.mark.parametrize("hertz", [863.0, 987.0, 1013.0, 1237.3])
@pytest.mark.parametrize("seed", range(3))
def test_a_hole_of_10_ms_is_found_in_a_tone_10_db_over_the_noise(hertz: float, seed: int) -> None:
    wave = tone(hertz)
    wave[20_000:20_480] = 0
    found = hear(wave + noise(-60, 0.9, seed), hertz)
    assert found.measurable
    holes = [event for event in found.events if event.kind is Kind.HOLE]
    assert len(holes) == 1
    assert holes[0].at == pytest.approx(20_000, abs=240)
    assert holes[0].frames == pytest.approx(480, abs=120)
    assert len(found.events) == 1


@pytest.mark.parametrize("hertz", [863.0, 987.0, 1013.0, 1237.3])
@pytest.mark.parametrize("frames", [96, -96, 13, -480])
@pytest.mark.parametrize("seed", range(2))
def test_a_skip_of_2_ms_is_found_in_a_tone_10_db_over_the_noise(hertz: float, frames: int, seed: int) -> None:
    wave = tone(hertz, 1.0)
    if frames > 0:  # inserted
        wave = np.concatenate([wave[:20_000], wave[20_000 - frames : -frames]])
    else:
        wave = np.concatenate([wave[:20_000], wave[20_000 - frames :]])
    found = hear(wave + noise(-60, len(wave) / RATE, seed), hertz)
    jumps = [event for event in found.events if event.kind is Kind.JUMP]
    assert len(jumps) == 1
    assert jumps[0].at == pytest.approx(20_000, abs=600)
    period = RATE / hertz
    off = (jumps[0].frames - frames + period / 2) % period - period / 2
    assert abs(off) < 0.5


def repeated(wave: NDArray[np.float64], first: int, frames: int, block: int = 480) -> NDArray[np.float64]:
    """The block before ``first``, again and again for so many frames, by a player that gets no other."""
    again = np.tile(wave[first - block : first], -(-frames // block))[:frames]
    return np.concatenate([wave[:first], again, wave[first + frames :]])


@pytest.mark.parametrize("hertz", [1237.3, 987.0 + 40, 2263.0])
@pytest.mark.parametrize("frames", [480, 760, 1900])
@pytest.mark.parametrize("seed", range(3))
def test_a_block_that_comes_again_turns_a_tone_beside_voices(hertz: float, frames: int, seed: int) -> None:
    wave = repeated(tone(hertz), 20_000, frames) + noise(-55, 0.9, seed)
    found = in_tone(wave, RATE, (0, len(wave)), hertz, voices=True)
    assert found.measurable
    turned = [event for event in found.events if event.kind is Kind.TURNED]
    assert turned
    assert all(19_500 < event.at < 20_000 + frames for event in turned)
    assert turned[0].frames <= frames + 480


def test_voices_over_a_tone_are_no_block_that_comes_again() -> None:
    """Three people at once, as loud together as the tone, in sixty places."""
    draw = np.random.default_rng(8)
    said = sounds.other(Language.RUSSIAN)[:, 0] / 32768
    turned = 0
    for _place in range(60):
        hertz = float(draw.uniform(500, 3000))
        begins = draw.integers(0, len(said) - RATE, 3)
        voices = sum((said[begin : begin + round(0.9 * RATE)] for begin in begins), np.zeros(1))
        loud = float(np.sqrt(np.mean(voices**2)))
        wave = tone(hertz) + voices * (10 ** (-50 / 20) / loud) + noise(-70, 0.9, 1)
        found = in_tone(wave, RATE, (0, len(wave)), hertz, voices=True)
        turned += sum(event.kind is Kind.TURNED for event in found.events)
    assert turned == 0


@settings(deadline=None, max_examples=25)
@given(st.floats(850, 1300), st.floats(-0.2, 0.2), st.floats(10, 60), st.integers(0, 999))
def test_a_healthy_tone_has_no_events_even_when_clocks_differ(
    hertz: float, drift: float, snr: float, seed: int
) -> None:
    found = hear(lines({hertz + drift: -50}, 0.9, seed) + noise(-50 - snr, 0.9, seed), hertz)
    assert found.measurable
    assert found.events == ()


@pytest.mark.parametrize("seed", range(8))
def test_other_seats_tones_are_no_events_and_hide_no_hole(seed: int) -> None:
    hertz = 987.0
    draw = np.random.default_rng(seed)
    near = {
        979.0: -8.0,
        971.1: -14.0,
        963.2: -20.0,
        1013.0: -10.0,
        1021.0: -22.0,
        1063.0: -15.0,
        913.0: -12.0,
    }
    others = lines({other: -50 + level for other, level in near.items()}, 0.9, seed)
    mine = tone(hertz)
    noisy = noise(-62, 0.9, seed)
    assert hear(mine + others + noisy, hertz).events == ()
    at = int(draw.integers(8000, 34_000))
    mine[at : at + 480] = 0
    holes = hear(mine + others + noisy, hertz).events
    assert [event.kind for event in holes] == [Kind.HOLE]
    assert holes[0].at == pytest.approx(at, abs=300)


def test_a_tone_too_close_to_the_noise_says_nothing() -> None:
    assert not hear(tone(987.0) + noise(-25, 0.9), 987.0).measurable
    assert not hear(noise(-25, 0.9), 987.0).measurable
    assert not hear(noise(-25, 0.9), math.nan).measurable
    for length in (0, 1, 5000):
        assert not hear(np.zeros(length), 987.0).measurable
    assert not hear(np.full(RATE, 0.5), 987.0).measurable


@pytest.mark.parametrize("begin", [8000, 16_000, 21_000, 30_000])
@pytest.mark.parametrize("level", [-10.0, -16.0, -30.0])
@pytest.mark.parametrize("other", [979.0, 995.0, 1013.0])
def test_a_seat_that_begins_late_or_ends_early_is_no_event(begin: int, level: float, other: float) -> None:
    neighbour = lines({other: -50 + level}, 0.9, 3)
    late, early = neighbour.copy(), neighbour.copy()
    late[:begin] = 0
    early[begin:] = 0
    for wave in (late, early):
        assert hear(tone(987.0) + wave + noise(-65, 0.9), 987.0).events == ()


@pytest.mark.parametrize("seed", range(3))
def test_a_tone_that_ends_too_early_is_one_hole(seed: int) -> None:
    wave = tone(987.0)
    wave[33_000:] = 0
    found = hear(wave + noise(-60, 0.9, seed), 987.0).events
    assert [event.kind for event in found] == [Kind.HOLE]
    assert found[0].at == pytest.approx(33_000, abs=400)
    assert found[0].frames > 7000
