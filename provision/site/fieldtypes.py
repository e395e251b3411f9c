"""The inventory's single values: how each is written, read and checked.

A validator raises :class:`PydanticCustomError` with one of the types below; its words for people are in
:mod:`provision.site.wording`, and nowhere here.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import warnings
from pathlib import PurePosixPath
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from provision.site.names import normal_class, normal_seat

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?")
_LOOSE_TIME = re.compile(r"([01]?[0-9]|2[0-3])(?:\s*[.,\-]\s*|\s*ч\.?\s*)([0-5][0-9])\s*(?:м|мин)?\.?")
_DATE = re.compile(r"(20[0-9]{2})-([0-9]{2})-([0-9]{2})")
_RUSSIAN_DATE = re.compile(
    r"([0-9]{1,2})[.\-/ ]([0-9]{1,2}|[а-яё]{3,8})[.\-/ ](20[0-9]{2})(?:\s*г(?:\.|ода)?)?"
)
_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_NOT_IN_CODES = re.compile(r"[*+]|\{\d*,\}|\)\{|\(\?")


def _date(value: object) -> object:
    """A date as 2027-04-15; what Russians write is refused with the right form as the hint."""
    if not isinstance(value, str):
        return value
    found = _DATE.fullmatch(value)
    if found is None:
        hint = _russian_date(value)
        raise PydanticCustomError("date_form", "date", {"hint": hint})
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as error:
        raise PydanticCustomError("date_none", "no such day") from error


def _russian_date(value: str) -> str:
    found = _RUSSIAN_DATE.fullmatch(value.lower())
    if found is None:
        return ""
    month = found[2]
    if month.isdigit():
        number = int(month)
    else:
        number = next((n for n, start in enumerate(_MONTHS, 1) if month.startswith(start)), 0)
    try:
        return dt.date(int(found[3]), number, int(found[1])).isoformat()
    except ValueError:
        return ""


def _time(value: object) -> object:
    """A time as 09:00 (9:00 will do); other forms are refused with the right form as the hint."""
    if not isinstance(value, str):
        return value
    found = _TIME.fullmatch(value)
    if found is None:
        loose = _LOOSE_TIME.fullmatch(value.lower())
        hint = f"{int(loose[1]):02}:{loose[2]}" if loose else ""
        raise PydanticCustomError("time_form", "time", {"hint": hint})
    return dt.time(int(found[1]), int(found[2]))


def _class(value: object) -> object:
    if not isinstance(value, str):
        return value
    normal = normal_class(value)
    if normal is None:
        raise PydanticCustomError("class_form", "class")
    return normal


def _seat(value: object) -> object:
    if not isinstance(value, str):
        return value
    normal = normal_seat(value)
    if normal is None:
        raise PydanticCustomError("seat_form", "seat")
    return normal


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError("time_zone", "zone") from error
    return value


def _code_pattern(value: object) -> object:
    """A regular expression that cannot run away: no ``*``, ``+``, ``{n,}``, repeated group, look-around or
    back-reference, and few ways to divide a text. Codes have a bounded length, so nothing is lost."""
    if not isinstance(value, str):
        return value
    if len(value) > 60 or _runs_away(value):
        raise PydanticCustomError("code_pattern_wild", "pattern")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            empty = re.compile(value).fullmatch("") is not None
    except (re.error, OverflowError) as error:
        raise PydanticCustomError("code_pattern_broken", "pattern") from error
    if empty:
        raise PydanticCustomError("code_pattern_empty", "pattern")
    return value


def _runs_away(pattern: str) -> bool:
    """Whether matching could take long: each ``{n,m}`` and ``?`` multiplies the ways to try."""
    bare = re.sub(r"\[\^?\]?(?:\\.|[^\]\\])*\]", "c", pattern)
    flat = re.sub(r"\\.", "c", bare)
    widths = [int(high) - int(low or 0) + 1 for low, high in re.findall(r"\{([0-9]*),([0-9]+)\}", flat)]
    ways = math.prod(widths) * 2 ** (flat.count("?") + flat.count("|"))
    return bool(re.search(r"\\[1-9]", bare) or _NOT_IN_CODES.search(flat)) or ways > 10_000


def _inside(value: object) -> object:
    """A path inside the site's folder, with forward slashes."""
    if not isinstance(value, str):
        return value
    parts = PurePosixPath(value).parts
    if not parts or value.startswith(("/", "~")) or ".." in parts or "\\" in value or ":" in value:
        raise PydanticCustomError("path_form", "path")
    return PurePosixPath(value)


Date = Annotated[
    dt.date,
    BeforeValidator(_date),
    WithJsonSchema({"type": "string", "pattern": r"^20\d\d-\d\d-\d\d$"}),
    Field(examples=["2027-04-15"]),
]
Time = Annotated[
    dt.time,
    BeforeValidator(_time),
    WithJsonSchema({"type": "string", "pattern": r"^([01]?\d|2[0-3]):[0-5]\d(:00)?$"}),
    Field(examples=["09:00"]),
]
ClassName = Annotated[
    str, BeforeValidator(_class), Field(examples=["7А"]), WithJsonSchema({"type": ["string", "integer"]})
]
Seat = Annotated[str, BeforeValidator(_seat), Field(examples=["1А"])]
TimeZone = Annotated[str, BeforeValidator(_zone), Field(examples=["Europe/Moscow"])]
CodePattern = Annotated[str, BeforeValidator(_code_pattern), Field(examples=[r"\d{5}"])]
RoomNumber = Annotated[
    str,
    Field(min_length=1, max_length=12, examples=["201"]),
    WithJsonSchema({"type": ["string", "integer"], "minLength": 1, "maxLength": 12}),
]
InsidePath = Annotated[
    PurePosixPath,
    BeforeValidator(_inside),
    WithJsonSchema({"type": "string"}),
    Field(examples=["participants.xlsx"]),
]
