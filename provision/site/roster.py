"""Reading the list of participants: who takes part, from .xlsx, .xls or .csv.

Messages name rows and columns and show no cell's text, so that no pupil's name can get into a log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from provision.errors import N_, Problem, ProblemsError
from provision.secret import Secret
from provision.site.headers import HEADER_ROWS, Column, find_header
from provision.site.names import normal_class, normal_seat
from provision.site.people import Participant, Roster
from provision.site.table import Row, Sheet, read_sheets

_YES = {"да", "д", "+", "1", "x", "х", "v", "✓", "✔", "true", "есть", "yes"}
_NO = {"", "нет", "-", "–", "—", "0", "false", "no"}
_AWAY = {"н", "нб", "н/б", "отсутствует", "болен", "больна", "болеет", "б", "не явился", "не явилась"}
_HERE = {"присутствует", "явился", "явилась", "п"}
_LARGE = re.compile(r"крупн|увелич|слабовид|\b[aа]3\b")
_ROOM_WORD = re.compile(r"(?:кабинет|каб|аудитория|ауд)?\.?\s*№?\s*", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][^\d_:;,/\\@]*")
_TOTALS = re.compile(r"(?:итого|всего)\b.*", re.IGNORECASE)
MAX_NAME = 150


def load_roster(path: Path) -> Roster:
    """The participants in the file at ``path``. Raises ProblemsError with everything that is wrong."""
    roster, problems = examine_roster(path)
    if problems:
        raise ProblemsError(problems)
    return roster


def examine_roster(path: Path) -> tuple[Roster, list[Problem]]:
    """The participants whose rows are right, and everything that is wrong in the file."""
    problems: list[Problem] = []
    try:
        sheets = tuple(sheet for sheet in read_sheets(path) if sheet.rows)
    except ProblemsError as error:
        return Roster((), {}), list(error.problems)
    lists = _lists(path, sheets, problems)
    participants = tuple(p for one in lists for p in one.participants(problems))
    if not participants and not problems:
        line = lists[0].header.number if lists else 0
        what = N_("the list holds no pupil yet")
        cure = N_("Write the pupils below the headings, one in a row, and save the file")
        problems.append(Problem(path, line, what, cure, {}))
    return Roster(participants, _recognised(lists)), problems


def _recognised(lists: list[_List]) -> dict[str, str]:
    """Every field with its heading; with several sheets, each different heading once."""
    headings: dict[str, dict[str, None]] = {}
    for one in lists:
        for field, heading in one.recognised().items():
            headings.setdefault(field, {})[heading] = None
    return {field: ", ".join(found) for field, found in headings.items()}


@dataclass(frozen=True, slots=True)
class _List:
    """One sheet whose heading was understood; ``class_name`` is the sheet's when no column has it."""

    path: Path
    sheet: Sheet
    label: str
    header: Row
    columns: dict[Column, int]
    class_name: str | None

    def recognised(self) -> dict[str, str]:
        """Our word for each column that is used, and its heading (or the sheet's name, for the class)."""
        found = {str(column): self.header.cell(n) for column, n in self.columns.items()}
        return found if self.class_name is None else {"class": self.sheet.name, **found}

    def participants(self, problems: list[Problem]) -> list[Participant]:
        """The pupils below the heading; what is wrong in a row is added to ``problems``."""
        rows = (_Row(self, row, problems) for row in self.sheet.rows if row.number > self.header.number)
        return [pupil for row in rows if (pupil := row.participant())]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a list on its way to a participant."""

    table: _List
    row: Row
    problems: list[Problem]

    def text(self, column: Column) -> str:
        """The cell under a heading; empty when there is no such column."""
        position = self.table.columns.get(column)
        return "" if position is None else self.row.cell(position)

    def wrong(self, what: str, cure: str, column: Column | None = None, **params: object) -> None:
        """Note a mistake in this row; ``{column}`` in a message is the heading."""
        heading = self.table.header.cell(self.table.columns[column]) if column in self.table.columns else ""
        params |= {"where": self.table.label, "column": heading}
        self.problems.append(Problem(self.table.path, self.row.number, what, cure, params))

    def participant(self) -> Participant | None:
        """The pupil of this row; None for a row that names none (a total, a remark, or a mistake)."""
        name = self._name()
        stated = self._stated_class()
        first = next(text for text in self.row.cells if text)
        if _TOTALS.fullmatch(first) or _TOTALS.fullmatch(name) or not (name or stated):
            return None
        before = len(self.problems)
        class_name = self._class(stated)
        self._check_name(name)
        room, seat = self._place()
        large, note = self._needs()
        absent = self._absent()
        if len(self.problems) > before or class_name is None:
            return None
        return Participant(
            class_name=class_name,
            name=Secret(name),
            row=self.row.number,
            room=room,
            seat=seat,
            code=self.text(Column.CODE).replace(" ", "") or None,
            large_print=large,
            absent=absent,
            note=note,
            sheet=self.table.label,
        )

    def _name(self) -> str:
        parts = (Column.SURNAME, Column.GIVEN, Column.PATRONYMIC)
        whole = self.text(Column.NAME)
        return whole or " ".join(text for part in parts if (text := self.text(part)))

    def _check_name(self, name: str) -> None:
        if not name:
            self.wrong(N_("{where}the row has a class but no name"), N_("Add the name, or clear the row"))
        elif len(name) > MAX_NAME or not _NAME.fullmatch(name):
            what = N_("{where}what stands in place of the name is none")
            self.wrong(what, N_("Write surname, name and patronymic in letters"))

    def _stated_class(self) -> str:
        return f"{self.text(Column.CLASS)} {self.text(Column.LETTER)}".strip()

    def _class(self, stated: str) -> str | None:
        if not stated and self.table.class_name is not None:
            return self.table.class_name
        if not stated:
            self.wrong(N_("{where}the pupil has no class"), N_("Write the class in every row, like 7А"))
            return None
        normal = normal_class(stated)
        if normal is None:
            what = N_("{where}what stands in the column '{column}' is no class")
            self.wrong(what, N_("Write a number and a Cyrillic letter, like 7А"), Column.CLASS)
        return normal

    def _place(self) -> tuple[str | None, str | None]:
        room = _ROOM_WORD.sub("", self.text(Column.ROOM), count=1) or None
        stated = self.text(Column.SEAT)
        seat = normal_seat(stated) if stated else None
        if stated and seat is None:
            what = N_("{where}what stands in the column '{column}' is no seat")
            self.wrong(what, N_("Write the row's number and the column's letter, like 3Б"), Column.SEAT)
        elif seat and room is None:
            what = N_("{where}the pupil has a seat but no room")
            self.wrong(what, N_("Write the room too, or clear the seat"))
        return room, seat

    def _needs(self) -> tuple[bool, str]:
        """Whether the kit is enlarged, and what else is remarked."""
        large = self._yes_no(Column.LARGE_PRINT, frozenset(), frozenset())
        needs, note = self.text(Column.NEEDS), self.text(Column.NOTE)
        if needs.casefold() in _YES:
            what = N_("{where}the column '{column}' says yes, but not what is needed")
            cure = N_("Write 'крупный шрифт' for an enlarged kit, or another word as a remark")
            self.wrong(what, cure, Column.NEEDS)
        if needs.casefold() in _NO:
            needs = ""
        large = large or bool(_LARGE.search(needs.casefold()))
        return large, "; ".join(text for text in (needs, note) if text)

    def _absent(self) -> bool:
        present = self._yes_no(Column.PRESENT, frozenset(_HERE), frozenset(_AWAY), empty=True)
        return self._yes_no(Column.ABSENT, frozenset(_AWAY), frozenset(_HERE)) or not present

    def _yes_no(
        self, column: Column, yes: frozenset[str], no: frozenset[str], *, empty: bool = False
    ) -> bool:
        """The answer in a column; ``empty`` is the answer of a blank cell, or when there is no column."""
        text = self.text(column).casefold().rstrip(".")
        if column is Column.LARGE_PRINT and _LARGE.search(text):
            return True
        if not text:
            return empty
        if text in _YES | yes:
            return True
        if text not in _NO | no:
            what = N_("{where}the column '{column}' says neither yes nor no")
            self.wrong(what, N_("Write 'да', or leave the cell empty"), column)
        return False


def _lists(path: Path, sheets: tuple[Sheet, ...], problems: list[Problem]) -> list[_List]:
    """The sheets that hold pupils. A sheet without a heading is passed over when its name is no class."""
    lists: list[_List] = []
    for position, sheet in enumerate(sheets, 1):
        class_name = normal_class(sheet.name)
        label = f"[{class_name or position}] " if len(sheets) > 1 else ""
        found = find_header(sheet.rows)
        if found is not None:
            one = _list(path, sheet, label, found, problems)
            lists += [one] if one else []
        elif class_name is not None or len(sheets) == 1:
            _no_header(path, label, problems)
    if not lists and not problems:
        _no_header(path, "", problems)
    return lists


def _no_header(path: Path, where: str, problems: list[Problem]) -> None:
    what = N_("{where}no headings were found in the first {rows} rows")
    cure = N_("Write the headings 'Класс' and 'ФИО' above the list, each in its column")
    problems.append(Problem(path, 0, what, cure, {"where": where, "rows": HEADER_ROWS}))


def _list(
    path: Path, sheet: Sheet, label: str, found: tuple[Row, dict[int, Column]], problems: list[Problem]
) -> _List | None:
    header, by_position = found
    columns: dict[Column, int] = {}
    for position, column in by_position.items():
        if column in columns:
            what = N_("{where}the columns '{first}' and '{second}' have the same meaning")
            params: dict[str, object] = {
                "where": label,
                "first": header.cell(columns[column]),
                "second": header.cell(position),
            }
            problems.append(Problem(path, header.number, what, N_("Rename or remove one of the two"), params))
        columns.setdefault(column, position)
    class_name = None if Column.CLASS in columns else normal_class(sheet.name)
    if Column.CLASS not in columns and class_name is None:
        what = N_("{where}the list has no column with the class")
        cure = N_("Add a column 'Класс', or give every class a sheet named like 7А")
        problems.append(Problem(path, header.number, what, cure, {"where": label}))
        return None
    return _List(path, sheet, label, header, columns, class_name)
