"""Why sheets are spoiled: a short list, and words of one's own that name no pupil."""

from __future__ import annotations

import re
from enum import StrEnum

from provision.errors import N_, ProvisionError
from provision.site.people import Roster

MAX_TEXT = 120


class Reason(StrEnum):
    """The reasons, as the record keeps them; OTHER is followed by ": " and the person's own words."""

    JAM = "jam"
    DEFECT = "defect"
    PARTICIPANT = "participant"
    WRONG_KIT = "wrong-kit"
    OTHER = "other"


WORDS = {
    Reason.JAM: N_("paper jam"),
    Reason.DEFECT: N_("print defect"),
    Reason.PARTICIPANT: N_("spoiled by the participant"),
    Reason.WRONG_KIT: N_("mistake in putting kits together"),
    Reason.OTHER: N_("other"),
}

_PATTERNS = {
    Reason.JAM: r"(paper )?jam|замят\w*( бумаги)?|замял\w*( бумагу)?",
    Reason.DEFECT: r"(print )?defect|брак( печати)?",
    Reason.PARTICIPANT: r"(spoiled by the )?participant|порча( участником)?|испорчен\w* участником",
    Reason.WRONG_KIT: r"wrong[- ]kit|mistake in putting kits together|ошибка( комплектования)?",
}
"""How people write them."""

_OTHER = re.compile(r"(?:other|иное|другое)\s*[:,-]?\s*(.*)", re.IGNORECASE | re.DOTALL)
_ENDING = re.compile(r"(?:[ыио]й|[ая]я|[аяь])$")
_INFLECTION = (
    r"(?:[аяуюыиеь]|[оеыи]й|[ая]я|[оеыи]м|[ую]ю|[оеыи]ю|[оеыи]х|[ое]го|[ое]му|[ыи]ми|[ая]м|[ая]ми|[ая]х)?"
)
"""Endings of Russian surnames in all cases."""
_WORD = re.compile(r"\w+")
_LEAST_STEM = 3


class ReasonRefused(ProvisionError):
    """A reason that is not of the list, or whose words may name a pupil."""

    code = "reason-refused"
    remedy = N_(
        "Say one of: jam (замятие), defect (брак печати), participant (порча участником), wrong-kit (ошибка "
        "комплектования), or 'other: ' ('иное: ') and what happened, without names."
    )


def reason_of(text: str, roster: Roster) -> str:
    """The reason that a person typed, as the record keeps it. Raises ReasonRefused."""
    plain = " ".join(text.split())
    for reason, pattern in _PATTERNS.items():
        if re.fullmatch(pattern, plain, re.IGNORECASE):
            return str(reason)
    other = _OTHER.fullmatch(plain)
    words = other[1].strip() if other else ""
    if not words:
        raise ReasonRefused(N_("this is not one of the reasons"))
    if len(words) > MAX_TEXT:
        raise ReasonRefused(N_("the reason is longer than {most} characters"), most=MAX_TEXT)
    if _names_pupil(words, roster):
        raise ReasonRefused(N_("the reason holds a word that is a pupil's surname"))
    return f"{Reason.OTHER}: {words}"


def words_of(recorded: str) -> tuple[str, str]:
    """English words for a recorded reason, to be translated, and the person's own."""
    kind, _colon, own = recorded.partition(": ")
    return WORDS[Reason(kind)], own


def _names_pupil(text: str, roster: Roster) -> bool:
    """Whether a word may be a form of a pupil's surname; rather too often than not."""
    words = [_even(word) for word in _WORD.findall(text)]
    surnames = {part for pupil in roster.participants for part in _surname(pupil.name.reveal())}
    stems = {_ENDING.sub("", part) if len(part) > _LEAST_STEM else part for part in surnames}
    forms = re.compile("|".join(re.escape(stem) + _INFLECTION for stem in sorted(stems)) or r"(?!)")
    return any(forms.fullmatch(word) for word in words)


def _surname(name: str) -> list[str]:
    return [_even(part) for part in _WORD.findall(name.split(maxsplit=1)[0])]


def _even(word: str) -> str:
    return word.casefold().replace("ё", "е")
