"""What went wrong at workstations during the exam, and what was put right from here, in the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from labcheck.fix import Fixed
from labcheck.incidents import Incident, Kind
from provision.ledger.lab import phrase_data, phrase_of
from provision.ledger.store import Draft, Ledger

KIND = "lab-incident"
FIX_KIND = "lab-fix"
"""Kinds of event; the subject is "ROOM/SEAT"."""


def record(ledger: Ledger, room: str, incidents: Sequence[Incident]) -> None:
    """Write down what began or ended; returns when it is on disk."""
    ledger.append(*(Draft(KIND, f"{room}/{incident.seat}", _body(incident)) for incident in incidents))


def recorded(ledger: Ledger, room: str) -> tuple[Incident, ...]:
    """Every incident of a room, each as it stands now, in the order noted."""
    found: dict[tuple[str, str, str], Incident] = {}
    for event in ledger.events([KIND]):
        number, _slash, seat = event.subject.rpartition("/")
        if number != room:
            continue
        body = event.body
        found[seat, body["what"], body["noted"]] = Incident(
            seat,
            Kind(body["what"]),
            dt.datetime.fromisoformat(body["noted"]),
            phrase_of(body["detail"]),
            dt.datetime.fromisoformat(body["ended"]) if body["ended"] else None,
        )
    return tuple(found.values())


def record_fix(ledger: Ledger, room: str, seat: str, fixed: Fixed) -> None:
    """Write down what was done at a workstation, and what the reading afterwards showed."""
    body = {
        "what": fixed.change.what.value,
        "said": phrase_data(fixed.change.said),
        "done": fixed.done,
        "after": phrase_data(fixed.after),
        "why": fixed.why.code if fixed.why else "",
    }
    ledger.append(Draft(FIX_KIND, f"{room}/{seat}", body))


def _body(incident: Incident) -> dict[str, object]:
    return {
        "what": incident.kind.value,
        "noted": incident.noted.isoformat(timespec="milliseconds"),
        "ended": incident.ended.isoformat(timespec="milliseconds") if incident.ended else "",
        "detail": phrase_data(incident.detail),
    }
