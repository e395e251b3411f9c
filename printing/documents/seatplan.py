"""The plan of a room's seats, for its cover: rows and columns as the seats' labels say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from printing.documents.paper import Area, Paper
from printing.documents.room import SeatLine, Translate
from printing.documents.type import Face, Style

_LABEL = re.compile(r"(\d{1,2})([A-ZА-ЯЁ])")
_SMALLEST = (9.0, 4.8)
_LARGEST = (24.0, 11.0)
_BOARD = 6.0


def grid(seats: Sequence[SeatLine]) -> list[list[SeatLine | None]] | None:
    """Rows from the board, columns from its left; None when a label is not row and letter, or is there twice.

    Columns where nobody sits are left out; rows are all there, so that the plan can be counted off.
    """
    places: dict[tuple[int, str], SeatLine] = {}
    for seat in seats:
        match = _LABEL.fullmatch(seat.seat)
        if match is None or (key := (int(match[1]), match[2])) in places:
            return None
        places[key] = seat
    if not places:
        return None
    letters = sorted({letter for _, letter in places})
    last = max(row for row, _ in places)
    return [[places.get((row, letter)) for letter in letters] for row in range(1, last + 1)]


def draw(paper: Paper, seats: Sequence[SeatLine], area: Area, translate: Translate) -> bool:
    """Draw the plan into ``area``; False, and nothing drawn, when it cannot be read at that size."""
    _ = translate
    rows = grid(seats)
    if rows is None:
        return False
    width = min(_LARGEST[0], area.width / len(rows[0]))
    height = min(_LARGEST[1], (area.height - _BOARD) / len(rows))
    if width < _SMALLEST[0] or height < _SMALLEST[1]:
        return False
    board = Area(area.x, area.y, width * len(rows[0]), _BOARD - 1.5)
    paper.fill(board, 0.85)
    paper.in_cell(board, _("Board"), Style(8, 6, align="centre"))
    for row, line in enumerate(rows):
        for column, seat in enumerate(line):
            if seat is not None:
                cell = Area(area.x + column * width, area.y + _BOARD + row * height, width, height)
                _seat(paper, seat, cell, _)
    return True


def _seat(paper: Paper, seat: SeatLine, cell: Area, translate: Translate) -> None:
    """One seat: its label, and in small the variant that belongs on it, with "A3" for large print."""
    _ = translate
    x, y, width, height = cell
    paper.box(Area(x + 0.5, y + 0.5, width - 1, height - 1), 1.2 if seat.large_print else 0.4)
    note = _("v. {variant}").format(variant=seat.variant)
    if seat.large_print:
        note += " A3"
    paper.in_cell(Area(x, y, width * 0.52, height), seat.seat, Style(11, 6, Face.BOLD), pad=1.5)
    right = Area(x + width * 0.45, y, width * 0.55, height)
    paper.in_cell(right, note, Style(8, 4.5, align="right"), pad=1.5)
