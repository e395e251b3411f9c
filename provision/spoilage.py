"""Why sheets are spoiled: a short list, and words of one's own that name no pupil."""

from __future__ import annotations

import re
from enum import StrEnum

from provision.errors import N_, ProvisionError
from provision.site.people import Roster
from provision.site.surnames import Surnames

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
    if Surnames(one.name for one in roster.participants).among(words):
        raise ReasonRefused(N_("the reason holds a word that is a pupil's surname"))
    return f"{Reason.OTHER}: {words}"


def words_of(recorded: str) -> tuple[str, str]:
    """English words for a recorded reason, to be translated, and the person's own."""
    kind, _colon, own = recorded.partition(": ")
    return WORDS[Reason(kind)], own
