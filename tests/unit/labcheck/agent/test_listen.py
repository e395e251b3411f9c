"""Levels of what a microphone picks up, by the agent without numpy: against what was put in."""

from __future__ import annotations

import math
import random
from array import array

import pytest

from labcheck.agent.listen import LEAST_DB, RATE, levels


def wave(noise_db: float, hum_db: float = -200.0, voice_db: float = -200.0, dc: float = 0.0) -> array[int]:
    """Two seconds: noise, a hum of 49.8 Hz with its third, and a voice that speaks for two thirds of them."""
    chance = random.Random(1)
    noise, hum, voice = (10 ** (level / 20) for level in (noise_db, hum_db, voice_db))
    made = array("h")
    for n in range(2 * RATE):
        turn = 2 * math.pi * n / RATE
        value = chance.gauss(0, noise) + dc + hum * (math.sin(49.8 * turn) + math.sin(3 * 49.8 * turn))
        if n % RATE < RATE * 2 // 3:
            value += voice * math.sqrt(2) * math.sin((110 + 40 * n / RATE) * turn)
        made.append(max(-32768, min(32767, round(32768 * value))))
    return made


def test_noise_hum_and_offset_are_told_apart() -> None:
    found = levels(wave(-60))
    assert found["floor_dbfs"] == pytest.approx(-60, abs=0.5)
    assert found["rms_dbfs"] == pytest.approx(-60, abs=0.2)
    assert found["hum_dbfs"] == LEAST_DB
    assert (found["clipped"], found["seconds"]) == (0, 2.0)
    assert abs(found["dc"]) < 1e-4
    hums = levels(wave(-60, hum_db=-45, dc=-0.02))
    assert hums["hum_dbfs"] == pytest.approx(-45, abs=0.7)
    assert hums["dc"] == pytest.approx(-0.02, abs=1e-3)


def test_a_voice_is_neither_noise_nor_hum() -> None:
    found = levels(wave(-60, voice_db=-20))
    assert found["floor_dbfs"] == pytest.approx(-60, abs=1)
    assert found["hum_dbfs"] < -58
    assert found["clipped"] == 0


def test_silence_and_clipping() -> None:
    nothing = levels(array("h", [0] * RATE))
    assert (nothing["rms_dbfs"], nothing["same"], nothing["dc"]) == (LEAST_DB, 1.0, 0.0)
    assert levels(array("h", [0] * 1000 + [1]) * 60)["same"] > 0.99
    assert levels(wave(-60, voice_db=3))["clipped"] > 1000
    spikes = wave(-60)
    for at in range(0, len(spikes), 1000):
        spikes[at] = 32767
    assert levels(spikes)["clipped"] == 0, "one sample alone is no clipped voice"
