"""Reading a wave at other moments: as exact as a converter, zero outside."""

from __future__ import annotations

import numpy as np
import pytest

from bench.headsets.clocks import add, read

RATE = 48_000


@pytest.mark.parametrize("hertz", [300.0, 4_000.0, 12_000.0])
@pytest.mark.parametrize("ppm", [-2_500.0, -150.0, 0.0, 90.0])
def test_reads_a_sine_where_it_should(hertz: float, ppm: float) -> None:
    step, first = 1 + ppm * 1e-6, 100.37
    wave = np.sin(2 * np.pi * hertz / RATE * np.arange(60_000)).astype(np.float32)
    wanted = np.sin(2 * np.pi * hertz / RATE * (first + step * np.arange(50_000)))
    error = read(wave, first, step, 50_000) - wanted
    assert 20 * np.log10(np.sqrt(np.mean(error**2)) / np.sqrt(0.5)) < -80


def test_is_zero_outside() -> None:
    wave = np.ones(1_000, np.float32)
    got = read(wave, -2_000.0, 1.0, 5_000)
    assert got.shape == (5_000,)
    assert not got[:1_900].any()
    assert not got[3_100:].any()
    assert np.allclose(got[2_100:2_900], 1.0, atol=1e-3)


@pytest.mark.parametrize("at", [-30, 0, 60, 95])
def test_adds_what_lies_inside(at: int) -> None:
    target, wave = np.zeros(100, np.float32), np.arange(1, 41, dtype=np.float32)
    add(target, wave, at, 0.5)
    wanted = np.zeros(200)
    wanted[50 + at : 90 + at] = 0.5 * wave
    assert np.allclose(target, wanted[50:150])
