"""Steps of the procedure that people signed off, in the ledger: role and initials, never a name.

A member of staff is known to the school by role and initials; the whole name is no business of a record that
is exported and shown to inspectors.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from provision.ledger.store import Draft, Ledger

KIND, WITHDRAWN = "day-signed", "day-withdrawn"
"""Kinds of events; the subject is the step, "D1@2027-04-15", or "P1" for one that is done once."""
WORD, PASSPHRASE = "word", "passphrase"
"""Ways to sign."""
MAX_NAME = 100
_INITIALS = 3
_PART = re.compile(r"[^\W\d_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Signoff:
    """Somebody said that a step is done. ``way``: WORD, or PASSPHRASE for one that was proved by it; then
    ``person`` is whose it was, an id (:mod:`provision.ledger.people`)."""

    role: str
    initials: str
    way: str
    at: dt.datetime
    person: str = ""


def initials(name: str) -> str:
    """What the record keeps of a name: "Петрова Анна Ивановна" and "Петрова А.И." give "П.А.И."; nothing
    when it is no name."""
    parts = _PART.findall(name[:MAX_NAME].replace("-", ""))
    if len(parts) == 1 and parts[0].isupper() and len(parts[0]) <= _INITIALS:
        parts = [*parts[0]]  # initials already: ПАИ
    return "".join(f"{part[0].upper()}." for part in parts[:_INITIALS])


def record(ledger: Ledger, subject: str, role: str, short: str, way: str, person: str = "") -> None:
    """Write it down, with initials; returns when it is on disk."""
    ledger.append(Draft(KIND, subject, {"role": role, "initials": short, "way": way, "person": person}))


def withdraw(ledger: Ledger, subject: str, role: str, short: str) -> None:
    """Take back what was signed for a step; the record keeps both."""
    ledger.append(Draft(WITHDRAWN, subject, {"role": role, "initials": short}))


def signoffs(ledger: Ledger) -> Mapping[str, tuple[Signoff, ...]]:
    """Subject -> what is signed and not withdrawn, in order."""
    found: dict[str, tuple[Signoff, ...]] = {}
    for event in ledger.events([KIND, WITHDRAWN]):
        if event.kind == WITHDRAWN:
            found.pop(event.subject, None)
            continue
        body = event.body
        at = dt.datetime.fromisoformat(event.at)
        one = Signoff(body["role"], body["initials"], body["way"], at, body.get("person", ""))
        found[event.subject] = (*found.get(event.subject, ()), one)
    return found
