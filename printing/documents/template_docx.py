"""The table of a .docx template, filled."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.table import Table, _Cell, _Row
from docx.text.run import Run

from printing.documents.columns import Column, heads, is_numbering, missing, refuse_without_table
from printing.documents.container import replace_parts
from printing.errors import N_, TemplateRefused

_UNIQUE = tuple(
    f"{{http://schemas.microsoft.com/office/word/2010/wordml}}{name}" for name in ("paraId", "textId")
)


def fill(template: bytes, rows: Sequence[Mapping[Column, str]]) -> bytes:
    """Write ``rows`` into the template's table; only the document part changes."""
    try:
        document = docx.Document(io.BytesIO(template))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise TemplateRefused(N_("The template is not a readable .docx file.")) from error
    table, head, columns = _find(document.tables)
    free = _free_rows(table, head, columns)
    while len(free) < len(rows):
        free.append(_clone(free[-1], table))
    for row, texts in zip(free, rows, strict=False):
        for column, position in columns.items():
            cell = row.cells[position]
            if column is not Column.NUMBER or not _numbers_itself(cell):
                _write(cell, texts[column])
    return replace_parts(template, {str(document.part.partname).lstrip("/"): document.part.blob})


def _find(tables: Sequence[Table]) -> tuple[Table, int, dict[Column, int]]:
    """The one table that is a protocol, the index of its row of heads, and its columns."""
    found: list[tuple[Table, int, dict[Column, int]]] = []
    best: dict[Column, int] = {}
    for table in tables:
        for index, row in enumerate(table.rows):
            columns = heads([text for _, text in _distinct(row)])
            if not missing(columns):
                positions = [position for position, _ in _distinct(row)]
                found.append((table, index, {name: positions[at] for name, at in columns.items()}))
                break
            best = max(best, columns, key=len)
    if not found:
        raise refuse_without_table(best)
    if len(found) > 1:
        raise TemplateRefused(
            N_("The template has {count} tables that could be the protocol."), count=len(found)
        )
    return found[0]


def _distinct(row: _Row) -> list[tuple[int, str]]:
    """Position and text of a row's cells, a merged cell once."""
    seen: dict[Any, tuple[int, str]] = {}
    for position, cell in enumerate(row.cells):
        seen.setdefault(cell._tc, (position, cell.text.strip()))
    return list(seen.values())


def _free_rows(table: Table, head: int, columns: Mapping[Column, int]) -> list[_Row]:
    """The rows below the heads that wait to be filled, without a gap between them."""
    rows = list(table.rows)
    free: list[_Row] = []
    heads_of = {cell._tc for cell in rows[head].cells}
    for row in rows[head + 1 :]:
        if not free and (_continues(row, heads_of) or is_numbering([text for _, text in _distinct(row)])):
            continue
        if not _is_free(row, columns):
            break
        free.append(row)
    if not free:
        raise TemplateRefused(N_("The template's table has no empty row below its heads."))
    return free


def _continues(row: _Row, heads_of: set[Any]) -> bool:
    """Whether a row is the lower part of heads that are merged over two rows."""
    return any(cell._tc in heads_of for cell in row.cells)


def _is_free(row: _Row, columns: Mapping[Column, int]) -> bool:
    """Whether each column has a cell of its own here, and all but a printed number are empty."""
    cells = row.cells
    if max(columns.values()) >= len(cells):
        return False
    own = {cells[position]._tc for position in columns.values()}
    written = [position for column, position in columns.items() if column is not Column.NUMBER]
    return len(own) == len(columns) and not any(cells[position].text.strip() for position in written)


def _clone(row: _Row, table: Table) -> _Row:
    """A copy of ``row`` below it, without the marks that may be in a document only once."""
    element = copy.deepcopy(row._tr)
    for node in list(element.iter()):
        for name in _UNIQUE:
            node.attrib.pop(name, None)
        if node.tag in (qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
            node.getparent().remove(node)
    row._tr.addnext(element)
    return _Row(element, table)


def _numbers_itself(cell: _Cell) -> bool:
    """Whether the cell is an item of a numbered list: its number appears by itself."""
    properties: Any = cell.paragraphs[0]._p.pPr
    return properties is not None and properties.numPr is not None


def _write(cell: _Cell, text: str) -> None:
    """Put ``text`` into a cell, in the type that the template has there."""
    first, *further = cell.paragraphs
    for paragraph in further:
        paragraph._p.getparent().remove(paragraph._p)
    runs: list[Run] = first.runs
    if not runs:
        runs = [first.add_run()]
        _use_mark_type(first._p, runs[0]._r)
    runs[0].text = text
    for run in runs[1:]:
        run._r.getparent().remove(run._r)


def _use_mark_type(paragraph: Any, run: Any) -> None:
    """Give a new run the type of the paragraph's end mark: what a person typing there would get."""
    properties = paragraph.find(qn("w:pPr"))
    mark = None if properties is None else properties.find(qn("w:rPr"))
    if mark is None:
        return
    own = OxmlElement("w:rPr")
    changes = {qn("w:ins"), qn("w:del"), qn("w:moveFrom"), qn("w:moveTo"), qn("w:rPrChange")}
    own.extend([copy.deepcopy(node) for node in mark if node.tag not in changes])
    run.insert(0, own)
