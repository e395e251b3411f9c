"""What is missing from a track is counted, also where nothing at all is left of it to make an error."""

from __future__ import annotations

import math

import numpy as np
import pytest

from labcheck.headset.acoustics.course import Track
from labcheck.headset.acoustics.steady import steady, still_ends


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("error", [0.0, 0.02])
@pytest.mark.parametrize("frames", [1, 3])
def test_a_gap_is_one_gap_however_sure_its_frames_are(error: float, frames: int) -> None:
    gains, errors = np.ones(300), np.full(300, 0.02)
    gains[100 : 100 + frames], errors[100 : 100 + frames] = 0.0, error
    found = steady([Track(gains, errors, math.nan)], [])
    assert (found.gaps, found.gap_ms) == (1, 5.0 * frames)


def test_still_ends_are_told_apart() -> None:
    wave = np.random.default_rng(1).standard_normal(48_000)
    wave[:4800], wave[-9600:] = 0.25, 0.0
    assert still_ends(wave, 48_000) == pytest.approx((0.1, 0.2), abs=0.0001)
    assert still_ends(np.zeros(24_000), 48_000) == (0.5, 0.5)
