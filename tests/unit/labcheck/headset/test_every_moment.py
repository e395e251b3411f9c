"""A clear headset whose player stumbles once, at every moment of the tones in steps of 10 ms (40 where frames
are lost: what follows tells): none may pass.

What the probes say of it is measured once: they were played before. Each moment in them has its own look, in
steps of 0.4 s, with everything measured anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from labcheck.headset.acoustics import Measures, measure
from labcheck.headset.acoustics.coupling import WORK, at_work_rate, without_clicks
from labcheck.headset.acoustics.further import further
from labcheck.headset.judge import judge, primary
from labcheck.headset.limits import Limits
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import FRAMES, LEFT_AT, PROBE, RIGHT_AT, TONE, TONE_AT, stimulus

GAP = round(0.013 * RATE)
BEFORE = RATE * 3 // 5
FADE = round(0.01 * RATE)
SIGNAL = stimulus(3)
HALF = TONE_AT + TONE // 2
Frames = NDArray[Any]


def stumbled(kind: str, at: int) -> Frames:
    """(frames, 2): what is played."""
    played = SIGNAL.pcm / 32767
    if kind == "lost":
        return np.concatenate([played[:at], played[at + GAP :], np.zeros((GAP, 2))])
    played[at : at + GAP] = 0
    return played


def recorded(played: Frames) -> NDArray[np.int16]:
    """By a microphone that is 20 cm from one cup, and 10 cm from the other."""
    heard = np.zeros(BEFORE + FRAMES + RATE)
    for side, (gain, delay) in enumerate(((0.012, 14), (0.008, 28))):
        for echo, later in ((1.0, 0), (-0.4, 9 + 7 * side), (0.2, 40 - 11 * side)):
            first = BEFORE + delay + later
            heard[first : first + FRAMES] += gain * echo * played[:, side]
    heard += 2e-4 * np.random.default_rng(7).standard_normal(len(heard))
    return np.rint(heard * 32767).astype(np.int16)


@pytest.fixture(scope="module")
def sound() -> Measures:
    found = measure(Recording(recorded(SIGNAL.pcm / 32767), RATE, float(BEFORE), ()), SIGNAL)
    assert primary(judge(found, Limits())) is None
    return found


def moments(step: int) -> Iterator[int]:
    """Begins of gaps: all that take 5 ms and more of what sounds, fades left out."""
    for first, end in ((TONE_AT, HALF), (HALF, TONE_AT + TONE)):
        yield from range(first + FADE, end - GAP - FADE // 2, step)


@pytest.mark.parametrize("kind", ["lost", "zeros"])
def test_no_moment_of_the_tones_is_blind(kind: str, sound: Measures) -> None:
    blind = []
    for at in moments(RATE // 25 if kind == "lost" else RATE // 100):
        samples = recorded(stumbled(kind, at)) / 32768
        wave = without_clicks(at_work_rate(samples.astype(np.float32), RATE), WORK)
        said = further(sound, samples, wave, SIGNAL, (None, None), ())
        found = replace(sound, breaks=said.breaks, tone_ends=said.tone_ends, ears_change=said.ears_change)
        if primary(judge(found, Limits())) is None:
            blind.append(round(at / RATE, 3))
    assert not blind


@pytest.mark.parametrize("begin", [LEFT_AT, RIGHT_AT])
def test_no_moment_of_the_probes_is_blind(begin: int, sound: Measures) -> None:
    for at in range(begin + RATE // 20, begin + PROBE - RATE // 20, RATE * 4 // 10):
        pcm = recorded(stumbled("zeros", at))
        found = measure(Recording(pcm, RATE, float(BEFORE), ()), SIGNAL)
        assert primary(judge(found, Limits())) is not None, at / RATE
