"""Steps of the procedure that people signed off, in the ledger: role and initials, never a name.

A member of staff is known to the school by role and initials; the whole name is no business of a record that
is exported and shown to inspectors.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from provision.ledger.store import Draft, Ledger

KIND, WITHDRAWN = "day-signed", "day-withdrawn"
"""Kinds of events; the subject is the step, "D1@2027-04-15", or "P1" for one that is done once."""


@dataclass(frozen=True, slots=True)
class Signoff:
    """Somebody said that a step is done. ``way``: "word", or "passphrase" for one that was proved by it."""

    role: str
    initials: str
    way: str
    at: dt.datetime


def record(ledger: Ledger, subject: str, role: str, initials: str, way: str) -> None:
    """Write it down; returns when it is on disk."""
    ledger.append(Draft(KIND, subject, {"role": role, "initials": initials, "way": way}))


def withdraw(ledger: Ledger, subject: str, role: str, initials: str) -> None:
    """Take back what was signed for a step; the record keeps both."""
    ledger.append(Draft(WITHDRAWN, subject, {"role": role, "initials": initials}))


def signoffs(ledger: Ledger) -> Mapping[str, tuple[Signoff, ...]]:
    """Subject -> what is signed and not withdrawn, in order."""
    found: dict[str, tuple[Signoff, ...]] = {}
    for event in ledger.events([KIND, WITHDRAWN]):
        if event.kind == WITHDRAWN:
            found.pop(event.subject, None)
            continue
        body = event.body
        at = dt.datetime.fromisoformat(event.at)
        one = Signoff(body["role"], body["initials"], body["way"], at)
        found[event.subject] = (*found.get(event.subject, ()), one)
    return found
