"""The end of a tone, and what stays while nobody plays."""

from __future__ import annotations

import numpy as np
import pytest

from labcheck.headset.acoustics.coupling import WORK
from labcheck.headset.acoustics.ending import last_tone
from labcheck.headset.acoustics.still import steady_hum
from labcheck.headset.signals import LEVEL

HERTZ, END = 763.0, 1.5
RATE = 48_000


def recorded(gain: float, until: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    times = np.arange(2 * WORK) / WORK
    tone = gain * LEVEL * np.sqrt(2) * np.sin(2 * np.pi * HERTZ * times) * (times < until)
    return np.asarray(tone + 1e-4 * np.random.default_rng(3).standard_normal(len(times)))


@pytest.mark.parametrize(("until", "expected"), [(END, 1.0), (END - 0.5, 0.0)])
def test_a_tone_that_lasts_and_one_that_does_not(until: float, expected: float) -> None:
    impulse = np.zeros(480)
    impulse[72] = 0.01
    value, error = last_tone(recorded(0.01, until), END, HERTZ, impulse)
    assert value == pytest.approx(expected, abs=4 * error)
    assert error < 0.05


def test_where_nothing_is_heard_nothing_is_expected() -> None:
    assert np.isnan(last_tone(recorded(0.01, END), END, HERTZ, np.zeros(0))).all()


def test_hum_is_in_both_pauses_and_a_voice_in_one() -> None:
    times = np.arange(3 * RATE) / RATE
    pauses = ((0, RATE), (2 * RATE, 3 * RATE))
    noise = 1e-4 * np.random.default_rng(4).standard_normal(len(times))
    line = 0.01 * np.sqrt(2) * np.sin(2 * np.pi * 150 * times)
    assert steady_hum(noise + line, RATE, pauses).level == pytest.approx(-40, abs=0.3)
    assert steady_hum(noise + line * (times > 2), RATE, pauses).level < -70
