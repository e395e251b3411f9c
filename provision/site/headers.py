"""Which column is which: the headings that Russian schools write over their lists."""

from __future__ import annotations

import re
from enum import StrEnum

from provision.site.table import Row


class Column(StrEnum):
    """What a column of the list of participants holds."""

    CLASS = "class"
    LETTER = "letter"
    NAME = "name"
    SURNAME = "surname"
    GIVEN = "given"
    PATRONYMIC = "patronymic"
    ROOM = "room"
    SEAT = "seat"
    CODE = "code"
    LARGE_PRINT = "large_print"
    NEEDS = "needs"
    ABSENT = "absent"
    PRESENT = "present"
    NOTE = "note"


_PUPIL = r"(?:участник|ученик|уч ?ся|учащийся|обучающийся|школьник|учащегося|обучающегося|участника|ученика)"
_FULL = r"(?:фио|ф и о|фамилия имя(?: и)?(?: отчество)?|фамилия и имя)"
_HEADINGS: tuple[tuple[Column, str], ...] = (
    (Column.CLASS, r"класс|кл|класс обучения|параллель|класс литера|класс с литерой|номер класса"),
    (Column.LETTER, r"литер|литера|буква|литера класса|буква класса"),
    (
        Column.NAME,
        rf"{_FULL}(?: {_PUPIL})?(?: полностью)?|{_PUPIL}(?: {_FULL})?",
    ),
    (Column.SURNAME, rf"фамилия(?: {_PUPIL})?"),
    (Column.GIVEN, rf"имя(?: {_PUPIL})?"),
    (Column.PATRONYMIC, r"отчество(?: при наличии)?"),
    (Column.ROOM, r"(?:номер |n )?(?:аудитория|аудитории|кабинет|кабинета|ауд|каб)"),
    (Column.SEAT, r"(?:номер |n )?(?:место|места|рабочее место|посадочное место|место в аудитории|парта)"),
    (Column.CODE, rf"код|код {_PUPIL}|код впр|индивидуальный код"),
    (Column.LARGE_PRINT, r"крупный шрифт|крупная печать|увеличенный шрифт|(?:формат |печать )?[aа]3"),
    (
        Column.NEEDS,
        r"овз|особые (?:условия|потребности)|специальные условия|спецусловия|особенности|овз инвалидность",
    ),
    (Column.ABSENT, r"отсутствует|отсутствие|отсутствующие|неявка|не явился|н|нб|отметка об отсутствии"),
    (Column.PRESENT, r"присутствует|присутствие|явка|явился"),
    (Column.NOTE, r"примечание|примечания|комментарий|заметка"),
)
_PATTERNS = tuple((column, re.compile(pattern)) for column, pattern in _HEADINGS)

HEADER_ROWS = 20
"""A heading is looked for in this many first rows."""


def column_of(heading: str) -> Column | None:
    """What a column under ``heading`` holds; None when the heading is not known."""
    plain = re.sub(r"\(.*?\)", " ", heading.casefold()) if not heading.startswith("(") else heading.casefold()
    plain = re.sub(r"[^\w]+", " ", plain.replace("ё", "е").replace("№", "n ")).strip()
    return next((column for column, pattern in _PATTERNS if pattern.fullmatch(plain)), None)


def find_header(rows: tuple[Row, ...]) -> tuple[Row, dict[int, Column]] | None:
    """The first row that names the pupils' column, with what each of its columns holds."""
    for row in rows:
        if row.number > HEADER_ROWS:
            break
        columns = {n: c for n, text in enumerate(row.cells) if (c := column_of(text))}
        if {Column.NAME, Column.SURNAME} & set(columns.values()):
            return row, columns
    return None
