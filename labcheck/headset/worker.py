"""One of the processes that measure a room's recordings. Only :mod:`labcheck.headset.crew` starts it.

Reads pickled :class:`Question` from its standard input, to its end, and writes for each a pickled
:class:`Answer`.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from dataclasses import dataclass

import numpy as np

from labcheck.headset.acoustics import Measures, measure, prepare
from labcheck.headset.matrix import Hearing, hearing
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import stimulus


class Unmeasured(RuntimeError):
    """A recording that came could not be measured, and it is not to blame."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """``number``: of the seat among the ``seats`` that play. ``early``: the recording still goes on, and only
    whom it hears is asked for. ``hearing``: what an early answer said of that."""

    number: int
    seats: int
    recording: Recording
    early: bool = False
    hearing: Hearing | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one recording says."""

    measures: Measures | None
    hearing: Hearing | None
    mistake: str
    """What kept the recording from being measured; empty: nothing."""


def answer(asked: Question) -> Answer:
    """Raises nothing."""
    recording = asked.recording
    try:
        stimuli = [stimulus(each) for each in range(asked.seats)]
        heard = asked.hearing or hearing(recording, stimuli)
        return Answer(None if asked.early else measure(recording, stimuli[asked.number]), heard, "")
    except Exception as mistake:  # noqa: BLE001 - costs this seat its result, and no other
        return Answer(None, None, repr(mistake))


def warm(seats: int) -> None:
    """Have ready what depends on what is played alone, and whatever is loaded at its first use."""
    for number in range(seats):
        prepare(stimulus(number))
    aloud = np.pad(stimulus(0).pcm[:, 0] // 30, RATE)
    answer(Question(0, seats, Recording(aloud, RATE, float(RATE))))


def main() -> None:
    """Answer until there is nothing more to read; be ready for as many seats as the first argument says."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us
    if hasattr(os, "nice"):
        os.nice(5)  # loading everything must not keep the room from beginning together
    read, write = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but answers goes there
    warm(int(sys.argv[1]))
    while True:
        try:
            asked = pickle.load(read)  # noqa: S301 - from the process that started us
        except EOFError:
            return
        pickle.dump(answer(asked), write)
        write.flush()
