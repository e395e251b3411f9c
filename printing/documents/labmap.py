"""The seat map of a language lab on one page: colour, shape and word say how each workstation stands."""

from __future__ import annotations

from printing.documents.lab import Lab, Station, ready
from printing.documents.layout import BOTTOM, LEFT, RIGHT, TOP, date_text
from printing.documents.marks import TINTS, Mark, sign, word
from printing.documents.paper import Area, Paper
from printing.documents.room import Translate
from printing.documents.type import Face, Style

_BOARD = 7.0
_LEGEND = 30.0
_LARGEST = (44.0, 34.0)
_GAP = 0.07
"""Between two cells, as a share of the cell."""
_GOOD = {Mark.READY, Mark.REMARKS}
_ROOMY = (24.0, 20.0)
"""A cell of at least this size has room for words below sign and label."""


def lab_map(lab: Lab, translate: Translate) -> bytes:
    """The map: the board above, row 1 below it."""
    _ = translate
    paper = Paper(_("Seat map, room {room}").format(room=lab.room))
    y = _head(paper, lab, _)
    area = Area(LEFT, y, RIGHT - LEFT, BOTTOM - _LEGEND - y)
    width = min(_LARGEST[0], area.width / lab.columns)
    height = min(_LARGEST[1], (area.height - _BOARD - 4) / lab.rows)
    left = area.x + (area.width - width * lab.columns) / 2
    board = Area(left + width * _GAP / 2, area.y, width * (lab.columns - _GAP), _BOARD)
    paper.fill(board, 0.85)
    paper.in_cell(board, _("Board"), Style(10, 6, Face.BOLD, align="centre"))
    top = area.y + _BOARD + 4

    def cell(row: int, column: int) -> Area:
        x, y = left + (column - 1) * width, top + (row - 1) * height
        gap = _GAP * min(width, height) / 2
        return Area(x + gap, y + gap, width - 2 * gap, height - 2 * gap)

    for row, column, label in lab.places:
        _place(paper, cell(row, column), label)
    for station in lab.stations:
        _station(paper, cell(station.row, station.column), station, _)
    _legend(paper, lab, _)
    return paper.finish()


def _head(paper: Paper, lab: Lab, translate: Translate) -> float:
    _ = translate
    top = paper.fitted(LEFT, TOP + 3, RIGHT - LEFT, lab.school, Style(9, 7, lines=2)) + 2
    paper.rule(LEFT, top, RIGHT, top, 0.5)
    paper.fitted(LEFT, top + 9, 132, _("Seat map of the language lab"), Style(17, 12, Face.BOLD))
    made = _("as of {date}, {time:%H:%M}").format(date=date_text(lab.made.date(), _), time=lab.made)
    words = _("Ready: {ready} of {all} workstations").format(ready=ready(lab.main), all=len(lab.main))
    if lab.reserves:
        spare = _("reserves: {ready} of {all}")
        words += " · " + spare.format(ready=ready(lab.reserves), all=len(lab.reserves))
    y = paper.fitted(LEFT, top + 15.5, 132, words, Style(11, 8, Face.BOLD))
    paper.fitted(LEFT, y + 5, 132, made, Style(10, 8))
    paper.text(160, top + 5.5, _("Room"), 9)
    paper.fitted(160, top + 17.5, RIGHT - 160, lab.room, Style(40, 10, Face.BOLD))
    return top + 26


def _place(paper: Paper, cell: Area, label: str) -> None:
    """A seat without a workstation."""
    paper.box(cell)
    paper.in_cell(cell, label, Style(11, 5, align="centre"), pad=0.5)


def _station(paper: Paper, cell: Area, station: Station, translate: Translate) -> None:
    """Sign and label, and below them in words how it stands; a heavy frame where somebody must act."""
    x, y, width, height = cell
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    paper.shape(corners, TINTS[station.mark])
    paper.box(cell, 0.5 if station.mark in _GOOD else 2.0)
    roomy = width >= _ROOMY[0] and height >= _ROOMY[1]
    upper = height * 0.46 if roomy else height
    size = min(upper * 0.62, width * 0.3, 11.0)
    sign(paper, station.mark, x + width * 0.24, y + upper / 2, size)
    label = Area(x + width * 0.42, y, width * 0.56, upper)
    paper.in_cell(label, station.seat, Style(20, 6, Face.BOLD, align="centre"), pad=0.5)
    if roomy:
        _words(paper, Area(x, y + upper, width, height - upper), station, translate)


def _words(paper: Paper, area: Area, station: Station, translate: Translate) -> None:
    _ = translate
    step = area.height / 4
    style = Style(9.5, 6.5, Face.BOLD, lines=2, align="centre", leading=1.1)
    paper.in_cell(
        Area(area.x, area.y - step * 0.2, area.width, step * 1.4), word(station.mark, _), style, pad=1
    )
    if station.faults:
        titles = list(dict.fromkeys(fault.title for fault in station.faults))
        more = f" +{len(titles) - 1}" if len(titles) > 1 else ""
        style = Style(8, 6, lines=2, align="centre", leading=1.12)
        paper.in_cell(
            Area(area.x, area.y + step * 1.2, area.width, step * 1.6), titles[0] + more, style, pad=1
        )
    if station.reserve:
        bottom = Area(area.x, area.y + step * 2.8, area.width, step)
        paper.in_cell(bottom, _("reserve"), Style(9, 6, Face.BOLD_ITALIC, align="centre"), pad=1)


def _legend(paper: Paper, lab: Lab, translate: Translate) -> None:
    """Every sign with its word and how many there are."""
    _ = translate
    top = BOTTOM - _LEGEND + 6
    paper.rule(LEFT, top - 4, RIGHT, top - 4, 0.5)
    column = (RIGHT - LEFT) / 4
    for number, mark in enumerate(Mark):
        x, y = LEFT + number % 4 * column, top + 3 + number // 4 * 9
        count = sum(station.mark is mark for station in lab.stations)
        sign(paper, mark, x + 3, y, 5)
        words = f"{word(mark, _)}: {count}"
        face = Face.BOLD if count else Face.SANS
        paper.fitted(x + 7.5, y + 1.3, column - 9, words, Style(9.5, 6.5, face))
    note = _(
        "A heavy frame: something is to be done, see the readiness protocol. A seat without a sign has no "
        "computer for the exam."
    )
    paper.fitted(LEFT, top + 20, RIGHT - LEFT, note, Style(8, 6.5))
