"""The checklist of the day: every step with its deadline, who does it, what proves it, and room to sign.

The number and hash of the record's last event stand at the foot of every page.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from printing.documents.layout import LEFT, RIGHT, TOP, date_text
from printing.documents.paged import Paged, in_two_passes, record_proof
from printing.documents.paper import HAIRLINE, Area
from printing.documents.room import Translate
from printing.documents.type import Face, Style, fit, text_width


class Box(StrEnum):
    """What stands in the box of a step."""

    OPEN = "open"
    PROVED = "proved"
    SIGNED = "signed"
    LATE = "late"
    NEEDLESS = "needless"


@dataclass(frozen=True, slots=True)
class Line:
    """One step. ``due`` is the deadline in words; ``how`` what to type, or ""; ``proof`` how it stands;
    ``hands``: how many people sign."""

    step: str
    title: str
    who: str
    due: str
    box: Box
    how: str
    proof: str
    hands: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """The steps of one phase."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """All of it, for the exam ``day``, as it stood at ``made`` on the school's clock."""

    school: str
    test: str
    day: dt.date
    made: dt.datetime
    sections: tuple[Section, ...]
    events: int
    last_hash: str


_BOX = 4.2
_X_BOX, _X_STEP, _X_TITLE, _X_DUE, _X_SIGN = LEFT + 1, LEFT + 8, LEFT + 18, 128.0, 154.0
_TITLE = _X_DUE - _X_TITLE - 4
_POINT = 25.4 / 72
_HEADING = Style(10, 8, Face.BOLD, lines=2, leading=1.15)
_SMALL = Style(8, 7, lines=2, leading=1.2)
_MONO = Style(7.5, 6, Face.MONO)
_LEAST = 11.0
_HAND = 9.0
"""Height that a signature needs."""


def checklist(book: Checklist, translate: Translate) -> bytes:
    """The document, as many pages as it takes."""
    return in_two_passes(lambda pages: _Drawing(book, translate, pages))


class _Drawing(Paged):
    def __init__(self, book: Checklist, translate: Translate, pages: int) -> None:
        title = translate("Checklist of the day")
        running = (title, date_text(book.day, translate), book.school)
        super().__init__(title, running, translate, pages)
        self._book = book

    def _content(self) -> None:
        self._head()
        for section in self._book.sections:
            if section.lines:
                self._section(section)

    def _foot(self) -> None:
        record_proof(self._paper, self._book.events, self._book.last_hash or "—", self._translate)

    def _head(self) -> None:
        _ = self._translate
        book, paper = self._book, self._paper
        y = paper.fitted(LEFT, TOP + 3, RIGHT - LEFT, book.school, Style(9, 7, lines=2)) + 2
        paper.rule(LEFT, y, RIGHT, y, 0.5)
        paper.text(LEFT, y + 9, _("Checklist of the day"), 17, Face.BOLD)
        day = f"{book.test} · {date_text(book.day, _)}"
        paper.text(RIGHT, y + 6, day, 11, Face.BOLD, align="right")
        made = _("as of {date}, {time:%H:%M}").format(date=date_text(book.made.date(), _), time=book.made)
        paper.text(RIGHT, y + 11, made, 9, align="right")
        self._y = y + 16
        self._legend()

    def _legend(self) -> None:
        """What the marks mean."""
        _ = self._translate
        x = LEFT
        for box, words in (
            (Box.PROVED, _("proved by the record")),
            (Box.SIGNED, _("signed by a person")),
            (Box.LATE, _("late")),
            (Box.OPEN, _("open: tick and sign when done")),
            (Box.NEEDLESS, _("not needed")),
        ):
            self._mark(x, self._y, box)
            self._paper.text(x + _BOX + 1.5, self._y + 3.2, words, 8)
            x += _BOX + 6 + text_width(words, Face.SANS, 8)
        self._y += 9

    def _section(self, section: Section) -> None:
        _ = self._translate
        self._need(10 + _LEAST)
        self._paper.fill(Area(LEFT, self._y, RIGHT - LEFT, 6.5), 0.9)
        self._paper.text(LEFT + 1.5, self._y + 4.6, section.title, 10, Face.BOLD)
        self._paper.text(_X_DUE, self._y + 4.6, _("by"), 8)
        self._paper.text(_X_SIGN, self._y + 4.6, _("done: time, signature"), 8)
        self._y += 6.5
        for line in section.lines:
            self._line(line)
        self._y += 4

    def _line(self, line: Line) -> None:
        size, title = fit(line.title, _HEADING, _TITLE)
        told = " · ".join(filter(None, (line.who, line.proof)))
        small, below = fit(told, _SMALL, _TITLE)
        step, under = size * _HEADING.leading * _POINT, small * _SMALL.leading * _POINT
        shown = line.how if line.box in {Box.OPEN, Box.LATE} else ""
        to_sign = line.hands if line.box in {Box.OPEN, Box.LATE} else 0
        height = 2.2 + step * len(title) + under * len(below) + (3.6 if shown else 0) + 1.6
        height = max(height, to_sign * _HAND)
        self._need(height)
        y, paper = self._y, self._paper
        self._mark(_X_BOX, y + 1.8, line.box)
        paper.text(_X_STEP, y + 5.2, line.step, 10, Face.BOLD)
        at = paper.lines(_X_TITLE, y + 5.2, title, size, _HEADING)
        at = paper.lines(_X_TITLE, at + 4.0, below, small, _SMALL)
        if shown:
            paper.fitted(_X_TITLE, at + 3.8, _TITLE, shown, _MONO)
        face = Face.BOLD if line.box in {Box.OPEN, Box.LATE} else Face.SANS
        paper.fitted(_X_DUE, y + 5.2, _X_SIGN - _X_DUE - 2, line.due, Style(9.5, 7, face, lines=2))
        for hand in range(1, to_sign + 1):
            below_it = y + height * hand / to_sign - 3.2
            paper.rule(_X_SIGN, below_it, RIGHT, below_it, 0.5)
        self._y += height
        paper.rule(LEFT, self._y, RIGHT, self._y, HAIRLINE)

    def _mark(self, x: float, y: float, box: Box) -> None:
        paper = self._paper
        if box is Box.PROVED:
            paper.fill(Area(x, y, _BOX, _BOX))
            self._tick(x, y, grey=1)
            return
        paper.box(Area(x, y, _BOX, _BOX), 0.8)
        if box is Box.SIGNED:
            self._tick(x, y, grey=0)
        elif box is Box.LATE:
            paper.text(x + _BOX / 2, y + 3.4, "!", 11, Face.BOLD, align="centre")
        elif box is Box.NEEDLESS:
            paper.rule(x + 1, y + _BOX / 2, x + _BOX - 1, y + _BOX / 2, 0.8)

    def _tick(self, x: float, y: float, *, grey: float) -> None:
        points = [(x + 0.8, y + 2.2), (x + 1.7, y + 3.2), (x + 3.4, y + 1.0)]
        self._paper.line(points, 1.3, grey)
