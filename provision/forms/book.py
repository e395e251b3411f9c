"""A workbook as a form is seen: its cells, and what it allows to be typed into them. No file format here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

Value = str | float | bool | None
"""What a cell holds; dates are the serial numbers that the form itself has."""

MAX_CELLS: Final = 500_000
"""Cells of one workbook that are read; real forms have some thousands."""
MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A cell: the name of its sheet, its row and column from 1."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        """As people write it: "Лист1!B7"."""
        return f"{self.sheet}!{letters(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of one sheet, both corners within, from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; ``formula`` says that the program computes it, ``style`` is the form's own number of it."""

    value: Value = None
    formula: bool = False
    locked: bool = True
    style: int = 0


class Ask(StrEnum):
    """What a validation rule asks for; the values are those of the file format."""

    ANY = "none"
    WHOLE = "whole"
    DECIMAL = "decimal"
    LIST = "list"
    DATE = "date"
    TIME = "time"
    LENGTH = "textLength"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Rule:
    """A validation rule of the form. ``choices`` is None where a list cannot be read (INDIRECT and the like),
    ``low`` and ``high`` where a limit is computed by the form: then only the office program can check it."""

    areas: tuple[Area, ...]
    ask: Ask
    operator: str = "between"
    choices: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None

    @property
    def readable(self) -> bool:
        """Whether this program can tell if a value is allowed."""
        if self.ask is Ask.LIST:
            return self.choices is not None
        if self.ask in (Ask.ANY, Ask.CUSTOM):
            return self.ask is Ask.ANY
        two = self.operator in ("between", "notBetween")
        return self.low is not None and (self.high is not None or not two)

    def allows(self, number: float) -> bool:
        """Whether a number (a length, of a text) lies within the limits."""
        low, high = self.low or 0.0, self.high or 0.0
        return {
            "between": low <= number <= high,
            "notBetween": not low <= number <= high,
            "equal": number == low,
            "notEqual": number != low,
            "greaterThan": number > low,
            "lessThan": number < low,
            "greaterThanOrEqual": number >= low,
            "lessThanOrEqual": number <= low,
        }[self.operator]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet."""

    name: str
    visible: bool
    protected: bool
    cells: Mapping[tuple[int, int], Cell] = field(repr=False)
    merged: tuple[Area, ...] = ()
    rules: tuple[Rule, ...] = ()

    def cell(self, row: int, column: int) -> Cell:
        """The cell, empty where the file has none."""
        return self.cells.get((row, column), _NOTHING)

    def area_of(self, row: int, column: int) -> Area:
        """The merged area that the cell belongs to, or the cell alone."""
        for area in self.merged:
            if area.holds(row, column):
                return area
        return Area(row, column, row, column)

    def rule_of(self, row: int, column: int) -> Rule | None:
        """The validation rule that is in force at a cell."""
        return next((r for r in self.rules if any(a.holds(row, column) for a in r.areas)), None)

    def texts(self) -> Iterator[tuple[int, int, str]]:
        """The cells that show a text or a number, row by row."""
        for (row, column), cell in sorted(self.cells.items()):
            if cell.value is not None and (text := shown(cell.value)):
                yield row, column, text


_NOTHING = Cell()


@dataclass(frozen=True, slots=True)
class Book:
    """A form. ``names`` are its named cells; ``kind`` is "xlsx" or "xls"."""

    kind: str
    sheets: tuple[Sheet, ...]
    names: Mapping[str, Place] = field(default_factory=dict)
    macros: bool = False
    links: tuple[str, ...] = ()
    """Other workbooks that formulas refer to; never opened."""
    date1904: bool = False

    def sheet(self, name: str) -> Sheet | None:
        """The sheet of that name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)

    @property
    def formulas(self) -> bool:
        """Whether anything in it is computed."""
        return any(cell.formula for sheet in self.sheets for cell in sheet.cells.values())


Edits = Mapping[Place, str | float]
"""What is to be written where."""


Results = Mapping[Place, Value]
"""What formulas give now."""
ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
"""What a formula gives where there is no value, by its number in .xls files."""
_CODES: Final = {text: code for code, text in ERRORS.items()}


def error_code(value: Value) -> int | None:
    """The number of an error; None for a value."""
    return _CODES.get(value) if isinstance(value, str) else None


def letters(column: int) -> str:
    """A, B … Z, AA for a column from 1."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def number_of(text: str) -> int:
    """The column of its letters."""
    total = 0
    for letter in text:
        total = total * 26 + ord(letter) - ord("A") + 1
    return total


def cell_at(reference: str) -> tuple[int, int] | None:
    """Row and column of "B7" or "$B$7"; None for anything else."""
    found = _REFERENCE.fullmatch(reference.strip().upper())
    if found is None:
        return None
    row, column = int(found[2]), number_of(found[1])
    return (row, column) if row <= MAX_ROWS and column <= MAX_COLUMNS else None


def area_at(reference: str) -> Area | None:
    """The rectangle of "B7:C9" or "B7"."""
    first, _colon, last = reference.partition(":")
    start, end = cell_at(first), cell_at(last or first)
    if start is None or end is None:
        return None
    return Area(min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1]))


def shown(value: Value) -> str:
    """A value as a person reads it: 3 and not 3.0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    return value.strip()


def range_values(sheet: Sheet, area: Area, limit: int = 5000) -> tuple[str, ...]:
    """What a list's range offers, in its order; empty cells offer nothing."""
    inside = sorted(at for at, cell in sheet.cells.items() if area.holds(*at) and cell.value is not None)
    return tuple(shown(sheet.cells[at].value) for at in inside[:limit])
