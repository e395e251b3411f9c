"""What people said of printers' test pages, kept in the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from provision.ledger.store import Draft, Ledger

KIND = "judged"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's judgement of a printer's test page, and when it was given (UTC)."""

    good: bool
    who: str
    note: str
    at: dt.datetime


def judgements(ledger: Ledger) -> Mapping[str, Judgement]:
    """Printer -> the last judgement of it."""
    return {
        event.subject: Judgement(
            bool(event.body["good"]),
            event.body["who"],
            event.body["note"],
            dt.datetime.fromisoformat(event.at),
        )
        for event in ledger.events([KIND])
    }


def record(ledger: Ledger, printer: str, *, good: bool, who: str, note: str) -> None:
    """Write down a judgement."""
    ledger.append(Draft(KIND, printer, {"good": good, "who": who, "note": note}))
