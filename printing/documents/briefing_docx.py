"""The blocks of a briefing written in a word processor, bold and italic as its author made them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from lxml.etree import LxmlError

from printing.documents.docx_faces import Faces
from printing.documents.docx_numbers import Numbers
from printing.documents.plaintext import Block, recognise
from printing.documents.spans import Span, Spans, cut, plain, tidy
from printing.errors import N_, PrintingError

_P, _TBL, _TR, _TC, _R = (qn(f"w:{name}") for name in ("p", "tbl", "tr", "tc", "r"))
_CLEAR = {
    qn(f"w:{name}")
    for name in ("hyperlink", "ins", "moveTo", "sdt", "sdtContent", "smartTag", "customXml", "fldSimple")
}
"""Wrappers that nobody sees on paper; python-docx passes over most of them with all that they hold."""


class BriefingRefused(PrintingError):
    """A briefing whose text cannot be read."""

    code = "briefing-refused"
    remedy = N_("Open it in an office program, save it as .docx, .pdf or .txt, and put that into the inbox.")


def blocks_of_docx(document: bytes) -> list[Block]:
    """The blocks of a .docx, automatic numbers written out, cells of a table's row side by side.

    Raises :class:`BriefingRefused` when the file is no .docx or holds no text.
    """
    try:
        opened = docx.Document(io.BytesIO(document))
    except (PackageNotFoundError, zipfile.BadZipFile, zlib.error, LxmlError, KeyError, ValueError) as error:
        raise BriefingRefused(N_("The briefing is not a readable .docx file.")) from error
    paragraphs = _Reader(opened).paragraphs(opened.element.body)
    blocks = [block for spans in paragraphs for block in recognise(_split(spans))]
    if not blocks:
        raise BriefingRefused(N_("The briefing holds no text."))
    return blocks


class _Reader:
    def __init__(self, document: Any) -> None:
        self._document = document
        self._faces = Faces(document)
        self._numbers = Numbers(document)

    def paragraphs(self, container: Any, table: Any = None) -> Iterator[Spans]:
        """The paragraphs, with text, of a body or of a cell of ``table``."""
        for element in _inside(container, {_P, _TBL}):
            if element.tag == _TBL:
                for row in _inside(element, {_TR}):
                    yield from self._row(row, element)
            elif plain(spans := self._paragraph(element, table)).strip():
                yield spans

    def _row(self, row: Any, table: Any) -> Iterator[Spans]:
        cells = [list(self.paragraphs(cell, table)) for cell in _inside(row, {_TC})]
        if any(len(cell) > 1 for cell in cells):
            # running text: one cell after the other
            for cell in cells:
                yield from cell
        elif filled := [cell[0] for cell in cells if cell]:
            yield tuple(span for cell in filled for span in (Span(" — "), *cell))[1:]

    def _paragraph(self, element: Any, table: Any) -> Spans:
        paragraph = Paragraph(element, self._document._body)
        runs = [Run(run, paragraph) for run in _inside(element, {_R})]
        spans = tuple(Span(run.text, self._faces.face(run, paragraph, table)) for run in runs)
        if not plain(spans).strip():
            return ()
        return (Span(self._numbers.label(paragraph), tidy(spans)[0].face), *spans)


def _inside(element: Any, wanted: set[str]) -> Iterator[Any]:
    """The children of these tags, also through what nobody sees; deleted text is left out."""
    for child in element:
        if child.tag in wanted:
            yield child
        elif child.tag in _CLEAR:
            yield from _inside(child, wanted)


def _split(spans: Spans) -> list[Spans]:
    """The lines of a paragraph that its author broke by hand."""
    lines: list[Spans] = []
    start = 0
    for line in plain(spans).split("\n"):
        lines.append(cut(spans, start, start + len(line)))
        start += len(line) + 1
    return lines
