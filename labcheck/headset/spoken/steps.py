"""What the spoken check wants from outside: something shown, played, recorded, or a choice made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from labcheck.headset.spoken.chance import NUMBERS
from labcheck.headset.spoken.draw import Ear, Sound, Trial

if TYPE_CHECKING:  # brings numpy
    from numpy import float64
    from numpy.typing import NDArray

RECORD_SECONDS = 7.0


class Screen(StrEnum):
    """What the person sees; the last three ask nothing."""

    START = "start"
    WORD = "word"
    SPEAK = "speak"
    AGAIN = "again"
    SOUND = "sound"
    PLAYING = "playing"
    RECORDING = "recording"
    END = "end"


class Word(StrEnum):
    """Answers that are no number in an ear."""

    READY = "ready"
    NOTHING = "nothing"
    BOTH = "both"
    REPEAT = "repeat"
    BACK = "back"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer: a number in an ear."""

    ear: Ear
    number: int


Answer = Heard | Word | Sound
"""What was chosen; which of them may be is said by the screen, see :func:`choices`."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Have the person choose. The reply is an Answer that the screen has, or None: nobody answered in
    time."""

    screen: Screen
    done: int = 0
    of: int = 0
    """How many like it are done, and how many there are."""
    sentence: str = ""
    back: bool = False
    """Whether the last answer can be taken back."""


@dataclass(frozen=True, slots=True)
class Show:
    """Have the person see it; the reply is None, at once."""

    screen: Screen
    done: int = 0
    of: int = 0
    sentence: str = ""
    seconds: float = 0.0
    """How long it will stay, where that is known."""


@dataclass(frozen=True, slots=True)
class PlayWord:
    """Play a number in one ear; the reply is None, once it is played."""

    trial: Trial


@dataclass(frozen=True, slots=True)
class PlaySound:
    """Play something into both ears; OWN is the last recording. The reply is None, once it is played."""

    sound: Sound


@dataclass(frozen=True, slots=True)
class Record:
    """Record the microphone; the reply is a Recorded."""

    seconds: float = RECORD_SECONDS


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Recorded:
    """Somebody's voice: it stays in memory, and is not shown by mistake either."""

    samples: NDArray[float64]
    """(n,), full scale = 1."""
    rate: int


Step = Ask | Show | PlayWord | PlaySound | Record
Reply = Heard | Word | Sound | Recorded | None


def choices(ask: Ask) -> tuple[Answer, ...]:
    """All that the person can choose there."""
    match ask.screen:
        case Screen.WORD:
            numbers = tuple(Heard(ear, number) for ear in Ear for number in NUMBERS)
            back = (Word.BACK,) if ask.back else ()
            return (*numbers, Word.BOTH, Word.NOTHING, Word.REPEAT, *back, Word.STOP)
        case Screen.SOUND:
            return (Sound.OWN, Sound.OTHER, Sound.NOISE, Word.NOTHING, Word.REPEAT, Word.STOP)
        case _:
            return (Word.READY, Word.STOP)


def name_of(answer: Answer) -> str:
    """An answer as it travels: "left-7", "nothing"."""
    return f"{answer.ear.value}-{answer.number}" if isinstance(answer, Heard) else answer.value


def answer_of(ask: Ask, untrusted: object) -> Answer | None:
    """The choice of that name; None: there is none."""
    return next((one for one in choices(ask) if name_of(one) == untrusted), None)
