"""What every small document carries: margins, head, running head, revision bar and foot."""

from __future__ import annotations

import datetime as dt

from printing.documents.paper import Area, Paper
from printing.documents.room import RoomSheet, Translate
from printing.documents.type import Face, Style, fit, text_width

LEFT, RIGHT = 20.0, 200.0
"""Edges of the text: the margins of ГОСТ Р 7.0.97 (20 mm to bind, 10 mm outside)."""
TOP, BOTTOM = 12.0, 285.0
FURTHER_TOP = TOP + 8
"""Where the content of a further page begins, below its running head."""


def date_text(date: dt.date, translate: Translate) -> str:
    """The date as people write it in the language of the paper."""
    _ = translate
    return date.strftime(_("%Y-%m-%d"))


def exam_line(sheet: RoomSheet, translate: Translate) -> str:
    """Class, part, date and start in one line."""
    _ = translate
    return " · ".join(
        (
            _("class {name}").format(name=sheet.class_name),
            _("part {part}").format(part=sheet.part),
            date_text(sheet.date, translate),
            _("start at {time:%H:%M}").format(time=sheet.start),
        )
    )


def heading(paper: Paper, sheet: RoomSheet, title: str, translate: Translate) -> float:
    """The head of a first page: school, title, exam, and the room in large; returns where it ends."""
    _ = translate
    room_x, width = 160.0, 136.0
    top = paper.fitted(LEFT, TOP + 3, RIGHT - LEFT, sheet.school, Style(9, 7, lines=2)) + 2
    paper.rule(LEFT, top, RIGHT, top, 0.5)
    y = paper.fitted(LEFT, top + 8, width, title, Style(17, 12, Face.BOLD))
    y = paper.fitted(LEFT, y + 6.5, width, sheet.subject, Style(13, 9, Face.BOLD, lines=3))
    y = paper.fitted(LEFT, y + 5.5, width, exam_line(sheet, _), Style(10.5, 8))
    paper.text(room_x, top + 5.5, _("Room"), 9)
    paper.fitted(room_x, top + 17.5, RIGHT - room_x, sheet.room, Style(40, 10, Face.BOLD))
    return max(y, top + 18) + 2.5


def running_head(paper: Paper, sheet: RoomSheet, title: str, translate: Translate) -> float:
    """The head of every further page, one line; returns where it ends."""
    _ = translate
    room = _("Room {room}").format(room=sheet.room)
    width = RIGHT - LEFT - text_width(room, Face.BOLD, 11) - 4
    line = f"{title} · {exam_line(sheet, _)} · {sheet.subject}"
    paper.fitted(LEFT, TOP + 4, width, line, Style(9, 7))
    paper.text(RIGHT, TOP + 4, room, 11, Face.BOLD, align="right")
    paper.rule(LEFT, TOP + 6, RIGHT, TOP + 6, 0.5)
    return FURTHER_TOP


def revision_notice(paper: Paper, y: float, text: str) -> float:
    """A black bar across the page that nobody overlooks; returns where it ends."""
    paper.fill(Area(LEFT, y, RIGHT - LEFT, 8))
    size, lines = fit(text, Style(11, 8, Face.BOLD), RIGHT - LEFT - 6)
    paper.text(LEFT + 3, y + 5.4, lines[0], size, Face.BOLD, grey=1)
    return y + 8


def footer(paper: Paper, sheet: RoomSheet, page: int, pages: int, translate: Translate) -> None:
    """Page n of m at the foot, and which revision this is when it is not the first."""
    _ = translate
    left = _("Room {room}").format(room=sheet.room)
    if sheet.revision > 1:
        left += " · " + _("revision {revision}").format(revision=sheet.revision)
    number = _("Page {page} of {pages}").format(page=page, pages=pages)
    paper.text(LEFT, BOTTOM + 4, left, 8)
    paper.text(RIGHT, BOTTOM + 4, number, 8, align="right")
