"""What is drawn by lot for one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from labcheck.headset.spoken.chance import NUMBERS, TRIALS, orders
from labcheck.headset.spoken.words import SENTENCES, Language


class Ear(StrEnum):
    """Where something is heard."""

    LEFT = "left"
    RIGHT = "right"


class Sound(StrEnum):
    """What is played back to who has spoken. The lot decides the order."""

    OWN = "own"
    OTHER = "other"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Trial:
    """One number in one ear."""

    ear: Ear
    number: int


@dataclass(frozen=True, slots=True)
class Draw:
    """Everything that the person cannot know beforehand."""

    language: Language
    trials: tuple[Trial, ...]
    sentence: str
    sounds: tuple[Sound, ...]


def draw(chance: Random, language: Language) -> Draw:
    """``chance`` is SystemRandom but for tests. Any order of ears that there is, any numbers."""
    bits = chance.choice(orders())
    ears = [Ear.LEFT if bits >> place & 1 else Ear.RIGHT for place in range(TRIALS)]
    return Draw(
        language,
        tuple(Trial(ear, chance.choice(NUMBERS)) for ear in ears),
        chance.choice(SENTENCES[language]),
        tuple(chance.sample(tuple(Sound), len(Sound))),
    )
