"""What was written into a form, for the coordinator to read and to sign before the form is uploaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from printing.documents.layout import BOTTOM, LEFT, RIGHT, TOP, date_text
from printing.documents.paged import Paged, in_two_passes
from printing.documents.room import Translate
from printing.documents.rows import Columns
from printing.documents.type import Face, Style


@dataclass(frozen=True, slots=True)
class CellLine:
    """One cell: its place, and its text before and after."""

    place: str
    before: str
    after: str
    computed: bool


@dataclass(frozen=True, slots=True)
class FormChanges:
    """The whole proof. ``source`` and ``filled`` are the SHA-256 of the downloaded and of the filled file;
    ``cells`` on ``sheets`` sheets were compared."""

    school: str
    title: str
    file: str
    made: dt.datetime
    source: str
    filled: str
    cells: int
    sheets: int
    lines: tuple[CellLine, ...]
    missing: tuple[str, ...] = ()


_TEXT = Style(8.5, 6.5, lines=4, leading=1.15)
_COLUMNS = Columns(
    (10.0, 36.0, 26.0, 94.0, 14.0), (Style(8, 6, align="centre"), _TEXT, _TEXT, _TEXT, Style(7.5, 6))
)
_END = 40.0
"""Height of the checksums and the signatures."""


def form_changes(found: FormChanges, translate: Translate) -> bytes:
    """The list of changed cells, as many pages as it takes, the last one with the signatures."""
    return in_two_passes(lambda pages: _Drawing(found, translate, pages))


class _Drawing(Paged):
    def __init__(self, found: FormChanges, translate: Translate, pages: int) -> None:
        title = translate("What was written into the form")
        super().__init__(title, (title, found.title), translate, pages)
        self._found = found

    def _content(self) -> None:
        self._head()
        self._rows()
        self._end()

    def _foot(self) -> None:
        self._paper.text(LEFT, BOTTOM + 4, self._found.file, 6.5)

    def _head(self) -> None:
        _ = self._translate
        found, paper = self._found, self._paper
        y = paper.fitted(LEFT, TOP + 3, RIGHT - LEFT, found.school, Style(9, 7, lines=2)) + 2
        paper.rule(LEFT, y, RIGHT, y, 0.5)
        paper.text(LEFT, y + 9, _("What was written into the form"), 17, Face.BOLD)
        made = _("as of {date}, {time:%H:%M}").format(date=date_text(found.made.date(), _), time=found.made)
        paper.text(RIGHT, y + 9, made, 10.5, align="right")
        y = paper.fitted(LEFT, y + 16, RIGHT - LEFT, found.title, Style(12, 9, Face.BOLD, lines=2))
        y = paper.fitted(
            LEFT, y + 5.5, RIGHT - LEFT, _("File: {file}").format(file=found.file), Style(9.5, 7)
        )
        proof = _(
            "Compared with the downloaded form: {cells} cells on {sheets} sheets, hidden ones too. Nothing "
            "but the cells below differs; format, rules, formulas, protection and macros are as they were."
        ).format(cells=found.cells, sheets=found.sheets)
        y = paper.fitted(LEFT, y + 6, RIGHT - LEFT, proof, Style(9, 8, lines=3))
        for text in found.missing:
            missing = _("Missing: {what}").format(what=text)
            y = paper.fitted(LEFT, y + 5, RIGHT - LEFT, missing, Style(9, 7, Face.BOLD, lines=2))
        self._y = y + 4

    def _rows(self) -> None:
        _ = self._translate
        self._columns()
        for number, line in enumerate(self._found.lines, 1):
            kind = _("sum") if line.computed else ""
            cells = (str(number), line.place, line.before or "—", line.after or "—", kind)
            height = _COLUMNS.height(cells)
            if self._need(height):
                self._columns()
            self._y = _COLUMNS.draw_row(self._paper, self._y, height, cells)

    def _columns(self) -> None:
        _ = self._translate
        heads: Sequence[str] = (_("№"), _("Cell"), _("Was"), _("Is"), "")
        self._y = _COLUMNS.draw_head(self._paper, self._y, heads)

    def _end(self) -> None:
        _ = self._translate
        self._need(_END)
        paper, y = self._paper, self._y + 8
        for label, digest in (
            (_("SHA-256 of the downloaded form:"), self._found.source),
            (_("SHA-256 of the filled form:"), self._found.filled),
        ):
            paper.text(LEFT, y, label, 8)
            paper.text(RIGHT, y, digest, 7, Face.MONO, align="right")
            y += 5
        paper.signature(LEFT, y + 14, 80, _("technical specialist: signature, name"))
        paper.signature(RIGHT - 80, y + 14, 80, _("coordinator: signature, name"))
