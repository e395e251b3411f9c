"""Which workstations answer, as tables and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from labcheck.reach import REMEDIES, Reach, Reached
from provision.cli.tables import right, table
from provision.errors import N_
from provision.locale import gettext as _

_WORDS = {
    Reach.ANSWERS: (N_("answers"), "cyan"),
    Reach.NOT_SSH: (N_("no SSH"), "red"),
    Reach.REFUSED: (N_("refused"), "red"),
    Reach.TIMED_OUT: (N_("timed out"), "red"),
    Reach.UNREACHABLE: (N_("unreachable"), "red"),
    Reach.NO_SUCH_HOST: (N_("no such host"), "red"),
}

Found = Mapping[str, Sequence[Reached]]


def reach_tables(found: Found) -> Iterator[Table]:
    """One table per room; those that do not answer first. Nothing is green: an answer is no readiness."""
    headings = (N_("seat"), N_("workstation"), N_("network"), right(N_("ms")), N_("what to do"))
    for room, seats in found.items():
        rows = []
        for one in sorted(seats, key=lambda s: s.reach is Reach.ANSWERS):
            word, style = _WORDS[one.reach]
            reserve = _("reserve")
            seat = f"{one.target.seat} ({reserve})" if one.target.reserve else one.target.seat
            remedy = REMEDIES.get(one.reach)
            rows.append(
                (
                    seat,
                    escape(f"{one.target.host}:{one.target.port}"),
                    f"[{style}]{_(word)}[/]",
                    f"{one.milliseconds:.0f}",
                    escape(_(remedy)) if remedy else _("not checked yet: software and sound"),
                )
            )
        answering = sum(1 for one in seats if one.reach is Reach.ANSWERS)
        title = _("Room {room}: {answering} of {all} answer").format(
            room=room, answering=answering, all=len(seats)
        )
        yield table(title, headings, rows)


def reach_json(found: Found) -> dict[str, Any]:
    """The same as data; ``checked`` says how far the check went."""
    return {
        "checked": ["network"],
        "not_checked": ["software", "sound"],
        "rooms": [
            {
                "room": room,
                "workstations": [
                    {
                        "seat": one.target.seat,
                        "reserve": one.target.reserve,
                        "network": str(one.reach),
                        "milliseconds": round(one.milliseconds, 1),
                    }
                    for one in seats
                ],
            }
            for room, seats in found.items()
        ],
    }
