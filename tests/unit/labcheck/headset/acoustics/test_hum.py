"""Hum: lines of known level, their frequency, what is no hum, and 50 Hz told from 60."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from labcheck.headset.acoustics.hum import Mains, measure
from labcheck.headset.acoustics.level import LEAST_DB
from tests.unit.labcheck.headset.acoustics.test_level import RATE, as_int16, noise


def lines(levels: dict[float, float], seconds: float = 1.3, seed: int = 0) -> NDArray[np.float64]:
    """Sines of those RMS levels in dBFS by frequency, at random phases."""
    draw = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    wave = np.zeros(len(time))
    for hertz, level in levels.items():
        wave += math.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * (hertz * time + draw.random()))
    return wave


def whole(wave: NDArray[np.float64], rate: int = RATE) -> Mains:
    return measure(wave, rate, [(0, len(wave))])


@settings(deadline=None, max_examples=20)
@given(st.floats(49.5, 50.5), st.floats(-60, -20), st.floats(-60, -20), st.integers(0, 99))
def test_each_line_reads_its_level_wherever_the_mains_is(
    hertz: float, first: float, third: float, seed: int
) -> None:
    found = whole(lines({hertz: first, 3 * hertz: third}, seed=seed) + noise(-75, 1.3, seed)).fifty
    assert found.lines[0] == pytest.approx(first, abs=0.3)
    assert found.lines[2] == pytest.approx(third, abs=0.3)
    assert found.hertz == pytest.approx(hertz, abs=0.1)
    together = 10 * math.log10(10 ** (first / 10) + 10 ** (third / 10))
    assert found.level == pytest.approx(together, abs=0.3)


@settings(deadline=None, max_examples=10)
@given(st.floats(-20, 20), st.floats(-0.5, 0.5))
def test_a_gain_moves_the_level_alone_and_dc_moves_nothing(gain: float, dc: float) -> None:
    wave = lines({50: -50, 100: -45, 350: -55}) + noise(-60, 1.3)
    before, after = whole(wave).fifty, whole(wave * 10 ** (gain / 20) + dc).fifty
    assert after.level - before.level == pytest.approx(gain, abs=1e-3)
    assert after.over == pytest.approx(before.over, abs=1e-3)
    assert after.hertz == before.hertz


def test_it_is_set_against_the_noise_between_the_lines() -> None:
    wave = lines({100: -40}) + noise(-40, 1.3)
    between = -40 + 10 * math.log10(1000 / (RATE / 2))
    assert whole(wave).fifty.over == pytest.approx(-40 - between, abs=0.8)


@pytest.mark.parametrize("seed", range(20))
def test_noise_alone_does_not_hum(seed: int) -> None:
    brown = np.cumsum(noise(-60, 1.3, seed))
    for wave in (
        noise(-50, 1.3, seed),
        as_int16(noise(-93, 1.3, seed)),
        brown - np.linspace(0, brown[-1], len(brown)),
    ):
        found = whole(wave)
        assert found.fifty.level < -60 + (wave is brown) * 100
        assert found.fifty.over < -6
        assert found.sixty.over < -6


def test_sixty_is_not_fifty_although_they_share_lines() -> None:
    american = whole(lines({60 * n: -40 - n for n in range(1, 11)}) + noise(-70, 1.3))
    assert american.sixty.level > -38
    assert american.fifty.level == LEAST_DB
    russian = whole(lines({50 * n: -40 - n for n in range(1, 13)}) + noise(-70, 1.3))
    assert russian.fifty.level > -38
    assert russian.sixty.level == LEAST_DB


def test_a_voice_that_glides_through_the_lines_is_no_hum() -> None:
    time = np.arange(round(1.3 * RATE)) / RATE
    pitch = 130 + 60 * np.sin(2 * np.pi * 1.7 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voice = sum(0.02 / n * np.sin(n * phase) for n in range(1, 8))
    assert whole(voice + noise(-60, 1.3)).fifty.over < 0
    humming = lines({50: -30, 150: -35})
    assert whole(voice + humming + noise(-60, 1.3)).fifty.level == pytest.approx(
        whole(humming).fifty.level, abs=1.0
    )


def test_pieces_are_put_together_and_may_lie_outside() -> None:
    wave = lines({50: -40}, 3) + noise(-70, 3)
    wave[RATE : 2 * RATE] = noise(-10, 1)
    found = measure(wave, RATE, [(-5000, 12_000), (96_000, 144_000), (144_000, 300_000)])
    assert found.fifty.level == pytest.approx(-40, abs=0.2)


@pytest.mark.parametrize("length", [0, 1, 480, 9599])
def test_too_short_is_not_measurable(length: int) -> None:
    found = whole(np.zeros(length))
    assert math.isnan(found.fifty.level)
    assert math.isnan(found.sixty.over)


@pytest.mark.parametrize("length", [9600, 12_000, 48_000])
def test_constant_does_not_hum(length: int) -> None:
    assert whole(np.full(length, 0.3)).fifty.level == LEAST_DB
