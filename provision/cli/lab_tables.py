"""What came of a lab: what is not well, in a table with its cure; and all of it as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.markup import escape
from rich.table import Table

from labcheck.errors import LabcheckError
from labcheck.failure import finding_of
from labcheck.finding import TITLES, Check, Finding
from labcheck.outcome import Outcome
from labcheck.visit import Visited
from provision.cli.lab_summary import OUTCOME_WORDS
from provision.cli.screen import table
from provision.errors import N_
from provision.labstatus import LabState, LabStatus, ready_of
from provision.locale import gettext as _
from provision.site.model import Room


def shortly(finding: Finding, seat: str) -> str:
    """ "Memory: 3.8 GB (demanded: at least 4 GB)"."""
    measured = finding.said_at(seat, _)
    text = _("{check}: {found}").format(check=_(TITLES[finding.check]), found=measured or "—")
    limit = finding.limit.said(_)
    return _coded(_("{text} (demanded: {limit})").format(text=text, limit=limit) if limit else text, finding)


def _coded(text: str, finding: Finding) -> str:
    """With the code of the cause behind, which docs/headsets.md explains."""
    return f"{text} [{finding.cause.value}]" if finding.cause else text


def trouble(error: LabcheckError, seat: str) -> str:
    """An error in a line, with its cure."""
    finding = finding_of(error)
    return f"{finding.said_at(seat, _)} — {finding.remedy.said(_)}"


def verdict_line(lab: LabStatus) -> str:
    """ "Room 204: READY 11 of 12, reserves 2 of 2", with colour."""
    ready, of = ready_of(lab.main)
    spare, spares = ready_of(lab.reserves)
    words = _("READY {ready} of {of}, reserves {spare} of {spares}").format(
        ready=ready, of=of, spare=spare, spares=spares
    )
    style = "bold green" if lab.state is LabState.READY else "bold red"
    room = _("Room {room}").format(room=lab.room.number)
    return f"{escape(room)}: [{style}]{words}[/]"


def trouble_table(room: Room, visited: Sequence[Visited]) -> Table | None:
    """One line for everything that is not well; None when all is."""
    rows = []
    for one in visited:
        word, style = OUTCOME_WORDS[one.outcome]
        wrong = [finding for finding in one.findings if finding.outcome is not Outcome.PASS]
        first = (f"{room.number}-{one.seat}", f"[{style}]{_(word)}[/]")
        for _same, alike in groupby(
            wrong, key=lambda finding: (finding.measured, finding.remedy, finding.cause)
        ):
            what, remedy = _together(tuple(alike), one.seat)
            rows.append((*first, escape(what), escape(remedy)))
            first = ("", "")
        if not wrong and not one.outcome.good:
            rows.append((*first, _("nothing is demanded, so nothing was checked"), ""))
    if not rows:
        return None
    return table(_("To be seen to"), (N_("seat"), N_("state"), N_("what"), N_("what to do")), rows)


def _together(alike: tuple[Finding, ...], seat: str) -> tuple[str, str]:
    """What is wrong and what to do, of checks that say the same: each is named, what they say stands once."""
    first = alike[0]
    remedy = first.remedy.said(_)
    if len(alike) == 1:
        return shortly(first, seat), remedy
    checks = ", ".join(_(TITLES[finding.check]) for finding in alike)
    text = _("{check}: {found}").format(check=checks, found=first.said_at(seat, _) or "—")
    return _coded(text, first), remedy


def lab_lines(visited: Sequence[Visited], *, installs: bool) -> Iterator[str]:
    """Who is ready, and where something was changed."""
    ready = [one.seat for one in visited if one.outcome.good]
    if ready:
        yield escape(_("Ready: {seats}").format(seats=", ".join(ready)))
    changed = [one.seat for one in visited if one.changed and _program_is_well(one)]
    if changed:
        text = _("Exam program installed or put right now: {seats}")
        yield escape(text.format(seats=", ".join(changed)))
    elif installs and not any(one.changed for one in visited):
        yield escape(_("Exam program: nothing was changed anywhere."))


def _program_is_well(one: Visited) -> bool:
    """Whether what was changed is in order now; what is not stands in the table above."""
    of_program = [f.outcome.good for f in one.findings if f.check in {Check.SOFTWARE, Check.SOFTWARE_FILES}]
    return bool(of_program) and all(of_program)


def room_json(room: Room, visited: Sequence[Visited], lab: LabStatus) -> dict[str, Any]:
    """A room as data: this run's results, and how the lab stands with them."""
    ready, of = ready_of(lab.main)
    spare, spares = ready_of(lab.reserves)
    return {
        "room": room.number,
        "state": lab.state.value,
        "ready": ready,
        "of": of,
        "reserves_ready": spare,
        "reserves": spares,
        "workstations": seats_json(room, visited),
    }


def seats_json(room: Room, visited: Sequence[Visited]) -> list[dict[str, Any]]:
    """This run's results as data."""
    reserves = {station.seat for station in room.workstations if station.reserve}
    return [_seat_json(one, one.seat in reserves) for one in visited]


def _seat_json(one: Visited, reserve: bool) -> dict[str, Any]:
    return {
        "seat": one.seat,
        "reserve": reserve,
        "outcome": one.outcome.value,
        "changed": one.changed,
        "seconds": round(one.seconds, 2),
        "findings": [finding_json(finding, one.seat) for finding in one.findings],
    }


def finding_json(finding: Finding, seat: str) -> dict[str, Any]:
    """A finding as data, in the person's language."""
    return {
        "check": finding.check.value,
        "outcome": finding.outcome.value,
        "measured": finding.said_at(seat, _),
        "limit": finding.limit.said(_),
        "margin": None if finding.margin is None else round(finding.margin, 4),
        "remedy": finding.remedy.said(_),
        "cause": None if finding.cause is None else finding.cause.value,
        "confidence": finding.confidence,
    }
