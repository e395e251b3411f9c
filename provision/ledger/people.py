"""Who can sign with a passphrase, in the ledger: an id drawn by chance, role and initials, never a name.

It says which card counts (by its SHA-256), so that one that was exchanged is noticed, and who was made known
when. Wrong passphrases are written down too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from provision.ledger.store import Draft, Ledger

KNOWN, FORGOTTEN = "person-known", "person-forgotten"
"""Kinds of events whose subject is the person's id."""
REFUSED = "person-refused"
"""A wrong passphrase; the subject is what was to be signed."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody in a role, with a passphrase. ``sha256``: of the card that it opens."""

    id: str
    role: str
    initials: str
    sha256: str


def record_known(ledger: Ledger, signer: Signer) -> None:
    """Somebody has a passphrase from now on."""
    body = {"role": signer.role, "initials": signer.initials, "sha256": signer.sha256}
    ledger.append(Draft(KNOWN, signer.id, body))


def record_forgotten(ledger: Ledger, person: str) -> None:
    """In no role any more."""
    ledger.append(Draft(FORGOTTEN, person, {}))


def record_refused(ledger: Ledger, subject: str, role: str) -> None:
    """Somebody typed a wrong passphrase where one of the role was to sign."""
    ledger.append(Draft(REFUSED, subject, {"role": role}))


def refused(ledger: Ledger) -> Mapping[str, int]:
    """Subject -> how many wrong passphrases were typed."""
    return Counter(event.subject for event in ledger.events([REFUSED]))


def signers(ledger: Ledger) -> tuple[Signer, ...]:
    """Everybody who can sign with a passphrase now, in the order in which they became known."""
    found: dict[tuple[str, str], Signer] = {}
    for event in ledger.events([KNOWN, FORGOTTEN]):
        if event.kind == FORGOTTEN:
            found = {key: one for key, one in found.items() if one.id != event.subject}
        else:
            body = event.body
            one = Signer(event.subject, body["role"], body["initials"], body["sha256"])
            found[one.id, one.role] = one
    return tuple(found.values())
