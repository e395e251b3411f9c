"""The print journal as tables, as data and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from printing.documents.happened import Line, RoomSum
from provision.cli.tables import right, table
from provision.errors import N_
from provision.locale import gettext as _
from provision.locale import translator
from provision.printjournal import Account, Happening
from provision.printjournal.words import on_paper
from provision.site.model import School


def journal_tables(account: Account) -> Iterator[Table]:
    """What happened, exam by exam, then the sums of each room."""
    for section in on_paper(account, "", _).sections:
        rows: list[tuple[str, ...]] = []
        for day, lines in groupby(section.lines, key=lambda line: line.at.date()):
            rows.append((f"{day:%d.%m}", *[""] * 6))
            rows += map(_cells, lines)
        headings = (
            N_("time"),
            N_("room"),
            N_("what was done"),
            N_("printer"),
            right(N_("sheets")),
            N_("outcome"),
            N_("who"),
        )
        yield table(section.title, headings, rows)
    sums = [
        (
            escape(one.exam),
            one.room,
            "—" if one.planned is None else str(one.planned),
            *map(str, (one.printed, one.additional, one.spoiled, one.in_room, one.others, one.unknown)),
        )
        for one in account.sums
    ]
    columns = (
        N_("exam"),
        N_("room"),
        right(N_("planned")),
        right(N_("printed")),
        right(N_("of these additional")),
        right(N_("spoiled")),
        right(N_("in the room")),
        right(N_("other papers")),
        right(N_("of unknown fate")),
    )
    yield table(_("Sheets of the kits (individual and spare)"), columns, sums)


def _cells(line: Line) -> tuple[str, ...]:
    sheets = "" if line.sheets is None else str(line.sheets)
    words = (line.room, line.what, line.printer, sheets, line.outcome, line.who)
    return (f"{line.at:%H:%M:%S}", *map(escape, words))


def journal_json(account: Account) -> dict[str, Any]:
    """The journal as data; kits by number, never by code."""
    return {
        "made": account.made.isoformat(timespec="seconds"),
        "events": account.events,
        "hash": account.last_hash,
        "rooms": [_sum_json(one) for one in account.sums],
        "lines": [_line_json(happening) for happening in account.happenings],
    }


def write_pdf(path: Path, account: Account, school: School) -> None:
    """The journal in the language of the site's papers. Raises OSError where it cannot be written."""
    from printing.documents.journal import journal  # noqa: PLC0415 - draws: reportlab

    translate = translator(school.language)
    path.write_bytes(journal(on_paper(account, school.name, translate), translate))


def _sum_json(one: RoomSum) -> dict[str, Any]:
    return {
        "exam": one.exam,
        "room": one.room,
        "planned": one.planned,
        "printed": one.printed,
        "additional": one.additional,
        "spoiled": one.spoiled,
        "in_room": one.in_room,
        "others": one.others,
        "unknown": one.unknown,
    }


def _line_json(happening: Happening) -> dict[str, Any]:
    return {
        "at": happening.at.isoformat(timespec="milliseconds"),
        "act": str(happening.act),
        "exam": happening.exam,
        "room": happening.room,
        "what": str(happening.what or ""),
        "kits": list(happening.kits),
        "pages": list(happening.pages),
        "copy": happening.copy,
        "printer": happening.printer,
        "sheets": happening.sheets,
        "state": str(happening.state or ""),
        "reason": happening.reason,
        "who": happening.who,
        "authorised_by": happening.authorised_by,
        "good": happening.good,
    }
