"""The cover of a room's bundle: which room, what lies in it, who checked and opened it."""

from __future__ import annotations

from dataclasses import dataclass

from printing.documents import seatplan
from printing.documents.layout import LEFT, RIGHT, TOP, date_text, revision_notice
from printing.documents.paper import Area, Paper
from printing.documents.room import BundleCount, RoomSheet, Translate
from printing.documents.type import CAP_HEIGHT, Face, Style, fit

_WIDTH = RIGHT - LEFT
_SIGNATURES = 252.0
_ROW = 7.2
_POINT = 25.4 / 72


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the table; ``sheets`` None shares the number of the line above."""

    what: str
    pieces: str
    sheets: int | None


def cover(sheet: RoomSheet, count: BundleCount, translate: Translate) -> bytes:
    """The cover: always one page."""
    _ = translate
    paper = Paper(_("Cover, room {room}").format(room=sheet.room))
    y = _head(paper, sheet, _)
    if sheet.revision > 1:
        notice = _("Revision {revision}: replaces the earlier cover; kits printed before stay in the bundle")
        y = revision_notice(paper, y + 3, notice.format(revision=sheet.revision))
    y = _table(paper, y + 6, _rows(count, _), count.total, _)
    y = _large_print(paper, y + 6, sheet, _)
    y = _void(paper, y + 3, sheet, _)
    _below(paper, y, sheet, _)
    _signatures(paper, _)
    return paper.finish()


def _head(paper: Paper, sheet: RoomSheet, translate: Translate) -> float:
    """School, the room number that is read across a corridor, the exam; returns where it ends."""
    _ = translate
    y = paper.fitted(LEFT, TOP + 3, _WIDTH, sheet.school, Style(10, 7.5, lines=2)) + 2.5
    paper.rule(LEFT, y, RIGHT, y, 1)
    paper.text(LEFT, y + 7, _("Room"), 14)
    size, room = fit(sheet.room, Style(120, 24, Face.BOLD), 108)
    base = y + 12 + max(20.0, CAP_HEIGHT * size * _POINT)
    bearing = 0.014 * size if room[0][0].isdigit() else 0.0  # the white at a figure's left shows at this size
    paper.text(LEFT - bearing, base, room[0], size, Face.BOLD)
    facts = (
        (_("Class"), sheet.class_name, 136.0, 0),
        (_("Part"), str(sheet.part), 174.0, 0),
        (_("Date"), date_text(sheet.date, _), 136.0, 20),
        (_("Start"), f"{sheet.start:%H:%M}", 174.0, 20),
    )
    for label, value, x, down in facts:
        paper.text(x, y + 7 + down, label, 10)
        paper.fitted(x, y + 15 + down, 36 if x < 150 else 26, value, Style(19, 9, Face.BOLD))
    y = max(base, y + 35)
    return paper.fitted(LEFT, y + 12, _WIDTH, sheet.subject, Style(24, 13, Face.BOLD, lines=3)) + 2


def _rows(count: BundleCount, translate: Translate) -> list[_Row]:
    """What lies in the bundle, in its order; a document that is not there has no line."""
    _ = translate
    codes = str(count.codes)
    if count.spare_codes:
        codes = _("{seats} + {spare} spare").format(seats=count.codes, spare=count.spare_codes)
    rows = [
        _Row(_("Cover"), "1", 1),
        _Row(_("Individual kits, in the order of seats"), str(count.kits), count.kit_sheets),
    ]
    if count.spare_kits:
        rows.append(_Row(_("Spare kits"), str(count.spare_kits), None))
    if count.briefing_sheets:
        rows.append(_Row(_("Briefing for the invigilators to read out"), "1", count.briefing_sheets))
    if count.protocol_sheets:
        rows.append(_Row(_("Paper protocol"), "1", count.protocol_sheets))
    if count.cut_sheets:
        rows.append(_Row(_("Participant codes to cut apart"), codes, count.cut_sheets))
    return rows


def _table(paper: Paper, y: float, rows: list[_Row], total: int, translate: Translate) -> float:
    """The table with a box to tick on each line; returns where it ends."""
    _ = translate
    what_x, pieces_x, sheets_x = LEFT + 10, 166.0, RIGHT - 1.5
    paper.text(LEFT, y, _("In the bundle, from top to bottom"), 12, Face.BOLD)
    paper.text(pieces_x, y, _("pieces"), 9, align="right")
    paper.text(sheets_x, y, _("sheets"), 9, align="right")
    y += 2.2
    paper.rule(LEFT, y, RIGHT, y, 1)
    for number, row in enumerate(rows):
        base = y + 5.2
        paper.box(Area(LEFT + 1.5, y + 1.5, 4.2, 4.2), 0.8)
        paper.fitted(what_x, base, 105, row.what, Style(12, 8))
        paper.text(pieces_x, base, row.pieces, 12, Face.BOLD, align="right")
        shared = number + 1 < len(rows) and rows[number + 1].sheets is None
        if row.sheets is not None:
            middle = base + (_ROW / 2 if shared else 0)
            paper.text(sheets_x, middle, str(row.sheets), 12, Face.BOLD, align="right")
        y += _ROW
        paper.rule(LEFT, y, 172 if shared else RIGHT, y)
    paper.rule(LEFT, y, RIGHT, y, 1)
    paper.text(what_x, y + 5.6, _("Sheets in all"), 12, Face.BOLD)
    paper.text(sheets_x, y + 5.6, str(total), 14, Face.BOLD, align="right")
    return y + _ROW


def _large_print(paper: Paper, y: float, sheet: RoomSheet, translate: Translate) -> float:
    """Which kits are on A3; returns where it ends, ``y`` less its gap when there are none."""
    _ = translate
    large = [line for line in (*sheet.seats, *sheet.spares) if line.large_print]
    if not large:
        return y - 3
    in_seat = _("seat {seat}")
    kits = ", ".join(
        f"{line.kit} ({in_seat.format(seat=line.seat)})" if line.seat else line.kit for line in large
    )
    text = _("Large print, on A3: {kits}").format(kits=kits)
    return paper.fitted(LEFT, y, _WIDTH, text, Style(11, 7, Face.BOLD, lines=3)) + 3


def _void(paper: Paper, y: float, sheet: RoomSheet, translate: Translate) -> float:
    """Which kits do not belong to the bundle any more; returns where it ends, ``y`` less its gap if none."""
    _ = translate
    if not sheet.void:
        return y - 3
    text = _("Not valid, take out and put away: kits and codes {kits}").format(kits=", ".join(sheet.void))
    return paper.fitted(LEFT, y, _WIDTH, text, Style(11, 7, Face.BOLD, lines=3)) + 3


def _below(paper: Paper, y: float, sheet: RoomSheet, translate: Translate) -> None:
    """The seat plan and the reminder side by side; the reminder alone where the plan cannot be read."""
    _ = translate
    box_width, top = 62.0, y + 7
    area = Area(LEFT, top, _WIDTH - box_width - 8, _SIGNATURES - 7 - top)
    planned = seatplan.draw(paper, sheet.seats, area, _)
    if planned:
        paper.text(LEFT, y + 4, _("Seats and variants"), 12, Face.BOLD)
    x, width = (RIGHT - box_width, box_width) if planned else (LEFT, _WIDTH)
    text = _(
        "Using mobile phones and other means of communication, photo and video equipment, portable and "
        "pocket computers."
    )
    style = Style(11, 8, lines=9, leading=1.25)
    size, lines = fit(text, style, width - 8)
    paper.box(Area(x, y + 1, width, 12 + len(lines) * size * style.leading * _POINT), 1.5)
    paper.text(x + 4, y + 7.5, _("Forbidden in the room"), 12, Face.BOLD)
    paper.lines(x + 4, y + 13.5, lines, size, style)


def _signatures(paper: Paper, translate: Translate) -> None:
    """Who checked the bundle and who opened it, when."""
    _ = translate
    for number, who in enumerate((_("Bundle checked by"), _("Bundle opened in the room by"))):
        y = _SIGNATURES + 13 * (number + 1)
        paper.fitted(LEFT, y - 1, 48, who, Style(10, 8))
        paper.signature(70, y, 62, _("full name"))
        paper.signature(136, y, 34, _("signature"))
        paper.signature(174, y, 26, _("time"))
