"""The workbooks of the example school: its own list of participants and the downloaded list of codes."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side

from provision.example.containers import without_times
from provision.example.names import PUPILS

SPARE_CODES: Final = 5
"""Codes that each class has beyond its pupils."""

_PINNED: Final = ("7Б", "Лукина Амина Шамильевна")
_LARGE_PRINT: Final = ("7Б", "Ефимов Степан Дмитриевич")
_NOTED: Final = ("7А", "Тарасенко Богдан Юрьевич")


def codes() -> dict[str, list[str]]:
    """The participant codes of each class: five digits, none twice, more than there are pupils."""
    count = sum(len(names) + SPARE_CODES for names in PUPILS.values())
    drawn = iter(random.Random(2027).sample(range(10_000, 100_000), count))  # noqa: S311 - invented codes
    return {
        class_name: [str(next(drawn)) for _ in range(len(names) + SPARE_CODES)]
        for class_name, names in PUPILS.items()
    }


def participants_workbook() -> bytes:
    """Return ``participants.xlsx``: 43 pupils, one with a seat, one with large print, one with a note."""
    rows: list[list[str | int]] = []
    for class_name, names in PUPILS.items():
        for name in names:
            pupil = (class_name, name)
            room, seat = ("202", "1Г") if pupil == _PINNED else ("", "")
            large = "да" if pupil == _LARGE_PRINT else ""
            note = "может выйти для приёма лекарства в 10:00" if pupil == _NOTED else ""
            rows.append([class_name, name, room, seat, large, note])
    head = ["Класс", "Фамилия, имя, отчество", "Аудитория", "Место", "Крупный шрифт", "Примечание"]
    return _workbook("Участники", [], head, rows, (8, 52, 12, 9, 16, 44))


def codes_workbook() -> bytes:
    """Return the list of participant codes as it is downloaded."""
    rows: list[list[str | int]] = [
        [class_name, number, code]
        for class_name, listed in codes().items()
        for number, code in enumerate(listed, 1)
    ]
    title = [
        "Список кодов участников проведения работы",
        "Всероссийские проверочные работы, 7 класс, 2027 год",
    ]
    return _workbook("Коды участников", title, ["Класс", "№", "Код участника"], rows, (12, 8, 20))


def _workbook(
    sheet_name: str,
    title: Sequence[str],
    head: Sequence[str],
    rows: Sequence[Sequence[str | int]],
    widths: Sequence[int],
) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = sheet_name
    for line in title:
        sheet.append([line])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True)
    sheet.append(list(head))
    first = sheet.max_row
    for row in rows:
        sheet.append([value or None for value in row])
    thin = Side(style="thin")
    for cells in sheet.iter_rows(min_row=first, max_col=len(head)):
        for cell in cells:
            cell.border = Border(thin, thin, thin, thin)
            cell.alignment = Alignment(vertical="center")
            cell.font = Font(bold=cell.row == first)
    for column, width in zip("ABCDEFG", widths, strict=False):
        sheet.column_dimensions[column].width = width
    out = io.BytesIO()
    book.save(out)
    return without_times(out.getvalue())
