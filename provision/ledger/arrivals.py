"""Downloads that were taken in, in the ledger: what they are and where they went; no names of files."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from provision.intake.model import Kind
from provision.ledger.store import Draft, Ledger

KIND = "arrived"
"""Kind of event; the subject is the file's SHA-256."""
INBOX, VAULT = "inbox", "vault"
"""Where it went."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A download that was taken in. ``where``: inbox or vault; ``plain_gone``: the copy among the downloads
    was removed, and it was looked that it is."""

    sha256: str
    kind: Kind
    exams: tuple[str, ...]
    where: str
    plain_gone: bool
    at: dt.datetime
    item: str = ""
    """The vault's, if it went there."""


def record(
    ledger: Ledger,
    sha256: str,
    kind: Kind,
    exams: tuple[str, ...],
    where: str,
    *,
    plain_gone: bool,
    item: str = "",
) -> None:
    """Write it down; returns when it is on disk."""
    body = {"kind": kind.value, "exams": list(exams), "where": where, "plain_gone": plain_gone, "item": item}
    ledger.append(Draft(KIND, sha256, body))


def arrived(ledger: Ledger) -> tuple[Arrived, ...]:
    """All that was taken in, in order."""
    return tuple(
        Arrived(
            event.subject,
            Kind(event.body["kind"]),
            tuple(event.body["exams"]),
            event.body["where"],
            event.body["plain_gone"],
            dt.datetime.fromisoformat(event.at),
            event.body.get("item", ""),
        )
        for event in ledger.events([KIND])
    )
