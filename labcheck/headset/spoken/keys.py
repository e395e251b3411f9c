"""What is typed for an answer, in a terminal at the controller or at the seat. Pure."""

from __future__ import annotations

from labcheck.errors import N_
from labcheck.headset.spoken.chance import NUMBERS
from labcheck.headset.spoken.draw import Ear, Sound
from labcheck.headset.spoken.steps import Answer, Ask, Heard, Screen, Word, choices

NUMBER_KEYS = N_(
    "l7, r7: seven in the left, the right ear; b: in both; n: nothing; Enter: once more; q: stop"
)
BACK_KEY = N_("-: one back")
SOUND_KEYS = N_("1: my voice; 2: somebody else's; 3: noise; n: nothing; Enter: once more; q: stop")
READY_KEYS = N_("Enter: go on; q: stop")
NO_ANSWER = N_("That is none of the answers.")
_EARS = {"l": Ear.LEFT, "л": Ear.LEFT, "r": Ear.RIGHT, "п": Ear.RIGHT}
_WORDS = {
    "b": Word.BOTH,
    "о": Word.BOTH,
    "n": Word.NOTHING,
    "н": Word.NOTHING,
    "-": Word.BACK,
    "q": Word.STOP,
    "с": Word.STOP,
}
"""Keys, Latin and Cyrillic: nobody should have to change the keyboard's layout."""
_SOUNDS = {"1": Sound.OWN, "2": Sound.OTHER, "3": Sound.NOISE}
_NUMBERS = {f"{key}{number}": Heard(ear, number) for key, ear in _EARS.items() for number in NUMBERS}


def typed(screen: Screen) -> dict[str, Answer]:
    """What is typed, small letters without spaces -> the answer to that screen; "" is Enter alone."""
    may = set(choices(Ask(screen, back=True)))
    enter = Word.REPEAT if Word.REPEAT in may else Word.READY
    every: dict[str, Answer] = {"": enter, **_WORDS, **_SOUNDS, **_NUMBERS}
    return {keys: answer for keys, answer in every.items() if answer in may}


def answer_of(ask: Ask, line: str) -> Answer | None:
    """What a line means there; None: nothing."""
    found = typed(ask.screen).get("".join(line.split()).casefold())
    return found if found in choices(ask) else None


def told(screen: Screen) -> str:
    """The keys of a screen, in words to be translated."""
    if screen is Screen.WORD:
        return NUMBER_KEYS
    return SOUND_KEYS if screen is Screen.SOUND else READY_KEYS
