"""The columns of a protocol template: recognised by their heads, and what is written into them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from printing.documents.room import RoomSheet
from printing.errors import N_, TemplateRefused


class Column(StrEnum):
    """What a column holds; the value is the head as it is named to people."""

    NUMBER = "№"
    CODE = "Код"
    VARIANT = "Вариант"
    NAME = "ФИО"
    SEAT = "Место"
    KIT = "ИК"
    ROOM = "Аудитория"
    CLASS = "Класс"


_PERSON = r"(?:участник|учащ|обучающ|ученик|школьник)\w*(?: впр)?"
_HEADS = {
    Column.NUMBER: r"№|n|№ ?п ?п|n ?п ?п|номер(?: по порядку)?|п ?п",
    Column.CODE: rf"(?:индивидуальный )?код(?: {_PERSON})?|код работы",
    Column.VARIANT: r"вариант|номер варианта|№ варианта|вар|вариант (?:ким|ик|работы|задания)",
    Column.NAME: (
        rf"ф ?и ?о?|ф ?и ?о? {_PERSON}|фамилия|фамилия имя(?: отчество)?|фамилия и имя"
        rf"|фамилия имя(?: отчество)? {_PERSON}|фамилия и имя {_PERSON}|{_PERSON}"
    ),
    Column.SEAT: r"место|№ места|номер места|рабочее место|посадочное место|место в аудитории",
    Column.KIT: r"ик|№ ик|номер ик|номер комплекта|комплект|индивидуальный комплект",
    Column.ROOM: r"аудитория|кабинет|№ кабинета|№ аудитории|номер аудитории|номер кабинета",
    Column.CLASS: r"класс|класс литера",
}
_REQUIRED = (Column.CODE, Column.NAME)
"""A protocol ties a code to a name: without both it is another table."""


def recognise(text: object) -> Column | None:
    """The column whose head this is; None for any other text."""
    plain = re.sub(r"\([^)]*\)", " ", str(text or "").lower().replace("ё", "е"))
    plain = " ".join(re.sub(r"[^\w№]+", " ", plain).split())
    return next((column for column, head in _HEADS.items() if re.fullmatch(head, plain)), None)


def heads(cells: Sequence[object]) -> dict[Column, int]:
    """The columns of a row of heads, by position; a head that a protocol has twice is refused."""
    found: dict[Column, int] = {}
    twice: list[Column] = []
    for position, cell in enumerate(cells):
        column = recognise(cell)
        if column in found:
            twice.append(column)
        elif column is not None:
            found[column] = position
    if twice and not missing(found):
        raise TemplateRefused(N_("The template has two columns with the head {head}."), head=twice[0].value)
    return found


def missing(found: Mapping[Column, int]) -> list[Column]:
    """The heads without which a table is no protocol."""
    return [column for column in _REQUIRED if column not in found]


def refuse_without_table(best: Mapping[Column, int]) -> TemplateRefused:
    """The error for a template in which no row has all the required heads; ``best`` came nearest."""
    lost = ", ".join(column.value for column in missing(best) or _REQUIRED)
    return TemplateRefused(N_("The template has no table with the heads: {heads}."), heads=lost)


def is_numbering(texts: Sequence[str]) -> bool:
    """Whether a row below the heads only numbers the columns: 1, 2, 3 …"""
    return len(texts) > 1 and list(texts) == [str(number) for number in range(1, len(texts) + 1)]


def filled_rows(sheet: RoomSheet) -> list[dict[Column, str]]:
    """What is written into each row: the seats in their order, the spares behind them."""
    return [
        {
            Column.NUMBER: str(number),
            Column.CODE: line.code,
            Column.VARIANT: line.variant,
            Column.NAME: line.name if sheet.with_names else "",
            Column.SEAT: line.seat,
            Column.KIT: line.kit,
            Column.ROOM: sheet.room,
            Column.CLASS: sheet.class_name,
        }
        for number, line in enumerate((*sheet.seats, *sheet.spares), start=1)
    ]
