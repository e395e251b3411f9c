"""A supplied list of room, seat and variant, for ``seating: list``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from provision.errors import N_, Problem, ProblemsError
from provision.site.names import normal_seat
from provision.site.table import Row, read_sheets

_HEADINGS = {
    "room": re.compile(r"(№\s*)?(аудитори[яи]|кабинета?|room)"),
    "seat": re.compile(r"(№\s*)?(мест[оа]|seat)"),
    "variant": re.compile(r"(№\s*)?(вариант(а|ы)?|variant)"),
}
HEADER_ROWS = 20
"""A heading is looked for in this many first rows."""


def read_seating_list(path: Path) -> Mapping[tuple[str, str], str]:
    """(room, seat) -> variant. Raises ProblemsError with every row that cannot be read."""
    rows = [row for sheet in read_sheets(path) for row in sheet.rows]
    header = next((row for row in rows if row.number <= HEADER_ROWS and _columns(row)), None)
    if header is None:
        what = N_("no row holds the headings room, seat and variant")
        raise ProblemsError(
            [Problem(path, 0, what, N_("Write Аудитория, Место, Вариант in the first row"), {})]
        )
    columns = _columns(header)
    found: dict[tuple[str, str], str] = {}
    problems: list[Problem] = []
    for row in rows[rows.index(header) + 1 :]:
        room, variant = row.cell(columns["room"]), row.cell(columns["variant"])
        seat = normal_seat(row.cell(columns["seat"]))
        if not room or not variant or seat is None:
            what = N_("the row names no room, seat and variant")
            problems.append(Problem(path, row.number, what, N_("Fill all three columns"), {}))
        elif (room, seat) in found:
            what = N_("seat {seat} of room {room} stands in the list already")
            params: dict[str, object] = {"seat": seat, "room": room}
            problems.append(Problem(path, row.number, what, N_("Leave one of the two rows"), params))
        else:
            found[room, seat] = variant
    if problems:
        raise ProblemsError(problems)
    return found


def _columns(row: Row) -> dict[str, int]:
    """Where the three headings stand in a row; empty when one is missing."""
    found = {
        name: column
        for column, text in enumerate(row.cells)
        for name, pattern in _HEADINGS.items()
        if pattern.fullmatch(text.strip().casefold())
    }
    return found if len(found) == len(_HEADINGS) else {}
