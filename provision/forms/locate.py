"""Where in a form a mapping points: headings found as a person reads them, named cells, tables. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from printing.documents.columns import is_numbering
from provision.errors import N_, Phrase
from provision.forms.book import Area, Book, Place, Sheet, cell_at, shown
from provision.forms.mapping import FormMapping, Side, TableTarget, Target

_INSTRUCTION: Final = re.compile(r"инструкц|порядок заполнения|правила заполнения|памятка")
_TITLE: Final = 3
"""Texts at the beginning of a sheet that may say that it is an instruction."""
_ROWS: Final = 2000
"""Rows of a table, at most."""


def plain(text: str) -> str:
    """A heading without what people do not read: case, line ends, a colon or star behind it, ё."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return " ".join(text.split()).rstrip(" *:")


def starred(text: str) -> bool:
    """Whether a form marks what it heads as required."""
    return text.rstrip(" :").endswith("*")


def instruction_of(book: Book, mapping: FormMapping) -> Sheet | None:
    """The sheet with the instruction: as the mapping says, else the first one if it calls itself so."""
    if mapping.instruction:
        return book.sheet(mapping.instruction)
    first = book.sheets[0] if book.sheets else None
    if first is None:
        return None
    said = [first.name, *(text for _row, _column, text in islice(first.texts(), _TITLE))]
    return first if any(_INSTRUCTION.search(text.casefold()) for text in said) else None


def headings(book: Book, mapping: FormMapping, sheet: str = "") -> Iterator[tuple[Sheet, int, int, str]]:
    """The texts that may be headings: of the one sheet, or of all visible ones but the instruction."""
    skipped = instruction_of(book, mapping)
    for one in book.sheets:
        if one.name == sheet or (not sheet and one.visible and one is not skipped):
            for row, column, text in one.texts():
                yield one, row, column, text


def place_of(book: Book, mapping: FormMapping, target: Target) -> Place | Phrase:
    """The cell of a field, or why it is not clear."""
    if target.sheet and book.sheet(target.sheet) is None:
        return _no_sheet(book, target.sheet)
    if target.name:
        found = book.names.get(target.name)
        return found or Phrase(N_("the form has no cell of the name {name}"), {"name": target.name})
    if target.cell:
        return _cell(book, mapping, target)
    wanted = plain(target.header)
    hits = [hit for hit in headings(book, mapping, target.sheet) if plain(hit[3]) == wanted]
    if len(hits) != 1:
        return _not_one(target.header, [Place(s.name, r, c) for s, r, c, _t in hits])
    sheet, row, column, _text = hits[0]
    return beside(sheet, row, column, target.side)


def beside(sheet: Sheet, row: int, column: int, side: Side) -> Place:
    """The cell at one side of a heading, over the merged areas of both."""
    area = sheet.area_of(row, column)
    at = (area.top, area.right + 1) if side is Side.RIGHT else (area.bottom + 1, area.left)
    anchor = sheet.area_of(*at)
    return Place(sheet.name, anchor.top, anchor.left)


def _cell(book: Book, mapping: FormMapping, target: Target) -> Place | Phrase:
    name, _mark, reference = target.cell.rpartition("!")
    name = name.strip("'") or target.sheet
    sheet = book.sheet(name) if name else None
    at = cell_at(reference)
    if sheet is None or at is None:
        skipped = instruction_of(book, mapping)
        example = next((one.name for one in book.sheets if one.visible and one is not skipped), "Sheet")
        return Phrase(N_("write the cell with its sheet: {example}!B7"), {"example": example})
    anchor = sheet.area_of(*at)
    return Place(sheet.name, anchor.top, anchor.left)


def _no_sheet(book: Book, name: str) -> Phrase:
    known = ", ".join(sheet.name for sheet in book.sheets)
    return Phrase(N_("the form has no sheet {sheet}; it has: {names}"), {"sheet": name, "names": known})


def _not_one(header: str, places: list[Place]) -> Phrase:
    if not places:
        return Phrase(N_("the form has no heading “{header}”"), {"header": header})
    found = ", ".join(map(str, places[:4]))
    what = N_("the heading “{header}” is there {count} times ({places}); say 'sheet' or 'cell'")
    return Phrase(what, {"header": header, "count": len(places), "places": found})


@dataclass(frozen=True, slots=True)
class Table:
    """A table found: the column of each heading, and the rows that can be filled."""

    sheet: Sheet
    columns: Mapping[str, int]
    band: Area
    rows: tuple[int, ...]


def table_of(book: Book, mapping: FormMapping, target: TableTarget) -> Table | list[tuple[int, Phrase]]:
    """The table that has all the headings, or what is wrong, with the mapping's line for each."""
    if target.sheet and book.sheet(target.sheet) is None:
        return [(target.line, _no_sheet(book, target.sheet))]
    by_sheet: dict[str, dict[str, list[Area]]] = {}
    sheets: dict[str, Sheet] = {}
    wanted = {plain(heading): heading for heading in target.columns}
    for sheet, row, column, text in headings(book, mapping, target.sheet):
        if (heading := wanted.get(plain(text))) is not None:
            sheets[sheet.name] = sheet
            places = by_sheet.setdefault(sheet.name, {}).setdefault(heading, [])
            places.append(sheet.area_of(row, column))
    whole = [name for name, hits in by_sheet.items() if len(hits) == len(wanted)]
    if len(whole) != 1:
        return _no_table(target, by_sheet, whole)
    sheet, hits = sheets[whole[0]], by_sheet[whole[0]]
    sure = [areas[0] for areas in hits.values() if len(areas) == 1]
    if not sure:
        return [(target.line, Phrase(N_("no heading of the table is there just once"), {}))]
    top, bottom = min(area.top for area in sure), max(area.bottom for area in sure)
    columns: dict[str, int] = {}
    wrong: list[tuple[int, Phrase]] = []
    for heading in target.columns:
        inside = [area for area in hits[heading] if top <= area.top and area.bottom <= bottom]
        if len(inside) == 1:
            columns[heading] = inside[0].left
        else:
            there = [Place(sheet.name, area.top, area.left) for area in inside or hits[heading]]
            wrong.append((target.lines[heading], _not_one(heading, there)))
    if wrong:
        return wrong
    band = Area(top, min(columns.values()), bottom, max(columns.values()))
    return Table(sheet, columns, band, tuple(_rows(sheet, band, columns)))


def _no_table(
    target: TableTarget, by_sheet: Mapping[str, Mapping[str, list[Area]]], whole: list[str]
) -> list[tuple[int, Phrase]]:
    if len(whole) > 1:
        what = N_("several sheets have this table ({names}); say 'sheet'")
        return [(target.line, Phrase(what, {"names": ", ".join(whole)}))]
    best = max(by_sheet.values(), key=len, default={})
    lost = [heading for heading in target.columns if heading not in best]
    return [(target.lines[heading], _not_one(heading, [])) for heading in lost]


def _rows(sheet: Sheet, band: Area, columns: Mapping[str, int]) -> Iterator[int]:
    """The rows below the headings that are drawn as the first one is, up to what is no part of the table."""
    row = band.bottom + 1
    texts = [text for _row, _col, text in _line(sheet, row)]
    row += is_numbering(texts)
    first = {column: sheet.cells.get((row, column)) for column in columns.values()}
    styles = {column: cell.style for column, cell in first.items() if cell is not None}
    while row <= band.bottom + _ROWS and styles:
        cells = [sheet.cells.get((row, column)) for column in styles]
        if any(cell is None or (sheet.protected and cell.locked and cell.value is None) for cell in cells):
            return
        if [cell.style for cell in cells if cell] != list(styles.values()):
            return
        yield row
        row += 1


def _line(sheet: Sheet, row: int) -> list[tuple[int, int, str]]:
    found = [(at, cell) for at, cell in sheet.cells.items() if at[0] == row and cell.value is not None]
    return sorted((r, c, shown(cell.value)) for (r, c), cell in found)


def tidy(text: str) -> str:
    """A text as it may stand in a cell: no control characters, no white space around it."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text).strip()
