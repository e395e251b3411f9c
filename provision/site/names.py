"""One spelling for what people write in many: classes and seats.

A class is «7А» whether it was typed ``7а``, ``7 «А»``, ``7-А``, ``7A`` with a Latin letter or ``7 А класс``;
a seat is «3Б» whether ``3б``, ``Б3`` or ``3 Б``. The inventory and the list of participants use the same
functions, so that they always meet.
"""

from __future__ import annotations

import re
import unicodedata

_LOOKS_LIKE = str.maketrans("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУАСЕОРХУ")
"""Latin letters that look like a Cyrillic one. Small b, h, k, m and t do not and are refused."""

_CLASS = re.compile(
    r"(?P<grade>1[0-2]|[1-9])[\s\-./«»\"'„“”(]*(?P<mark>[А-ЯЁ]{0,3}|(?<=[^0-9])[0-9]{1,2})[\s«»\"'“”)]*"
)
_SEAT = re.compile(
    r"(?P<row>[1-9][0-9]?)[\s\-]*(?P<column>[А-Я])|(?P<column2>[А-Я])[\s\-]*(?P<row2>[1-9][0-9]?)"
)
_CLASS_WORD = re.compile(r"\s*(?:класс|кл\.?)\s*$", re.IGNORECASE)


def _cyrillic(text: str) -> str:
    """``text`` without accidents of typing: NFKC, no soft hyphens, no Latin look-alikes, capital letters."""
    plain = unicodedata.normalize("NFKC", text).replace("\u00ad", "").strip()
    return re.sub("[–—−‑]", "-", plain.translate(_LOOKS_LIKE)).upper()


def normal_class(text: str) -> str | None:
    """The class in its one spelling («7А», «11», «7-1»), or None when ``text`` names no class."""
    found = _CLASS.fullmatch(_cyrillic(_CLASS_WORD.sub("", text)))
    if found is None:
        return None
    mark = found["mark"]
    return f"{found['grade']}-{mark}" if mark.isdigit() else f"{found['grade']}{mark}"


def normal_seat(text: str) -> str | None:
    """The seat in its one spelling («3Б»: row number, column letter), or None when ``text`` names no seat."""
    found = _SEAT.fullmatch(_cyrillic(text))
    if found is None:
        return None
    return f"{found['row'] or found['row2']}{found['column'] or found['column2']}"
