"""Collected answers into the site's vault: each verified copy once, encrypted; needs no passphrase.

The copies in the open stay where they are: collecting goes on from them, and moving a pupil reads them.
"""

from __future__ import annotations

from dataclasses import dataclass

from labcheck.keeping import Keeping, folder_name
from provision.errors import N_, ProvisionError
from provision.ledger import Draft, Ledger
from provision.safe import Safe
from provision.site.model import Room
from provision.site.site import Site
from provision.system import refused
from provision.vault import Kind
from provision.vault.errors import NoVault, SourceChanged, VaultError

KIND = "lab-answer-vaulted"
"""Kind of event; the subject is "ROOM/SEAT"."""


@dataclass(frozen=True, slots=True)
class Vaulted:
    """How many of the room's kept files are in the vault, and why not all."""

    there: int
    of: int
    error: ProvisionError | None = None


def vault_answers(site: Site, ledger: Ledger, room: Room, keeping: Keeping) -> Vaulted | None:
    """Put in what is not in yet; None when the site has no vault.

    A fault of the vault is told, never raised: the answers are here, whatever becomes of it."""
    kept = keeping.all()
    there = _recorded(ledger)
    try:
        safe = Safe.of(site, ledger)
        present = set(safe.vault.ids())
        done = sum(there.get((room.number, one.seat, one.sha256)) in present for one in kept)
        for one in kept:
            if there.get((room.number, one.seat, one.sha256)) in present:
                continue
            name = f"answers/{folder_name(room.number)}/{folder_name(one.seat)}/{one.name}"
            with keeping.file(one).open("rb") as file:
                item = safe.put(name, Kind.ANSWERS, file)
            if item.sha256 != one.sha256:  # it changed here since it was verified: not the pupil's answer
                safe.remove(item.id)
                raise SourceChanged(N_("a kept answer is not the one that was verified"))
            ledger.append(Draft(KIND, f"{room.number}/{one.seat}", {"sha256": one.sha256, "item": item.id}))
            there[room.number, one.seat, one.sha256] = item.id
            done += 1
    except NoVault:
        return None
    except VaultError as error:
        return Vaulted(done, len(kept), error)
    except OSError as error:
        return Vaulted(done, len(kept), refused(error))
    return Vaulted(done, len(kept))


def _recorded(ledger: Ledger) -> dict[tuple[str, str, str], str]:
    """(room, seat, SHA-256) -> the item."""
    found = {}
    for event in ledger.events([KIND]):
        room, _slash, seat = event.subject.rpartition("/")
        found[room, seat, event.body["sha256"]] = event.body["item"]
    return found
