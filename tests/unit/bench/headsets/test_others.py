"""The rules of the other programs, on waves of which everybody knows what they would say."""

from __future__ import annotations

import numpy as np
import pytest

from bench.headsets import others
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import stimulus

ONE = stimulus(0)
ARRIVES = RATE


def recorded(amplitude: float, hertz: float = ONE.tone_hz, noise: float = 1e-4) -> Recording:
    wave = noise * np.random.default_rng(1).standard_normal(10 * RATE)
    wave += amplitude * np.sin(2 * np.pi * hertz / RATE * np.arange(wave.size))
    return Recording(np.rint(np.clip(wave, -1, 1) * 32767).astype(np.int16), RATE, float(ARRIVES))


def passes(name: str, recording: Recording) -> bool:
    return others.RULES[name](recording, ONE, ARRIVES).passed


@pytest.mark.parametrize("name", others.RULES)
def test_loud_tone_passes(name: str) -> None:
    assert passes(name, recorded(0.1))


@pytest.mark.parametrize("name", ["alsabat", "checkbox"])
def test_tone_of_another_frequency_fails(name: str) -> None:
    assert not passes(name, recorded(0.1, ONE.tone_hz * 1.2))


def test_alsabat_fails_for_a_second_peak_and_for_none() -> None:
    two = recorded(0.05).pcm.astype(int) + recorded(0.05, 3000.0).pcm
    assert not passes("alsabat", Recording(two.astype(np.int16), RATE, 0.0))
    assert not passes("alsabat", Recording(np.zeros(10 * RATE, np.int16), RATE, 0.0))
    assert not passes("alsabat", recorded(0.0))


def test_checkbox_needs_more_than_its_spectrums_floor() -> None:
    """-60 dB of the window's 0.27 and the half of a real sine."""
    assert not passes("checkbox", recorded(0.002))
    assert passes("checkbox", recorded(0.01))


def test_testrtc_goes_by_the_loudest_buffer_alone() -> None:
    assert passes("testrtc", recorded(0.0, noise=0.002))
    assert not passes("testrtc", recorded(0.0, noise=0.0005))
    assert not passes("testrtc", Recording(np.zeros(10 * RATE, np.int16), RATE, 0.0))


@pytest.mark.parametrize("name", others.RULES)
def test_short_recordings_fail_and_raise_nothing(name: str) -> None:
    assert not passes(name, Recording(np.zeros(100, np.int16), RATE, 0.0))
