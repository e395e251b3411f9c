"""People at a headset, without sound: what each hears of a number in one ear, and what is answered to it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from random import Random
from typing import TYPE_CHECKING

from labcheck.headset.spoken.chance import NUMBERS
from labcheck.headset.spoken.draw import Ear, Sound, Trial, draw
from labcheck.headset.spoken.steps import (
    Answer,
    Ask,
    Heard,
    PlaySound,
    PlayWord,
    Record,
    Recorded,
    Reply,
    Screen,
    Step,
    Word,
)
from labcheck.headset.spoken.talk import Told, talk
from labcheck.headset.spoken.voice import Voice
from labcheck.headset.spoken.words import Language

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

GOOD = Voice(-26.0, 4.0, 40.0, None)
Hears = Callable[[Trial, Random], Answer]


def well(trial: Trial, chance: Random) -> Answer:
    return Heard(trial.ear, trial.number)


def nothing(trial: Trial, chance: Random) -> Answer:
    return Word.NOTHING


def mono(trial: Trial, chance: Random) -> Answer:
    return Word.BOTH


def guesses_ear(trial: Trial, chance: Random) -> Answer:
    """Hears the same in both ears, and never admits it."""
    return Heard(chance.choice(tuple(Ear)), trial.number)


def swapped(trial: Trial, chance: Random) -> Answer:
    return Heard(Ear.RIGHT if trial.ear is Ear.LEFT else Ear.LEFT, trial.number)


def dead(ear: Ear) -> Hears:
    return lambda trial, chance: Word.NOTHING if trial.ear is ear else Heard(trial.ear, trial.number)


def dead_and_clever(ear: Ear) -> Hears:
    """Knows from the silence which ear it was, and guesses the number."""
    return lambda trial, chance: Heard(
        trial.ear, chance.choice(NUMBERS) if trial.ear is ear else trial.number
    )


def clicks(trial: Trial, chance: Random) -> Answer:
    """Anything that is offered."""
    return chance.choice(_OFFERED)


_OFFERED: tuple[Answer, ...] = (
    *(Heard(ear, number) for ear in Ear for number in NUMBERS),
    Word.NOTHING,
    Word.BOTH,
)


def recorded() -> Recorded:
    """Stands for a recording where nobody looks into it."""
    import numpy as np  # noqa: PLC0415

    empty: NDArray[float64] = np.zeros(0)
    return Recorded(empty, 48_000)


class Listener:
    """Answers steps; ``log`` has all of them. ``taken``: what is taken for what when it is played back."""

    def __init__(self, hears: Hears, seed: int = 1, taken: dict[Sound, Answer] | None = None) -> None:
        self.log: list[Step] = []
        self.hears, self.chance = hears, Random(seed)
        self.taken = taken or {sound: sound for sound in Sound}
        self.now: Answer = Word.NOTHING

    def reply(self, step: Step) -> Reply:
        self.log.append(step)
        match step:
            case PlayWord():
                self.now = self.hears(step.trial, self.chance)
            case PlaySound():
                self.now = self.taken[step.sound]
            case Record():
                return recorded()
            case Ask(Screen.WORD | Screen.SOUND):
                return self.now
            case Ask():
                return Word.READY
        return None


def told(listener: Listener, seed: int = 0, voice: Voice = GOOD) -> Told:
    """What becomes of a whole check with that person."""
    return through(listener.reply, seed, lambda _recorded: voice)


def through(
    reply: Callable[[Step], Reply], seed: int = 0, measure: Callable[[Recorded], Voice] = lambda _one: GOOD
) -> Told:
    ended: list[Told] = []

    def whole() -> Generator[Step, Reply, None]:
        ended.append((yield from talk(draw(Random(seed), Language.RUSSIAN), measure)))

    course = whole()
    answer: Reply = None
    with contextlib.suppress(StopIteration):
        while True:
            answer = reply(course.send(answer))
    return ended[0]
