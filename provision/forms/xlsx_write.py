"""Cells of an .xlsx form written in place: the sheets' XML alone changes, and of it only those cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from lxml import etree

from printing.documents.container import replace_parts
from printing.documents.sheet_xml import (
    BOOK,
    MAIN,
    NS,
    cell_at,
    part_of,
    serialised,
    write_number,
    write_text,
)
from provision.errors import N_
from provision.forms.book import Edits, Place, Results, Value, error_code, letters, shown
from provision.forms.errors import FormRefused
from provision.forms.xlsx import package, part

V = TypeVar("V")


def write(content: bytes, edits: Edits, results: Results | None = None) -> bytes:
    """The form with ``edits`` in its cells, and ``results`` as the last values of its formulas.

    Raises FormRefused for a cell that cannot be written in place.
    """
    parts: dict[str, bytes] = {}
    with package(content) as found:
        book = part(found, BOOK)
        for sheet in dict.fromkeys(place.sheet for place in [*edits, *(results or {})]):
            name = part_of(found, book, sheet)
            root = part(found, name)
            _each(root, sheet, edits, _put)
            _each(root, sheet, results or {}, _put_result)
            parts[name] = serialised(root)
    return replace_parts(content, parts)


def _each(root: Any, sheet: str, edits: Mapping[Place, V], put: Callable[[Any, Place, V], None]) -> None:
    for place, value in edits.items():
        if place.sheet == sheet:
            cell = cell_at(root, place.row, letters(place.column))
            if "s" not in cell.attrib and (style := _style(root, place)):
                cell.set("s", style)
            put(cell, place, value)


def _put(cell: Any, place: Place, value: str | float) -> None:
    if cell.find("m:f", NS) is not None:
        raise FormRefused(N_("{place} is computed by the form; it is not written"), place=str(place))
    if isinstance(value, str):
        write_text(cell, value)
    else:
        write_number(cell, shown(value))


def _put_result(cell: Any, _place: Place, value: Value) -> None:
    """The last value of a formula, which stays."""
    held = cell.find("m:v", NS)
    if held is None:
        held = etree.SubElement(cell, f"{{{MAIN}}}v")
    if isinstance(value, bool):
        held.text = str(int(value))
        cell.set("t", "b")
    elif isinstance(value, float):
        held.text = shown(value)
        cell.attrib.pop("t", None)
    else:
        held.text = value or ""
        cell.set("t", "str" if error_code(value) is None else "e")


def _style(root: Any, place: Place) -> str:
    """The style that a cell has where the sheet says nothing of it: its row's, else its column's."""
    row = root.find(f"m:sheetData/m:row[@r='{place.row}']", NS)
    if row is not None and row.get("customFormat") in ("1", "true") and row.get("s"):
        return str(row.get("s"))
    for columns in root.iterfind("m:cols/m:col", NS):
        if int(columns.get("min")) <= place.column <= int(columns.get("max")):
            return str(columns.get("style", ""))
    return ""
