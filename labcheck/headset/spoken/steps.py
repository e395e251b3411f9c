"""What the spoken check wants from outside: something shown, played, recorded, or a choice made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from labcheck.headset.spoken.draw import Ear, Sound, Trial

if TYPE_CHECKING:  # brings numpy
    from numpy import float64
    from numpy.typing import NDArray

RECORD_SECONDS = 7.0


class Screen(StrEnum):
    """What the person sees. All but the last three hold a question."""

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
