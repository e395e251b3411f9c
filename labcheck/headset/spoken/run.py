"""The spoken check at work: the course of it between a headset and a person, whoever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from labcheck.headset.spoken.draw import Draw, Sound
from labcheck.headset.spoken.steps import (
    Answer,
    Ask,
    PlaySound,
    PlayWord,
    Record,
    Recorded,
    Reply,
    Show,
    Step,
)
from labcheck.headset.spoken.talk import Told, talk
from labcheck.headset.spoken.voice import measure

if TYPE_CHECKING:  # brings numpy
    from numpy import int16
    from numpy.typing import NDArray


class Headset(Protocol):
    """Plays and records. Both raise what Link.call does."""

    def play(self, pcm: NDArray[int16]) -> None:
        """(frames, 2), 48 kHz; returns when it is played."""
        ...

    def record(self, seconds: float) -> Recorded:
        """So long, of its microphone."""
        ...


class Person(Protocol):
    """Sees and chooses."""

    def show(self, show: Show) -> None:
        """Have it seen; return at once."""
        ...

    def ask(self, ask: Ask) -> Answer | None:
        """What was chosen, of what the screen offers; None: nobody answered in time."""
        ...

    def close(self) -> None:
        """Let the person go."""
        ...


def hold(draw: Draw, headset: Headset, person: Person) -> Told:
    """Go through the check to its end. Recordings are let go of when this returns."""
    course = talk(draw, measure)
    own: Recorded | None = None
    reply: Reply = None
    try:
        while True:
            step = course.send(reply)
            reply = _done(step, draw, headset, person, own)
            if isinstance(reply, Recorded):
                own = reply
    except StopIteration as ended:
        told: Told = ended.value
        return told


def _done(step: Step, draw: Draw, headset: Headset, person: Person, own: Recorded | None) -> Reply:
    from labcheck.headset.spoken import sounds  # noqa: PLC0415 - brings numpy

    match step:
        case Ask():
            return person.ask(step)
        case Show():
            person.show(step)
        case PlayWord():
            headset.play(sounds.word(step.trial, draw.language))
        case PlaySound(Sound.OTHER):
            headset.play(sounds.other(draw.language))
        case PlaySound(Sound.NOISE):
            headset.play(sounds.noise())
        case PlaySound() if own is not None:
            headset.play(sounds.own(own.samples, own.rate))
        case Record():
            return headset.record(step.seconds)
    return None
