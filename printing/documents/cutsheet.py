"""The cut-sheet: participant codes to cut apart and hand out.

The grid is 3 × 10 cells of exactly 60 × 26 mm. Cut marks stand in the margins only, so a cut that is a
little off leaves no line on a slip. The sheets are laid on each other, the first on top, and cut once; the
piles are put under each other from the upper left, row by row: the slips are then in seat order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from printing.documents.layout import date_text
from printing.documents.paper import Paper
from printing.documents.room import RoomSheet, SeatLine, Translate
from printing.documents.type import Face, Style, fit, text_width

COLUMNS, ROWS = 3, 10
CELL_WIDTH, CELL_HEIGHT = 60.0, 26.0
GRID_LEFT, GRID_TOP = 15.0, 22.0
"""Upper left corner of the grid, in mm from that of the sheet."""
PER_PAGE = COLUMNS * ROWS

_RIGHT = GRID_LEFT + COLUMNS * CELL_WIDTH
_GAP, _MARK = 2.0, 5.0
_PAD = 3.5
T = TypeVar("T")


def cut_sheet_pages(codes: int) -> int:
    """Sheets that so many codes take."""
    return -(-codes // PER_PAGE)


def cut_and_stack(items: Sequence[T]) -> list[list[T]]:
    """Spread ``items`` over sheets so that cell k of all sheets, from the first sheet down, is one pile.

    Piles 0, 1, 2 … put under each other give the items in their order.
    """
    pages = cut_sheet_pages(len(items))
    return [list(items[page::pages]) for page in range(pages)]


def cut_sheet(sheet: RoomSheet, translate: Translate, *, only: Collection[str] | None = None) -> bytes:
    """Cut-sheet of a room's codes, seats first and spares behind; ``only`` names the kits to take.

    A line without a code is left out: a spare kit whose code is written by hand. Raises ValueError when no
    code is left to print.
    """
    _ = translate
    everything = (*sheet.seats, *sheet.spares)
    lines = [line for line in everything if line.code and (only is None or line.kit in only)]
    if not lines:
        msg = "a cut-sheet needs at least one code"
        raise ValueError(msg)
    paper = Paper(_("Participant codes, room {room}").format(room=sheet.room))
    sheets = cut_and_stack(lines)
    for number, slips in enumerate(sheets, start=1):
        if number > 1:
            paper.next_page()
        _margin_text(paper, sheet, lines, number, len(sheets), _)
        _cut_marks(paper, len(sheets[0]))
        for cell, line in enumerate(slips):
            row, column = divmod(cell, COLUMNS)
            _slip(paper, GRID_LEFT + column * CELL_WIDTH, GRID_TOP + row * CELL_HEIGHT, sheet, line, _)
    return paper.finish()


def _margin_text(
    paper: Paper, sheet: RoomSheet, lines: Sequence[SeatLine], number: int, pages: int, translate: Translate
) -> None:
    """Above the grid and its marks: whose codes these are, and how many."""
    _ = translate
    spare = sum(line.spare for line in lines)
    count = _("Codes: {total} ({seats} + {spare} spare) · sheet {number} of {pages}").format(
        total=len(lines), seats=len(lines) - spare, spare=spare, number=number, pages=pages
    )
    if sheet.revision > 1:
        count = _("added later, earlier slips hold") + " · " + count
    room = _("Room {room}").format(room=sheet.room)
    what = " · ".join((room, sheet.class_name, date_text(sheet.date, _), sheet.subject))
    paper.text(_RIGHT, 10.5, count, 10, Face.BOLD, align="right")
    width = _RIGHT - GRID_LEFT - text_width(count, Face.BOLD, 10) - 5
    paper.fitted(GRID_LEFT, 10.5, width, what, Style(10, 7))


def _cut_marks(paper: Paper, cells: int) -> None:
    """Hairlines outside the grid, for the rows that are used."""
    rows = -(-cells // COLUMNS)
    bottom = GRID_TOP + rows * CELL_HEIGHT
    for row in range(rows + 1):
        y = GRID_TOP + row * CELL_HEIGHT
        paper.rule(GRID_LEFT - _GAP - _MARK, y, GRID_LEFT - _GAP, y)
        paper.rule(_RIGHT + _GAP, y, _RIGHT + _GAP + _MARK, y)
    for column in range(COLUMNS + 1):
        x = GRID_LEFT + column * CELL_WIDTH
        paper.rule(x, GRID_TOP - _GAP - _MARK, x, GRID_TOP - _GAP)
        paper.rule(x, bottom + _GAP, x, bottom + _GAP + _MARK)


def _slip(paper: Paper, x: float, y: float, sheet: RoomSheet, line: SeatLine, translate: Translate) -> None:
    """One slip: room and seat above, the code, the name if the site says so, and the exam beneath."""
    _ = translate
    width, centre, named = CELL_WIDTH - 2 * _PAD, x + CELL_WIDTH / 2, sheet.with_names
    place = _("SPARE") if line.spare else _("seat {seat}").format(seat=line.seat)
    paper.text(x + CELL_WIDTH - _PAD, y + 5.6, place, 9, Face.BOLD, align="right")
    room_width = width - text_width(place, Face.BOLD, 9) - 2
    paper.fitted(x + _PAD, y + 5.6, room_width, _("Room {room}").format(room=sheet.room), Style(9, 6))
    code = Style(24 if named else 32, 10, Face.MONO_BOLD, align="centre")
    paper.fitted(centre, y + (13.8 if named else 15.6), width, line.code, code)
    if named:
        paper.fitted(centre, y + 17.3, width, line.name, Style(8, 6, Face.BOLD, lines=2, align="centre"))
    what = f"{sheet.class_name} · " + _("part {part}").format(part=sheet.part) + f" · {sheet.subject}"
    if line.spare:
        what = _("kit {kit}").format(kit=line.kit) + " · " + what
    exam = Style(8, 6, lines=1 if named else 2, align="centre", leading=1.1)
    size, text = fit(what, exam, width)
    paper.lines(centre, y + 23.6 - (len(text) - 1) * 2.6, text, size, exam)
