"""The paper protocol of a room: who sat where with which code and variant, and who answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from printing.documents.layout import (
    BOTTOM,
    FURTHER_TOP,
    LEFT,
    RIGHT,
    footer,
    heading,
    revision_notice,
    running_head,
)
from printing.documents.paper import HAIRLINE, Area, Paper
from printing.documents.room import RoomSheet, SeatLine, Translate
from printing.documents.type import Face, Style

_WIDTHS = (8.0, 13.0, 19.0, 23.0, 13.0, 52.0, 13.0, 17.0, 22.0)
"""Columns: number, seat, kit, code, variant, name, presence, signature, notes; 180 mm together."""
_EDGES = tuple(accumulate(_WIDTHS, initial=LEFT))
_PRESENCE = 6
_STYLES = (
    Style(9, 7, align="centre"),
    Style(10, 6, Face.BOLD, align="centre"),
    Style(10, 6, lines=2, align="centre"),
    Style(12, 6, Face.MONO_BOLD, align="centre"),
    Style(10, 6, align="centre"),
    Style(9.5, 5.5, lines=2, leading=1.12),
    Style(9, 7),
    Style(9, 7),
    Style(8, 5.5, lines=2, leading=1.12),
)
_COLUMN_HEAD, _GROUP = 9.0, 6.5
_TALLEST, _LOWEST, _STEP = 9.0, 7.0, 0.25
_END = 40.0
"""Height of the counts and signatures."""


@dataclass(frozen=True, slots=True)
class _Group:
    """The line between the seats and the spare kits."""


_Item = SeatLine | _Group


def protocol(sheet: RoomSheet, translate: Translate) -> bytes:
    """The protocol, as many pages as it takes, the last one with the signatures."""
    _ = translate
    title = _("Protocol")
    paper = Paper(_("Protocol, room {room}").format(room=sheet.room))
    y = heading(paper, sheet, title, _)
    if sheet.revision > 1:
        notice = _("Revision {revision}: replaces the protocol printed before")
        y = revision_notice(paper, y, notice.format(revision=sheet.revision)) + 3
    pages, height = _paginate(sheet, BOTTOM - y, BOTTOM - FURTHER_TOP)
    number = 0
    for page, items in enumerate(pages, start=1):
        if page > 1:
            paper.next_page()
            y = running_head(paper, sheet, title, _)
        y = _column_heads(paper, y, _)
        for item in items:
            if isinstance(item, _Group):
                y = _group(paper, y, _("Spare kits: enter the name when one is handed out"))
            else:
                number += 1
                y = _row(paper, y, height, _cells(number, item, sheet.with_names, _))
        paper.rule(LEFT, y, RIGHT, y, 0.8)
        footer(paper, sheet, page, len(pages), _)
    _end(paper, y, bool(sheet.spares), _)
    return paper.finish()


def _paginate(sheet: RoomSheet, first: float, further: float) -> tuple[list[list[_Item]], float]:
    """Spread the lines over a page of ``first`` mm and further ones, rows as tall as the fewest pages allow.

    Returns the pages and the height of a row.
    """
    items: list[_Item] = [*sheet.seats]
    if sheet.spares:
        items += [_Group(), *sheet.spares]
    steps = round((_TALLEST - _LOWEST) / _STEP)
    heights = [_TALLEST - step * _STEP for step in range(steps + 1)]
    tries = [(_spread(items, height, first, further), height) for height in heights]
    return min(tries, key=lambda found: len(found[0]))


def _spread(items: list[_Item], height: float, first: float, further: float) -> list[list[_Item]]:
    """Fill page after page; a group line keeps its first row, the signatures at least two rows."""
    pages: list[list[_Item]] = [[]]
    room = first - _COLUMN_HEAD
    for item in items:
        own = _GROUP if isinstance(item, _Group) else height
        if room < own + (height if isinstance(item, _Group) else 0):
            pages.append([])
            room = further - _COLUMN_HEAD
        pages[-1].append(item)
        room -= own
    if room < _END:
        last = pages[-1]
        cut = max(0, len(last) - 2)
        if cut and isinstance(last[cut - 1], _Group):
            cut -= 1
        pages[-1:] = [last[:cut], last[cut:]]
    return pages


def _column_heads(paper: Paper, y: float, translate: Translate) -> float:
    """The heads of the columns, on every page; returns where they end."""
    _ = translate
    heads = (
        _("No."),
        _("Seat"),
        _("Kit"),
        _("Participant code"),
        _("Variant"),
        _("Full name of the participant"),
        _("Present"),
        _("Signature"),
        _("Notes"),
    )
    style = Style(8, 6, Face.BOLD, lines=2, align="centre")
    paper.fill(Area(LEFT, y, RIGHT - LEFT, _COLUMN_HEAD), 0.9)
    for x, width, head in zip(_EDGES, _WIDTHS, heads, strict=False):
        paper.in_cell(Area(x, y, width, _COLUMN_HEAD), head, style, pad=0.6)
    paper.rule(LEFT, y, RIGHT, y, 0.8)
    paper.rule(LEFT, y + _COLUMN_HEAD, RIGHT, y + _COLUMN_HEAD, 0.8)
    _uprights(paper, y, _COLUMN_HEAD)
    return y + _COLUMN_HEAD


def _uprights(paper: Paper, y: float, height: float) -> None:
    for x in _EDGES:
        paper.rule(x, y, x, y + height, 0.8 if x in (LEFT, RIGHT) else HAIRLINE)


def _group(paper: Paper, y: float, text: str) -> float:
    paper.fill(Area(LEFT, y, RIGHT - LEFT, _GROUP), 0.9)
    paper.in_cell(Area(LEFT, y, RIGHT - LEFT, _GROUP), text, Style(9, 7, Face.BOLD))
    for x in (LEFT, RIGHT):
        paper.rule(x, y, x, y + _GROUP, 0.8)
    paper.rule(LEFT, y + _GROUP, RIGHT, y + _GROUP)
    return y + _GROUP


def _cells(number: int, line: SeatLine, with_names: bool, translate: Translate) -> tuple[str, ...]:
    """What stands in a row; what the application does not know is left blank for the pen."""
    _ = translate
    notes = [_("spare")] if line.spare else []
    if line.large_print:
        notes.append(_("large print, A3"))
    name = line.name if with_names else ""
    return (str(number), line.seat, line.kit, line.code, line.variant, name, "", "", ", ".join(notes))


def _row(paper: Paper, y: float, height: float, cells: tuple[str, ...]) -> float:
    for x, width, text, style in zip(_EDGES, _WIDTHS, cells, _STYLES, strict=False):
        paper.in_cell(Area(x, y, width, height), text, style)
    side = 4.4
    x = _EDGES[_PRESENCE] + (_WIDTHS[_PRESENCE] - side) / 2
    paper.box(Area(x, y + (height - side) / 2, side, side), 0.7)
    _uprights(paper, y, height)
    paper.rule(LEFT, y + height, RIGHT, y + height)
    return y + height


def _end(paper: Paper, y: float, spares: bool, translate: Translate) -> None:
    """Counts to fill in, and the invigilators' signatures."""
    _ = translate
    blanks = [_("Present:"), _("Absent:"), _("Kits returned:"), _("Kits spoiled:")]
    if spares:
        blanks.append(_("Spare kits used:"))
    y += 9
    width = (RIGHT - LEFT) / len(blanks)
    for number, label in enumerate(blanks):
        x = LEFT + number * width
        paper.fitted(x, y, width - 13, label, Style(9, 6.5))
        paper.rule(x + width - 12.5, y + 0.6, x + width - 2.5, y + 0.6, 0.5)
    for who in (_("Invigilator"), _("Invigilator")):
        y += 13
        paper.text(LEFT, y - 1, who, 10)
        paper.signature(70, y, 70, _("full name"))
        paper.signature(146, y, 54, _("signature"))
