"""Who hears whom in a lab, as a small picture: rows are microphones, columns the seats that played."""

from __future__ import annotations

from printing.documents.lab import Heard
from printing.documents.layout import LEFT, RIGHT
from printing.documents.paper import Area, Paper
from printing.documents.room import Translate
from printing.documents.type import Face, Style

QUIET_DB, LOUD_DB = -75.0, -30.0
"""White and black."""
_LARGEST, _WIDEST = 5.0, 88.0
"""Of a square, and of all of them side by side, mm."""
_NAMES = 8.0
_ABOVE, _BELOW = 11.0, 3.0
_WORDS = 10.0
"""Room between picture and words."""


def heard_height(heard: Heard) -> float:
    """What the picture takes, mm, with its title."""
    return _ABOVE + _BELOW + _square(heard) * len(heard.seats)


def draw_heard(paper: Paper, y: float, heard: Heard, translate: Translate) -> float:
    """Draw it from ``y`` on, with what it says beside it; returns where it ends."""
    _ = translate
    size, top = _square(heard), y + _ABOVE
    left = LEFT + _NAMES
    for index, seat in enumerate(heard.seats):
        name = Style(min(6.5, size * 2.2), 3, align="centre")
        paper.in_cell(Area(LEFT, top + index * size, _NAMES, size), seat, name, pad=0.3)
        paper.in_cell(Area(left + index * size, top - 4, size, 4), seat, name, pad=0.1)
    for row, levels in enumerate(heard.levels_db):
        for column in range(len(heard.seats)):
            cell = Area(left + column * size, top + row * size, size, size)
            if levels is None:
                paper.in_cell(cell, "—", Style(5, 3, align="centre"), pad=0.1)
            elif (level := levels[column]) is not None:
                paper.fill(cell, _grey(level))
    side = size * len(heard.seats)
    paper.box(Area(left, top, side, side))
    for index in range(len(heard.seats)):
        paper.box(Area(left + index * size, top + index * size, size, size), 1.0)
    _words(paper, left + side + _WORDS, top, heard, _)
    return top + side + _BELOW


def _words(paper: Paper, x: float, y: float, heard: Heard, translate: Translate) -> None:
    _ = translate
    title = _("Who hears whom, {time:%H:%M}").format(time=heard.at)
    y = paper.fitted(x, y + 3, RIGHT - x, title, Style(9.5, 7, Face.BOLD))
    text = _(
        "Rows: the seats' microphones; columns: the seats whose earphones played. White: not heard or fainter"
        " than -75 dB; black: -30 dB and louder. In a good room only the framed squares are dark. A dash: no"
        " recording came."
    )
    paper.fitted(x, y + 5, RIGHT - x, text, Style(8, 6.5, lines=9, leading=1.25))


def _grey(level: float) -> float:
    return max(0.0, min(1.0, (LOUD_DB - level) / (LOUD_DB - QUIET_DB)))


def _square(heard: Heard) -> float:
    return min(_LARGEST, _WIDEST / max(1, len(heard.seats)))
