"""What is a voice, and what is none; and what is played."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import correlate

from labcheck.headset.causes import Cause
from labcheck.headset.recording import RATE
from labcheck.headset.spoken import sounds
from labcheck.headset.spoken.chance import NUMBERS
from labcheck.headset.spoken.draw import Ear, Trial
from labcheck.headset.spoken.steps import Recorded
from labcheck.headset.spoken.voice import LEAST_DBFS, measure
from labcheck.headset.spoken.words import FOLDER, SENTENCES, Language

Wave = NDArray[np.float64]
CHANCE = np.random.default_rng(1)


def sentence(level: float) -> Wave:
    """Four seconds of speech at about that level (dBFS), with a second before and two after it."""
    said = [
        sounds.word(Trial(Ear.LEFT, number), Language.RUSSIAN)[round(0.5 * RATE) :, 0] / 32768
        for number in (4, 9, 1, 5, 8)
    ]
    whole = np.concatenate([np.zeros(RATE), *said, np.zeros(2 * RATE)])
    return np.asarray(whole * 10 ** ((level + 20) / 20))


def noise(level: float, seconds: float = 7.0) -> Wave:
    return np.asarray(CHANCE.standard_normal(round(seconds * RATE)) * 10 ** (level / 20))


def heard(level: float, floor: float = -65.0) -> Recorded:
    voice = sentence(level)
    return Recorded(np.clip(voice + noise(floor, len(voice) / RATE), -1, 1), RATE)


@pytest.mark.parametrize("level", [-20, -26, -40])
def test_a_voice_is_one(level: float) -> None:
    found = measure(heard(level))
    assert found.good, found
    assert found.level == pytest.approx(level, abs=3)
    assert found.seconds == pytest.approx(3.3, abs=1)


@pytest.mark.parametrize(
    ("recorded", "cause", "voice"),
    [
        (Recorded(np.zeros(7 * RATE), RATE), Cause.SILENT, False),
        (Recorded(np.zeros(0), RATE), Cause.SILENT, False),
        (Recorded(np.full(7 * RATE, 0.1), RATE), Cause.SILENT, False),
        (Recorded(noise(-60), RATE), Cause.TOO_QUIET, False),
        (Recorded(noise(-25), RATE), Cause.TOO_QUIET, False),
        (Recorded(0.3 * np.sin(np.arange(7 * RATE) * 2 * np.pi * 50 / RATE), RATE), Cause.TOO_QUIET, False),
        (heard(LEAST_DBFS - 6, -80), Cause.TOO_QUIET, True),
        (heard(-2), Cause.CLIPPING, True),
        (heard(-30, -35), Cause.TOO_QUIET, False),
    ],
    ids=["zeros", "none", "stuck", "hiss", "loud hiss", "hum", "whisper", "shout", "in noise"],
)
def test_what_is_none(recorded: Recorded, cause: Cause, voice: bool) -> None:
    found = measure(recorded)
    assert found.cause is cause, found
    assert found.found is voice


def test_a_thump_is_no_voice() -> None:
    """Somebody knocks at the microphone: loud for a moment, and nothing else."""
    samples = noise(-65)
    samples[3 * RATE : 3 * RATE + RATE // 10] += noise(-15, 0.1)
    assert measure(Recorded(samples, RATE)).cause is Cause.TOO_QUIET


def test_a_voice_is_not_shown_by_mistake() -> None:
    assert "array" not in repr(heard(-20))


# What is played ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
def test_numbers_are_in_one_ear_and_equally_loud(language: Language) -> None:
    for number in NUMBERS:
        left = sounds.word(Trial(Ear.LEFT, number), language)
        right = sounds.word(Trial(Ear.RIGHT, number), language)
        assert not left[:, 1].any()
        assert np.array_equal(left[:, 0], right[:, 1])
        where = np.flatnonzero(left[:, 0])
        assert where[0] >= 0.5 * RATE, "devices that swallow the first half second"
        said = left[where[0] : where[-1], 0] / 32768
        assert 10 * np.log10(np.mean(said**2)) == pytest.approx(-20, abs=0.5)
        assert 0.25 < len(said) / RATE < 0.9


@pytest.mark.parametrize("language", Language)
def test_no_two_numbers_are_the_same_sound(language: Language) -> None:
    waves = [sounds.word(Trial(Ear.LEFT, number), language)[:, 0] / 32768 for number in NUMBERS]
    for place, one in enumerate(waves):
        for other in waves[:place]:
            likeness = np.abs(correlate(one, other, "full", "fft")).max()
            assert likeness < 0.7 * np.linalg.norm(one) * np.linalg.norm(other)


def test_a_quiet_recording_is_played_back_as_loud_as_the_others() -> None:
    for played in (sounds.own(sentence(-40), RATE), sounds.noise(), sounds.other(Language.RUSSIAN)):
        wave = played[round(sounds.LEAD_SECONDS * RATE) :, 0] / 32768
        assert 10 * np.log10(np.mean(wave**2)) == pytest.approx(-21, abs=3)
        assert np.array_equal(played[:, 0], played[:, 1])
    assert not sounds.own(np.zeros(RATE), RATE).any()


def test_material_is_small_and_complete() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*.wav")) < 400_000
    for language in Language:
        assert len({path.stem for path in (FOLDER / language).glob("*.wav")}) == len(NUMBERS)
        assert len(SENTENCES[language]) >= 6
