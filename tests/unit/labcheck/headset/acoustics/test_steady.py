"""What is missing from a track is counted, also where nothing at all is left of it to make an error."""

from __future__ import annotations

import math

import numpy as np
import pytest

from labcheck.headset.acoustics.course import Track
from labcheck.headset.acoustics.steady import steady


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("error", [0.0, 0.02])
@pytest.mark.parametrize("frames", [1, 3])
def test_a_gap_is_one_gap_however_sure_its_frames_are(error: float, frames: int) -> None:
    gains, errors = np.ones(300), np.full(300, 0.02)
    gains[100 : 100 + frames], errors[100 : 100 + frames] = 0.0, error
    found = steady([Track(gains, errors, math.nan)], [])
    assert (found.gaps, found.gap_ms) == (1, 5.0 * frames)


NOISE = 0.25


def in_noise(seed: int, gap: int) -> Track:
    """Of a probe, noise that is as loud as it: frames overlap by half, so that neighbours share theirs."""
    halves = np.random.default_rng(seed).standard_normal(391) * NOISE / math.sqrt(0.5)
    gains = 1 + (halves[1:] + halves[:-1]) / 2
    gains[200 : 200 + gap] -= 1
    return Track(gains, np.full(390, NOISE), math.nan)


def test_a_long_gap_shows_where_noise_hides_its_frames() -> None:
    for gap in (0, 16, 40):
        found = [steady([in_noise(seed, gap)], []).gaps for seed in range(200)]
        assert sum(bool(each) == bool(gap) for each in found) >= 199, gap
