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
