"""Tables that people keep in .xlsx, .xls or .csv, read as texts with their row numbers.

What a file is, its content says, not its name. Everything is bounded before it is read: calamine lays a
sheet out in full, so that one stray cell in the last corner of a small .xlsx asks for 512 GiB and ends the
process (measured); such a sheet is refused by looking at its cells' addresses first.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from provision.errors import N_, Problem, ProblemsError

MAX_BYTES = 16 * 1024 * 1024
MAX_UNPACKED = 96 * 1024 * 1024
MAX_EXTENT = 4_000_000
"""Cells between the first and the last used one; calamine needs 32 bytes for each."""
MAX_ROWS = 10_000
MAX_COLUMNS = 100
MAX_CELL = 500
_OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
_ADDRESS = re.compile(rb"""<(?:\w+:)?(?:c|row)\s(?:[^>]*?\s)?r\s*=\s*["']([^"']*)["']""")
_GOOD_ADDRESS = re.compile(rb"([A-Z]{0,3})([0-9]{1,7})")
_DELIMITERS = ";\t,"


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty: its number in the file, from 1, and its cells as clean texts."""

    number: int
    cells: tuple[str, ...] = field(repr=False)

    def cell(self, column: int) -> str:
        """The text in ``column`` (from 0); empty beyond the row's end."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible sheet of a workbook; a .csv is one sheet without a name."""

    name: str
    rows: tuple[Row, ...] = field(repr=False)


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """All visible sheets of the file at ``path``. Raises ProblemsError when it cannot be read."""
    data = _bytes(path)
    if data.startswith((b"PK\x03\x04", _OLE2)):
        return _workbook(path, data)
    return (_csv(path, data),)


def _refuse(path: Path, line: int, what: str, cure: str, **params: object) -> NoReturn:
    raise ProblemsError([Problem(path, line, what, cure, params)])


_SAVE_AGAIN = N_("Open the file in a spreadsheet program and save it as .xlsx")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        cure = N_("Put the file there, or correct its name in inventory.yaml")
        _refuse(path, 0, N_("there is no such file"), cure)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        what, cure = N_("the file cannot be read ({reason})"), N_("Check the file and the rights to it")
        _refuse(path, 0, what, cure, reason=getattr(error, "strerror", None) or type(error).__name__)
    if len(data) > MAX_BYTES:
        what = N_("the file is larger than {limit} MB")
        cure = N_("Keep only the list in it: no pictures, no other sheets")
        _refuse(path, 0, what, cure, limit=MAX_BYTES // 1024 // 1024)
    return data


def _workbook(path: Path, data: bytes) -> tuple[Sheet, ...]:
    """Visible sheets of an .xlsx or .xls."""
    if not data.startswith(_OLE2):
        _bound_xlsx(path, data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
        ]
        grids = [(name, _grid(path, book, name)) for name in names]
    except PasswordError:
        what = N_("the workbook is protected with a password")
        _refuse(path, 0, what, N_("Save it without a password in the site's folder"))
    except ProblemsError:
        raise
    except BaseException as error:
        # calamine is Rust: a damaged file may end in a PanicException, which is no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        _refuse(path, 0, N_("the workbook is damaged or of an unknown kind"), _SAVE_AGAIN)
    return tuple(Sheet(name, _rows(path, enumerate(grid, 1))) for name, grid in grids)


def _grid(path: Path, book: CalamineWorkbook, name: str) -> Sequence[Sequence[object]]:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height * sheet.total_width > MAX_EXTENT:
        _too_wide(path)
    return sheet.to_python(skip_empty_area=False)


def _too_wide(path: Path) -> NoReturn:
    what = N_("the used area of a sheet is too large: there is a stray cell far outside the list")
    _refuse(path, 0, what, N_("Copy only the list into a new workbook and save that"))


def _bound_xlsx(path: Path, data: bytes) -> None:
    """Refuse, before calamine reads it, an .xlsx that would unpack or lay out too large."""
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                _refuse(path, 0, N_("the file is neither .xlsx, .xls nor .csv"), _SAVE_AGAIN)
            for member in archive.infolist():
                with archive.open(member) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    what = N_("the workbook unpacks to more than {limit} MB")
                    cure = N_("Copy only the list into a new workbook and save that")
                    _refuse(path, 0, what, cure, limit=MAX_UNPACKED // 1024 // 1024)
                _bound_part(path, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        _refuse(path, 0, N_("the workbook is damaged or of an unknown kind"), _SAVE_AGAIN)


def _bound_part(path: Path, content: bytes) -> None:
    """Look at the addresses of cells and rows in one XML part."""
    height = width = 1
    for address in set(_ADDRESS.findall(content)):
        good = _GOOD_ADDRESS.fullmatch(address)
        if good is None:
            _refuse(path, 0, N_("the workbook is damaged or of an unknown kind"), _SAVE_AGAIN)
        column = 0
        for letter in good[1]:
            column = column * 26 + letter - 64
        height, width = max(height, int(good[2])), max(width, column)
    if height * width > MAX_EXTENT:
        _too_wide(path)


def _csv(path: Path, data: bytes) -> Sheet:
    """The one table of a text file: UTF-8 with or without BOM, UTF-16 with BOM, or cp1251."""
    text = _decode(path, data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    numbered: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            numbered.append((start, cells))
            start = reader.line_num + 1
    except csv.Error:
        cure = N_("Close every quote; or save the list as .xlsx")
        _refuse(path, start, N_("the line cannot be divided into columns"), cure)
    return Sheet("", _rows(path, iter(numbered)))


def _decode(path: Path, data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1251"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    _refuse(path, 0, N_("the file is neither .xlsx, .xls nor .csv"), _SAVE_AGAIN)


def _delimiter(text: str) -> str:
    """The delimiter that divides most of the first lines, outside quotes, into the same number of columns."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:30] if line.strip()]

    def score(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines if delimiter in line]
        common = max(set(counts), key=lambda n: (counts.count(n), n), default=0)
        return counts.count(common), common

    return max(_DELIMITERS, key=score)


def _rows(path: Path, numbered: Iterable[tuple[int, Sequence[object]]]) -> tuple[Row, ...]:
    """Clean texts of the rows that are not empty; every cell that is refused is named by row and column."""
    problems: list[Problem] = []
    rows: list[Row] = []
    for number, cells in numbered:
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            continue
        if len(texts) > MAX_COLUMNS or len(rows) >= MAX_ROWS:
            what = N_("the list has more than {rows} rows or {columns} columns")
            cure = N_("Copy only the list into a new workbook and save that")
            _refuse(path, number, what, cure, rows=MAX_ROWS, columns=MAX_COLUMNS)
        for column, text in enumerate(texts, 1):
            if what := _unfit(text):
                params: dict[str, object] = {"column": column, "limit": MAX_CELL}
                problems.append(Problem(path, number, what, N_("Type the cell anew"), params))
        rows.append(Row(number, tuple(texts)))
    if problems:
        raise ProblemsError(problems)
    return tuple(rows)


def _unfit(text: str) -> str:
    if len(text) > MAX_CELL:
        return N_("the cell in column {column} is longer than {limit} characters")
    if any(unicodedata.category(c) in {"Cc", "Cs", "Co"} for c in text):
        return N_("the cell in column {column} holds invisible control characters")
    return ""


def _text(cell: object) -> str:
    """A cell as a person reads it: one line, whole numbers without a decimal point."""
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    text = re.sub(r"[\u200b-\u200f\u2060\ufeff\u00ad]", "", str(cell))
    return re.sub(r"[ \t\r\n\u00a0\u2000-\u200a\u202f\u3000]+", " ", text).strip(" ")
