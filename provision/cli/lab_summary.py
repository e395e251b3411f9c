"""A language lab in the summary of the exams: a cell of the table, lines below it, and data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.markup import escape

from labcheck.outcome import Outcome
from provision.errors import N_
from provision.labstatus import LabState, LabStatus, SeatStatus, ready_of
from provision.locale import gettext as _

_SHOWN = 6
"""Seats that are named in a line; of more only how many."""

OUTCOME_WORDS = {
    Outcome.PASS: (N_("ready"), "green"),
    Outcome.WARN: (N_("ready, see remarks"), "green"),
    Outcome.NOT_CHECKED: (N_("not checked"), "yellow"),
    Outcome.FAIL: (N_("not ready"), "bold red"),
    Outcome.TIMED_OUT: (N_("no answer in time"), "bold red"),
    Outcome.UNREACHABLE: (N_("no connection"), "bold red"),
    Outcome.UNTRUSTED: (N_("not trusted"), "bold red"),
}
"""A seat's outcome in words, and its colour on the screen."""


def lab_cell(lab: LabStatus | None) -> str:
    """ "PCs 12/12": how many workstations are ready, reserves left out; empty where there is no lab."""
    if lab is None:
        return ""
    ready, of = ready_of(lab.main)
    colour = "green" if lab.state is LabState.READY else "yellow"
    words = _("PCs {ready}/{of}").format(ready=ready, of=of)
    return f"[{colour}]{words}[/]"


def lab_notes(exam: str, lab: LabStatus | None) -> Iterator[str]:
    """What is not well in an exam's lab, and the command that goes on; ``exam`` is its name, escaped."""
    if lab is None or lab.state is LabState.READY:
        return
    room = lab.room.number
    command = escape(f"labcheck --room {room}")
    lab_in = _("lab in room {room}").format(room=room)
    where = f"{exam}, {escape(lab_in)}"
    if lab.state is LabState.NOT_CHECKED:
        words = _("NOT CHECKED")
        yield f"[yellow]![/] {where}: {words} — {command}"
    elif lab.state is LabState.EARLIER:
        words = _("checked before, but not on the day of the exam with the present requirements")
        yield f"[yellow]![/] {where}: {words} — {command}"
    else:
        ready, of = ready_of(lab.main)
        spare, spares = ready_of(lab.reserves)
        words = _("READY {ready} of {of}, reserves {spare} of {spares}").format(
            ready=ready, of=of, spare=spare, spares=spares
        )
        yield f"[red]✗[/] {where}: {words}; {_troubles(lab)} — {command} --retry-failed"


def _troubles(lab: LabStatus) -> str:
    """ "not ready: 1А, 2Б; unreachable: 3В"."""
    parts = []
    for outcome in reversed(Outcome):
        seats = [seat.station.seat for seat in lab.seats if seat.outcome is outcome]
        if seats and not outcome.good:
            names = ", ".join(seats[:_SHOWN]) + (" …" if len(seats) > _SHOWN else "")
            parts.append(f"{_(OUTCOME_WORDS[outcome][0])}: {names}")
    return escape("; ".join(parts))


def lab_json(lab: LabStatus | None) -> dict[str, Any] | None:
    """The same as data; null where there is no lab."""
    if lab is None:
        return None
    return {
        "state": lab.state.value,
        "workstations": [_seat_json(seat) for seat in lab.seats],
    }


def _seat_json(seat: SeatStatus) -> dict[str, Any]:
    return {
        "seat": seat.station.seat,
        "reserve": seat.station.reserve,
        "outcome": seat.outcome.value,
        "checked_at": seat.checked.at.isoformat() if seat.checked else None,
    }
