"""The print journal: every sheet of the kits accounted for, line by line, to be signed and kept.

The number and the hash of the record's last event stand at the foot of every page, so that the signed
paper vouches for the record behind it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import accumulate

from printing.documents.happened import Line, PrintJournal, Section
from printing.documents.layout import BOTTOM, FURTHER_TOP, LEFT, RIGHT, TOP, date_text
from printing.documents.paper import HAIRLINE, Area, Paper
from printing.documents.room import Translate
from printing.documents.type import Face, Style, fit

_WIDTHS = (9.0, 15.0, 12.0, 51.0, 33.0, 11.0, 29.0, 20.0)
_EDGES = tuple(accumulate(_WIDTHS, initial=LEFT))
_STYLES = (
    Style(8, 6, align="centre"),
    Style(8, 6, align="centre"),
    Style(8.5, 5, Face.BOLD, align="centre"),
    Style(8.5, 6.5, lines=4, leading=1.15),
    Style(8, 6, lines=3, leading=1.15),
    Style(8.5, 6, align="right"),
    Style(8, 6, lines=3, leading=1.15),
    Style(8, 6, lines=3, leading=1.15),
)
_PAD = 1.2
_POINT = 25.4 / 72
_BESIDE = 2.4
"""White above and below the text of a row, together."""
_ROW, _HEAD, _GROUP = 6.0, 8.0, 7.0
_SUM_WIDTHS = (62.0, 16.0, 17.0, 17.0, 19.0, 16.0, 17.0, 16.0)
_SUM_EDGES = tuple(accumulate(_SUM_WIDTHS, initial=LEFT))
_SUM_HEAD, _SUM_ROW = 9.0, 6.0
_END = 52.0
"""Height of the proof and the signatures."""
_LAST = 2
"""Lines, at least, that stand on the page with the signatures."""


def journal(book: PrintJournal, translate: Translate) -> bytes:
    """The journal, as many pages as it takes, the last one with the signatures."""
    pages = _Drawing(book, translate, pages=0).draw()[1]
    return _Drawing(book, translate, pages).draw()[0]


class _Drawing:
    """One pass over the journal; ``pages`` is what the pass before it found, for "page 1 of 12"."""

    def __init__(self, book: PrintJournal, translate: Translate, pages: int) -> None:
        self._book, self._translate, self._pages = book, translate, pages
        self._paper = Paper(translate("Print journal"))
        self._page = 1
        self._y = 0.0

    def draw(self) -> tuple[bytes, int]:
        """The document and its number of pages."""
        self._first_head()
        self._sums()
        self._y += 6
        number = 0
        for section in self._book.sections:
            number = self._section(section, number)
        self._end()
        self._foot()
        return self._paper.finish(), self._page

    def _first_head(self) -> None:
        _ = self._translate
        book, paper = self._book, self._paper
        y = paper.fitted(LEFT, TOP + 3, RIGHT - LEFT, book.school, Style(9, 7, lines=2)) + 2
        paper.rule(LEFT, y, RIGHT, y, 0.5)
        paper.text(LEFT, y + 9, _("Print journal"), 17, Face.BOLD)
        made = _("as of {date}, {time:%H:%M}").format(date=date_text(book.made.date(), _), time=book.made)
        paper.text(RIGHT, y + 9, made, 10.5, align="right")
        self._y = y + 19

    def _need(self, height: float) -> bool:
        """Go to another page when less than ``height`` is left; returns whether it did."""
        if self._y + height <= BOTTOM:
            return False
        self._foot()
        self._paper.next_page()
        self._page += 1
        _ = self._translate
        title = " · ".join((_("Print journal"), self._book.school))
        self._paper.fitted(LEFT, TOP + 4, RIGHT - LEFT, title, Style(9, 7))
        self._paper.rule(LEFT, TOP + 6, RIGHT, TOP + 6, 0.5)
        self._y = FURTHER_TOP
        return True

    def _foot(self) -> None:
        _ = self._translate
        proof = _("Record: {count} events, the last one:").format(count=self._book.events)
        number = _("Page {page} of {pages}").format(page=self._page, pages=self._pages)
        self._paper.text(LEFT, BOTTOM + 4, proof, 6.5)
        self._paper.text(RIGHT - 24, BOTTOM + 4, self._book.last_hash, 6, Face.MONO, align="right")
        self._paper.text(RIGHT, BOTTOM + 4, number, 8, align="right")

    def _sums(self) -> None:
        _ = self._translate
        self._paper.text(LEFT, self._y, _("Sheets of the kits (individual and spare)"), 12, Face.BOLD)
        self._y += 2.5
        self._sum_head()
        for row in self._book.sums:
            planned = "—" if row.planned is None else str(row.planned)
            figures = (row.printed, row.additional, row.spoiled, row.in_room, row.others, row.unknown)
            name = _("{exam}, room {room}").format(exam=row.exam, room=row.room)
            self._sum_row(name, planned, figures, Face.SANS)
        if len(self._book.sums) > 1:
            self._sum_total()
        self._y += 4

    def _sum_total(self) -> None:
        _ = self._translate
        sums = self._book.sums
        planned = [row.planned for row in sums if row.planned is not None]
        figures = (
            sum(row.printed for row in sums),
            sum(row.additional for row in sums),
            sum(row.spoiled for row in sums),
            sum(row.in_room for row in sums),
            sum(row.others for row in sums),
            sum(row.unknown for row in sums),
        )
        whole = str(sum(planned)) if len(planned) == len(sums) else "—"
        self._sum_row(_("In all"), whole, figures, Face.BOLD)

    def _sum_head(self) -> None:
        _ = self._translate
        heads = (
            _("Exam and room"),
            _("planned"),
            _("printed"),
            _("of these additional"),
            _("spoiled"),
            _("in the room"),
            _("other papers"),
            _("of unknown fate"),
        )
        area = Area(LEFT, self._y, RIGHT - LEFT, _SUM_HEAD)
        self._paper.fill(area, 0.9)
        for x, width, head in zip(_SUM_EDGES, _SUM_WIDTHS, heads, strict=False):
            align = "left" if x == LEFT else "right"
            style = Style(8, 6, Face.BOLD, lines=2, align=align, leading=1.12)
            self._paper.in_cell(Area(x, self._y, width, _SUM_HEAD), head, style)
        self._y += _SUM_HEAD
        self._paper.rule(LEFT, self._y, RIGHT, self._y, 0.8)

    def _sum_row(self, name: str, planned: str, figures: Sequence[int], face: Face) -> None:
        if self._need(_SUM_ROW):
            self._sum_head()
        cells = (name, planned, *map(str, figures))
        for x, width, text in zip(_SUM_EDGES, _SUM_WIDTHS, cells, strict=False):
            in_room = x == _SUM_EDGES[5]
            style = Style(9.5, 6, Face.BOLD if in_room else face, align="left" if x == LEFT else "right")
            self._paper.in_cell(Area(x, self._y, width, _SUM_ROW), text, style)
        self._y += _SUM_ROW
        self._paper.rule(LEFT, self._y, RIGHT, self._y)

    def _section(self, section: Section, number: int) -> int:
        """One exam's lines, numbered on from ``number``; returns the last number."""
        end = _END if section is self._book.sections[-1] else 0.0
        self._need(_GROUP + _HEAD + _GROUP + 2 * _ROW + (end if len(section.lines) <= _LAST else 0.0))
        self._paper.fitted(LEFT, self._y + 4.5, RIGHT - LEFT, section.title, Style(11, 7, Face.BOLD))
        self._y += _GROUP
        self._column_heads()
        day = None
        for index, line in enumerate(section.lines):
            number += 1
            cells = _cells(number, line)
            height = _height(cells)
            behind = section.lines[index:]
            last = end + _ROW * (len(behind) - 1) if len(behind) <= _LAST else 0.0
            if self._need(height + (_GROUP if line.at.date() != day else 0.0) + last):
                self._column_heads()
                day = None
            if line.at.date() != day:
                day = line.at.date()
                self._day(day)
            self._row(cells, height)
        self._y += 4
        return number

    def _column_heads(self) -> None:
        _ = self._translate
        heads = (
            _("No."),
            _("Time"),
            _("Rm."),
            _("What was done"),
            _("Printer"),
            _("sheets"),
            _("Outcome"),
            _("Who"),
        )
        self._paper.fill(Area(LEFT, self._y, RIGHT - LEFT, _HEAD), 0.9)
        for x, width, head in zip(_EDGES, _WIDTHS, heads, strict=False):
            style = Style(8, 6, Face.BOLD, align="centre" if width < _WIDTHS[-1] else "left")
            self._paper.in_cell(Area(x, self._y, width, _HEAD), head, style)
        self._y += _HEAD
        self._paper.rule(LEFT, self._y, RIGHT, self._y, 0.8)

    def _day(self, day: dt.date) -> None:
        self._paper.text(LEFT + 1.2, self._y + 4.2, date_text(day, self._translate), 8.5, Face.BOLD)
        self._y += 6
        self._paper.rule(LEFT, self._y, RIGHT, self._y)

    def _row(self, cells: Sequence[str], height: float) -> None:
        for x, width, text, style in zip(_EDGES, _WIDTHS, cells, _STYLES, strict=False):
            self._paper.in_cell(Area(x, self._y, width, height), text, style, pad=_PAD)
        self._y += height
        self._paper.rule(LEFT, self._y, RIGHT, self._y, HAIRLINE)

    def _end(self) -> None:
        """What the record is known by, and who answers for it."""
        _ = self._translate
        self._need(_END)
        paper, book = self._paper, self._book
        y = max(self._y + 4, BOTTOM - _END)
        text = _(
            "The record behind this journal had {count} events. Hash of the last one (SHA-256); as long as "
            "'provision ledger verify --event {count}' shows the same, nothing before it was changed:"
        ).format(count=book.events)
        style = Style(9, 9, lines=3)
        size, lines = fit(text, style, RIGHT - LEFT)
        y = paper.lines(LEFT, y, lines, size, style)
        paper.text(LEFT, y + 5.5, book.last_hash, 10, Face.MONO)
        people = [_("Technical specialist"), _("Responsible organiser of the school")]
        if book.second_person:
            people.insert(1, _("Confirmed additional prints"))
        for row, who in enumerate(people, start=3 - len(people)):
            line = BOTTOM - 30 + 12 * row
            paper.fitted(LEFT, line - 1, 50, who, Style(10, 7))
            paper.signature(72, line, 60, _("full name"))
            paper.signature(136, line, 34, _("signature"))
            paper.signature(174, line, 26, _("date"))


def _cells(number: int, line: Line) -> tuple[str, ...]:
    sheets = "" if line.sheets is None else str(line.sheets)
    start = (str(number), f"{line.at:%H:%M:%S}", line.room, line.what)
    return (*start, line.printer, sheets, line.outcome, line.who)


def _height(cells: Sequence[str]) -> float:
    """A row as tall as its tallest cell."""
    tallest = _ROW
    for text, width, style in zip(cells, _WIDTHS, _STYLES, strict=True):
        size, lines = fit(text, style, width - 2 * _PAD)
        tallest = max(tallest, len(lines) * size * style.leading * _POINT + _BESIDE)
    return tallest
