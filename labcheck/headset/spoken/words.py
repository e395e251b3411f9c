"""The material: which languages there are, their sentences, where the spoken numbers lie. No numpy here."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
RATE = 16_000


class Language(StrEnum):
    """Of the numbers and of the sentence; what is asked is in the language of who reads it."""

    RUSSIAN = "ru"
    ENGLISH = "en"


SENTENCES = {
    Language.RUSSIAN: (
        "Сегодня утром в нашей школе тихо, и за окном идёт тёплый дождь.",
        "Мой младший брат каждое лето ездит к бабушке в деревню.",
        "После уроков мы всем классом пойдём в городской музей.",
        "На кухне вкусно пахнет яблочным пирогом и свежим чаем.",
        "Рыжая кошка весь день спит на старом диване у печки.",
        "Зимой на реке толстый лёд, и ребята катаются на коньках.",
    ),
    Language.ENGLISH: (
        "My little brother goes to see our grandmother every summer.",
        "After school we are all going to the museum in the city.",
        "The kitchen smells of apple pie and a fresh cup of tea.",
        "A big brown dog is sleeping on the old sofa all day long.",
        "In winter the river is frozen, and the children go skating.",
        "It is a quiet morning at school, and warm rain is falling.",
    ),
}
"""Short, of plain words, with voiced and voiceless sounds; some four seconds each."""


def file_of(language: Language, number: int) -> Path:
    """A WAV of 16-bit PCM, one channel, RATE."""
    return FOLDER / language / f"{number}.wav"
