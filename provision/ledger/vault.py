"""The vault in the ledger: which encrypted files it should have, and who opened it; no names of what is in
them.

An encrypted file's SHA-256 gives nothing away, and tells of a file that was lost, changed or put there by
somebody else without opening the vault.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from provision.ledger.store import Draft, Ledger
from provision.vault import Sealed

PUT, SEALED_AGAIN, REMOVED = "vault-put", "vault-sealed-again", "vault-removed"
"""Kinds of events whose subject is the item's id."""
OPENED, CHANGED, TAKEN = "vault-opened", "vault-changed", "vault-taken"
"""Kinds of others: subject "vault", or the item that was taken out in the open."""
SUBJECT = "vault"


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody opened the vault. ``way``: passphrase, credential, paper; ``role``: whose."""

    at: dt.datetime
    role: str
    way: str
    who: str


def record_put(ledger: Ledger, sealed: Sealed, who: str) -> None:
    """An item came in."""
    ledger.append(Draft(PUT, sealed.id, {"sha256": sealed.sha256, "size": sealed.size, "who": who}))


def record_sealed(ledger: Ledger, sealed: Sealed) -> None:
    """An item was encrypted anew."""
    ledger.append(Draft(SEALED_AGAIN, sealed.id, {"sha256": sealed.sha256, "size": sealed.size}))


def record_removed(ledger: Ledger, item_id: str, who: str) -> None:
    """An item was taken out for ever."""
    ledger.append(Draft(REMOVED, item_id, {"who": who}))


def record_taken(ledger: Ledger, item_id: str, where: str, who: str) -> None:
    """An item left the vault decrypted. ``where``: screen, memory, open, archive, or what a program says."""
    ledger.append(Draft(TAKEN, item_id, {"where": where, "who": who}))


def record_opened(ledger: Ledger, role: str, way: str, who: str) -> None:
    """Somebody opened it."""
    ledger.append(Draft(OPENED, SUBJECT, {"role": role, "way": way, "who": who}))


def record_changed(ledger: Ledger, what: str, role: str, who: str) -> None:
    """Who may open it changed. ``what``: made, phrase, admitted, dismissed, paper, key."""
    ledger.append(Draft(CHANGED, SUBJECT, {"what": what, "role": role, "who": who}))


def recorded(ledger: Ledger) -> Mapping[str, Sealed]:
    """Item -> its encrypted file, as last written down; without those that were removed."""
    found: dict[str, Sealed] = {}
    for event in ledger.events([PUT, SEALED_AGAIN, REMOVED]):
        if event.kind == REMOVED:
            found.pop(event.subject, None)
        else:
            found[event.subject] = Sealed(event.subject, event.body["sha256"], event.body["size"])
    return found


def removed(ledger: Ledger) -> frozenset[str]:
    """The items that somebody took out for ever."""
    return frozenset(event.subject for event in ledger.events([REMOVED]))


def ever(ledger: Ledger) -> bool:
    """Whether there was a vault once."""
    return any(True for _event in ledger.events([PUT, CHANGED]))


def accesses(ledger: Ledger) -> tuple[Access, ...]:
    """Who opened it, in order."""
    return tuple(
        Access(dt.datetime.fromisoformat(event.at), event.body["role"], event.body["way"], event.body["who"])
        for event in ledger.events([OPENED])
    )
