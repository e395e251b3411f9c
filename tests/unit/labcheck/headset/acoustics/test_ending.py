"""The end of a tone, and what stays while nobody plays."""

from __future__ import annotations

import numpy as np
import pytest

from labcheck.headset.acoustics.coupling import WORK
from labcheck.headset.acoustics.edges import edge, hole_beside
from labcheck.headset.acoustics.ending import last_tone
from labcheck.headset.acoustics.still import noise_step, steady_hum
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


def faded(
    until: float, pieces: tuple[tuple[float, float], ...] = ()
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A tone until so many seconds, its fade of 10 ms included, and away in between."""
    times = np.arange(2 * WORK) / WORK
    gains = np.clip((until - times) / 0.01, 0, 1) * (times > 0.8)
    for first, end in pieces:
        gains[(times >= first) & (times < end)] = 0
    return np.asarray(0.01 * gains * np.sin(2 * np.pi * HERTZ * times))


@pytest.mark.parametrize("early", [0.0, 0.0052, 0.013, -0.003])
def test_a_tone_that_ends_at_another_moment(early: float) -> None:
    noise = 1e-4 * np.random.default_rng(5).standard_normal(2 * WORK)
    value, error = edge(faded(END - early) + noise, END, HERTZ, last=True)
    assert value == pytest.approx(early * 1000, abs=0.6)
    assert error < 1.5


def test_a_tone_s_end_is_not_known_in_what_is_as_loud() -> None:
    wave = faded(END)
    wave[round((END - 0.02) * WORK) :][:300] += 0.05 * np.random.default_rng(6).standard_normal(300)
    assert edge(wave, END, HERTZ, last=True)[1] > 3
    assert np.isnan(edge(wave[: round(END * WORK)], END, HERTZ, last=True)).all()


def test_holes_near_a_tone_s_end() -> None:
    assert not hole_beside(faded(END), END, HERTZ, after=False)
    assert hole_beside(faded(END, ((END - 0.05, END - 0.04),)), END, HERTZ, after=False)
    knock = faded(END)
    knock[round((END - 0.05) * WORK) :][:300] *= -4
    assert not hole_beside(knock, END, HERTZ, after=False)


def test_another_microphone_has_another_noise() -> None:
    noise = 1e-4 * np.random.default_rng(8).standard_normal(3 * RATE)
    pauses = ((0, RATE), (2 * RATE, 3 * RATE))
    assert noise_step(noise, RATE, pauses) == pytest.approx(0, abs=0.5)
    louder = noise * np.where(np.arange(len(noise)) < RATE // 2 * 3, 1, 4)
    assert noise_step(louder, RATE, pauses) == pytest.approx(12, abs=0.7)
    voice = noise.copy()
    voice[2 * RATE :] += 0.01 * np.sin(2 * np.pi * 700 * np.arange(RATE) / RATE)
    assert noise_step(voice, RATE, pauses) == pytest.approx(0, abs=0.5)
