"""One of the processes that measure a room's recordings. Only :mod:`labcheck.headset.crew` starts it.

Reads pickled pairs of a seat's number and its recording from its standard input, to its end, and writes for
each a pickled :class:`Answer`.
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
class Answer:
    """What one recording says."""

    measures: Measures | None
    hearing: Hearing | None
    mistake: str
    """What kept the recording from being measured; empty: nothing."""


def answer(number: int, recording: Recording, seats: int) -> Answer:
    """``number``: of the seat among ``seats``. Raises nothing."""
    try:
        stimuli = [stimulus(each) for each in range(seats)]
        return Answer(measure(recording, stimuli[number]), hearing(recording, stimuli), "")
    except Exception as mistake:  # noqa: BLE001 - costs this seat its result, and no other
        return Answer(None, None, repr(mistake))


def warm(seats: int) -> None:
    """Have ready what depends on what is played alone, and whatever is loaded at its first use."""
    for number in range(seats):
        prepare(stimulus(number))
    aloud = np.pad(stimulus(0).pcm[:, 0] // 30, RATE)
    answer(0, Recording(aloud, RATE, float(RATE)), seats)


def main() -> None:
    """Answer, for as many seats as the first argument says, until there is nothing more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us
    if hasattr(os, "nice"):
        os.nice(5)  # loading everything must not keep the room from beginning together
    seats = int(sys.argv[1])
    read, write = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but answers goes there
    warm(seats)
    while True:
        try:
            number, recording = pickle.load(read)  # noqa: S301 - from the process that started us
        except EOFError:
            return
        pickle.dump(answer(number, recording, seats), write)
        write.flush()
