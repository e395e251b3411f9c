"""The table of an .xlsx template, filled. openpyxl only reads what stands where."""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from printing.documents.columns import Column, heads, is_numbering, missing, refuse_without_table
from printing.documents.container import replace_parts
from printing.documents.sheet_xml import (
    BOOK,
    NS,
    cell_at,
    empty,
    parsed,
    part_of,
    serialised,
    write_number,
    write_text,
)
from printing.errors import N_, TemplateRefused

_REFERENCE = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)")
_MOST_HEADS = 40
"""Rows that are looked through for the heads, from the top."""
_MOVES = (
    "f",
    "drawing",
    "legacyDrawing",
    "tableParts",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
)
"""What refers to cells and would have to be moved with them: adding rows above such is refused."""


def fill(template: bytes, rows: Sequence[Mapping[Column, str]]) -> bytes:
    """Write ``rows`` into the template's table; only its sheet changes, and a print area."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(template))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise TemplateRefused(N_("The template is not a readable .xlsx file.")) from error
    sheet, head, columns = _find(book)
    free = _free_rows(sheet, head, columns)
    with zipfile.ZipFile(io.BytesIO(template)) as package:
        workbook = parsed(package.read(BOOK))
        name = part_of(package, workbook, sheet.title)
        root = parsed(package.read(name))
    parts: dict[str, bytes] = {}
    if (more := len(rows) - len(free)) > 0:
        _add_rows(root, free[-1], more)
        free = range(free[0], free[-1] + 1 + more)
        if _widen_print_area(workbook, book.sheetnames.index(sheet.title), free[-1] - more, more):
            parts[BOOK] = serialised(workbook)
    for number, texts in zip(free, rows, strict=False):
        for column, position in columns.items():
            cell = cell_at(root, number, get_column_letter(position))
            (write_number if column is Column.NUMBER else write_text)(cell, texts[column])
    parts[name] = serialised(root)
    return replace_parts(template, parts)


def _find(book: Any) -> tuple[Any, int, dict[Column, int]]:
    """The one sheet that is a protocol, the row of its heads, and its columns, both from 1."""
    found: list[tuple[Any, int, dict[Column, int]]] = []
    best: dict[Column, int] = {}
    for sheet in book.worksheets:
        for number, cells in enumerate(sheet.iter_rows(max_row=_MOST_HEADS, values_only=True), start=1):
            columns = {column: at + 1 for column, at in heads(cells).items()}
            if not missing(columns):
                found.append((sheet, number, columns))
                break
            best = max(best, columns, key=len)
    if not found:
        raise refuse_without_table(best)
    if len(found) > 1:
        raise TemplateRefused(
            N_("The template has {count} tables that could be the protocol."), count=len(found)
        )
    return found[0]


def _free_rows(sheet: Any, head: int, columns: Mapping[Column, int]) -> range:
    """Row numbers below the heads that wait to be filled: empty, and drawn as part of the table."""
    merged = {cell for area in sheet.merged_cells.ranges for cell in area.cells}
    first = head + 1
    while any((first, position) in merged for position in columns.values()) and first <= head + 3:
        first += 1
    texts = [str(cell.value) for cell in sheet[first] if cell.value is not None]
    first += is_numbering(texts)
    end = first
    while end <= sheet.max_row and _is_free(sheet, end, columns, merged):
        end += 1
    if end == first:
        raise TemplateRefused(N_("The template's table has no empty row below its heads."))
    return range(first, end)


def _is_free(sheet: Any, row: int, columns: Mapping[Column, int], merged: set[tuple[int, int]]) -> bool:
    """Whether all but a printed number is empty here and the cells have the table's border."""
    cells = {column: sheet.cell(row, position) for column, position in columns.items()}
    empty = all(cell.value is None for column, cell in cells.items() if column is not Column.NUMBER)
    border = cells[Column.CODE].border
    drawn = any(side is not None and side.style for side in (border.left, border.bottom, border.top))
    numbered = Column.NUMBER in cells and cells[Column.NUMBER].value is not None
    return empty and (drawn or numbered) and not any((row, at) in merged for at in columns.values())


def _add_rows(root: Any, last: int, more: int) -> None:
    """Put ``more`` copies of row ``last`` below it and move what is beneath down."""
    moved = [row for row in root.iterfind("m:sheetData/m:row", NS) if int(row.get("r")) > last]
    merges = [merge for merge in root.iterfind("m:mergeCells/m:mergeCell", NS) if _last_row(merge) > last]
    if any(row.find("m:c", NS) is not None for row in moved) or merges:
        for tag in _MOVES:
            if root.find(f".//m:{tag}", NS) is not None:
                raise TemplateRefused(
                    N_("The template lacks {rows} rows, and its sheet is too intricate to add them."),
                    rows=more,
                )
    for row in reversed(moved):
        _renumber(row, more)
    for merge in merges:
        merge.set("ref", _shifted(merge.get("ref"), more))
    pattern = root.find(f"m:sheetData/m:row[@r='{last}']", NS)
    for step in range(more, 0, -1):
        row = copy.deepcopy(pattern)
        for cell in row.iterfind("m:c", NS):
            empty(cell)
        _renumber(row, step)
        pattern.addnext(row)
    dimension = root.find("m:dimension", NS)
    if dimension is not None:
        dimension.getparent().remove(dimension)  # optional, and a wrong one is worse than none


def _last_row(merge: Any) -> int:
    return max(int(found[1]) for found in _REFERENCE.findall(merge.get("ref")))


def _shifted(reference: str, down: int) -> str:
    return _REFERENCE.sub(lambda found: f"{found[1]}{int(found[2]) + down}", reference)


def _renumber(row: Any, down: int) -> None:
    row.set("r", str(int(row.get("r")) + down))
    for cell in row.iterfind("m:c", NS):
        if cell.get("r"):
            cell.set("r", _shifted(cell.get("r"), down))


def _widen_print_area(workbook: Any, index: int, last: int, more: int) -> bool:
    """Let the sheet's print area take the new rows in; whether there was one."""
    changed = False
    for name in workbook.iterfind("m:definedNames/m:definedName", NS):
        if name.get("name") == "_xlnm.Print_Area" and name.get("localSheetId") == str(index):
            sheet, _, area = name.text.rpartition("!")
            name.text = f"{sheet}!" + re.sub(
                r"(:\$?[A-Z]{1,3}\$?)(\d+)",
                lambda found: found[1] + str(int(found[2]) + (more if int(found[2]) >= last else 0)),
                area,
            )
            changed = True
    return changed
