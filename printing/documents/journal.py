"""The print journal: every sheet of the kits accounted for, line by line, to be signed and kept.

The number and the hash of the record's last event stand at the foot of every page, so that the signed
paper vouches for the record behind it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import accumulate

from printing.documents.happened import Line, PrintJournal, Section
from printing.documents.layout import BOTTOM, LEFT, RIGHT, TOP, date_text
from printing.documents.paged import Paged, in_two_passes, record_proof, signatures
from printing.documents.paper import Area
from printing.documents.room import Translate
from printing.documents.rows import Columns
from printing.documents.type import Face, Style, fit

_COLUMNS = Columns(
    (9.0, 15.0, 12.0, 51.0, 33.0, 11.0, 29.0, 20.0),
    (
        Style(8, 6, align="centre"),
        Style(8, 6, align="centre"),
        Style(8.5, 5, Face.BOLD, align="centre"),
        Style(8.5, 6.5, lines=4, leading=1.15),
        Style(8, 6, lines=3, leading=1.15),
        Style(8.5, 6, align="right"),
        Style(8, 6, lines=3, leading=1.15),
        Style(8, 6, lines=3, leading=1.15),
    ),
)
_GROUP = 7.0
_SUM_WIDTHS = (62.0, 16.0, 17.0, 17.0, 19.0, 16.0, 17.0, 16.0)
_SUM_EDGES = tuple(accumulate(_SUM_WIDTHS, initial=LEFT))
_SUM_HEAD, _SUM_ROW = 9.0, 6.0
_END = 52.0
"""Height of the proof and the signatures."""
_LAST = 2
"""Lines, at least, that stand on the page with the signatures."""


def journal(book: PrintJournal, translate: Translate) -> bytes:
    """The journal, as many pages as it takes, the last one with the signatures."""
    return in_two_passes(lambda pages: _Drawing(book, translate, pages))


class _Drawing(Paged):
    def __init__(self, book: PrintJournal, translate: Translate, pages: int) -> None:
        title = translate("Print journal")
        super().__init__(title, (title, book.school), translate, pages)
        self._book = book

    def _content(self) -> None:
        self._first_head()
        self._sums()
        self._y += 6
        number = 0
        for section in self._book.sections:
            number = self._section(section, number)
        self._end()

    def _foot(self) -> None:
        record_proof(self._paper, self._book.events, self._book.last_hash, self._translate)

    def _first_head(self) -> None:
        _ = self._translate
        book, paper = self._book, self._paper
        y = paper.fitted(LEFT, TOP + 3, RIGHT - LEFT, book.school, Style(9, 7, lines=2)) + 2
        paper.rule(LEFT, y, RIGHT, y, 0.5)
        paper.text(LEFT, y + 9, _("Print journal"), 17, Face.BOLD)
        made = _("as of {date}, {time:%H:%M}").format(date=date_text(book.made.date(), _), time=book.made)
        paper.text(RIGHT, y + 9, made, 10.5, align="right")
        self._y = y + 19

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
        last = end if len(section.lines) <= _LAST else 0.0
        self._need(_GROUP + _COLUMNS.head + _GROUP + 2 * _COLUMNS.least + last)
        self._paper.fitted(LEFT, self._y + 4.5, RIGHT - LEFT, section.title, Style(11, 7, Face.BOLD))
        self._y += _GROUP
        self._column_heads()
        day = None
        for index, line in enumerate(section.lines):
            number += 1
            cells = _cells(number, line)
            height = _COLUMNS.height(cells)
            behind = section.lines[index:]
            last = end + _COLUMNS.least * (len(behind) - 1) if len(behind) <= _LAST else 0.0
            if self._need(height + (_GROUP if line.at.date() != day else 0.0) + last):
                self._column_heads()
                day = None
            if line.at.date() != day:
                day = line.at.date()
                self._day(day)
            self._y = _COLUMNS.draw_row(self._paper, self._y, height, cells)
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
        self._y = _COLUMNS.draw_head(self._paper, self._y, heads)

    def _day(self, day: dt.date) -> None:
        self._paper.text(LEFT + 1.2, self._y + 4.2, date_text(day, self._translate), 8.5, Face.BOLD)
        self._y += 6
        self._paper.rule(LEFT, self._y, RIGHT, self._y)

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
        signatures(paper, BOTTOM - 30 + 12 * (3 - len(people)), 12, people, _)


def _cells(number: int, line: Line) -> tuple[str, ...]:
    sheets = "" if line.sheets is None else str(line.sheets)
    start = (str(number), f"{line.at:%H:%M:%S}", line.room, line.what)
    return (*start, line.printer, sheets, line.outcome, line.who)
