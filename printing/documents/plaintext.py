"""Headings, paragraphs and lists recognised in plain text, and the text of a .docx as such plain text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from printing.errors import N_, PrintingError

_HARD_WRAP = 60
"""A longer line that ends in no full stop was broken by an editor, not by its author."""
_HEADING = 90
_ITEM = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,2}[.)]|[-–—•*·])\s+(\S.*)", re.DOTALL)
_STOPS = tuple('.!?:;,…»"')


class BriefingRefused(PrintingError):
    """A briefing whose text cannot be read."""

    code = "briefing-refused"
    remedy = N_("Open it in an office program, save it as .docx, .pdf or .txt, and put that into the inbox.")


class Kind(Enum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text; ``label`` is an item's number or a dash."""

    kind: Kind
    text: str
    label: str = ""


def blocks(text: str) -> list[Block]:
    """Recognise the blocks of a plain text.

    An empty line ends a block. Inside one, a line goes on with the line before when it begins in lower case
    or when that one was broken for its length. A short line that stands alone, or is all capitals, and ends
    in no stop is a heading.
    """
    found: list[Block] = []
    for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n").strip("\n\f ")):
        joined = _join([line.strip() for line in part.split("\n") if line.strip()])
        found += [_block(line, alone=len(joined) == 1) for line in joined]
    return found


def _join(lines: list[str]) -> list[str]:
    joined: list[str] = []
    before = ""
    for line in lines:
        broken = len(before) > _HARD_WRAP and not before.endswith(_STOPS)
        if before and not _ITEM.fullmatch(line) and (line[0].islower() or broken):
            joined[-1] += " " + line
        else:
            joined.append(line)
        before = line
    return joined


def _block(line: str, *, alone: bool) -> Block:
    text = " ".join(line.split())
    if item := _ITEM.fullmatch(text):
        label = item[1] if item[1][0].isdigit() else "—"
        return Block(Kind.ITEM, item[2], label)
    short = len(text) <= _HEADING and not text.endswith(_STOPS)
    if short and (text.isupper() or (alone and len(text) <= _HARD_WRAP and not text[0].islower())):
        return Block(Kind.HEADING, text)
    return Block(Kind.PARAGRAPH, text)


def text_of_docx(document: bytes) -> str:
    """The text of a .docx, its paragraphs apart by empty lines, automatic numbers written out.

    Raises :class:`BriefingRefused` when the file is no .docx or holds no text.
    """
    try:
        opened = docx.Document(io.BytesIO(document))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BriefingRefused(N_("The briefing is not a readable .docx file.")) from error
    numbers = _Numbers(opened)
    parts: list[str] = []
    for item in opened.iter_inner_content():
        parts += _table_lines(item) if isinstance(item, Table) else [numbers.label(item) + item.text.strip()]
    text = "\n\n".join(part for part in parts if part)
    if not text:
        raise BriefingRefused(N_("The briefing holds no text."))
    return text


def _table_lines(table: Table) -> Iterator[str]:
    for row in table.rows:
        cells = {cell._tc: cell.text.strip() for cell in row.cells}
        yield " — ".join(text for text in cells.values() if text)


class _Numbers:
    """The automatic numbers of a document, counted as a word processor does."""

    def __init__(self, document: Any) -> None:
        self._counts: dict[tuple[str, int], int] = {}
        try:
            self._root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            self._root = None

    def label(self, paragraph: Paragraph) -> str:
        """ "3. " or "— ", and "" for a paragraph that is no item; counts it."""
        properties: Any = paragraph._p.pPr
        if (properties is None or properties.numPr is None) and paragraph.style is not None:
            properties = paragraph.style.element.pPr
        numbering = None if properties is None else properties.numPr
        if numbering is None or numbering.numId is None or not paragraph.text.strip():
            return ""
        number = str(numbering.numId.val)
        level = 0 if numbering.ilvl is None else int(numbering.ilvl.val)
        definition = self._level(number, level)
        if definition is None:
            return ""
        kind, pattern = definition
        if kind == "none":
            return ""
        if kind == "bullet":
            return "— "
        self._counts[number, level] = self._counts.get((number, level), 0) + 1
        for key in [key for key in self._counts if key[0] == number and key[1] > level]:
            del self._counts[key]
        return re.sub(r"%(\d)", lambda at: str(self._counts.get((number, int(at[1]) - 1), 1)), pattern) + " "

    def _level(self, number: str, level: int) -> tuple[str, str] | None:
        """Format and pattern ("%1.") of a level of a list."""
        if self._root is None:
            return None
        abstract = self._root.xpath(f'w:num[@w:numId="{number}"]/w:abstractNumId/@w:val')
        if not abstract:
            return None
        found = self._root.xpath(f'w:abstractNum[@w:abstractNumId="{abstract[0]}"]/w:lvl[@w:ilvl="{level}"]')
        if not found:
            return None
        kind = found[0].find(qn("w:numFmt"))
        pattern = found[0].find(qn("w:lvlText"))
        return (
            "decimal" if kind is None else kind.get(qn("w:val")),
            f"%{level + 1}." if pattern is None else pattern.get(qn("w:val")),
        )
