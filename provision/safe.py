"""The site's vault: what goes in and out is written down, and what is there is set against what was written
down.

    safe = Safe.of(site)                       raises NoVault
    safe.put("cipher.txt", Kind.CIPHER, file)  needs no passphrase
    unlocked.remembered(safe.vault)            an OpenVault, or None while it is locked
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from provision.errors import N_
from provision.ledger import Ledger
from provision.ledger import vault as recorded
from provision.secret import Secret
from provision.site.site import Site
from provision.vault import Item, Kind, OpenVault, Sealed, Vault, unlocked
from provision.vault.errors import VaultDamaged, VaultMissing
from provision.vault.vault import ITEMS

FOLDER = "vault"
"""In the site's state."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What lies there beside what was written down: ids of items.

    ``unrecorded``: a command was killed between putting and writing down, or somebody else put it there."""

    whole: tuple[str, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    unrecorded: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is lost or changed."""
        return not (self.missing or self.changed)


class Safe:
    """A vault and the ledger beside it. ``who``: the computer's user, or as the command says."""

    def __init__(self, vault: Vault, ledger: Ledger, who: str = "") -> None:
        """Keep account of this vault."""
        self.vault = vault
        self.ledger = ledger
        self.who = who or getpass.getuser()

    @classmethod
    def of(cls, site: Site, ledger: Ledger | None = None, who: str = "") -> Safe:
        """The site's. Raises NoVault."""
        return cls(Vault(folder(site), site.clock), ledger or Ledger(site.state), who)

    @classmethod
    def create(cls, site: Site, role: str, phrase: Secret, who: str = "") -> tuple[Safe, Secret]:
        """Make the site's; also returns the recovery key. Raises VaultThere, PassphraseTooShort."""
        _vault, paper = Vault.create(folder(site), role, phrase)
        safe = cls.of(site, who=who)
        recorded.record_changed(safe.ledger, "made", role, safe.who)
        return safe, paper

    def put(self, name: str, kind: Kind, source: BinaryIO) -> Item:
        """Put in and write down; returns when both are on disk. Raises as Vault.put does."""
        return self.deposit(name, kind, source)[0]

    def deposit(self, name: str, kind: Kind, source: BinaryIO) -> tuple[Item, Sealed]:
        """Put in, write down, and read again what lies there encrypted: whoever removes the plain copy then
        loses nothing. Raises VaultDamaged, and as Vault.put does."""
        item, sealed = self.vault.put(name, kind, source)
        recorded.record_put(self.ledger, sealed, self.who)
        if self.vault.sealed(item.id) != sealed:
            raise VaultDamaged(N_("the item {id} is not the one that was written"), id=item.id)
        return item, sealed

    def put_bytes(self, name: str, kind: Kind, data: bytes) -> Item:
        """Put in what is in memory."""
        return self.put(name, kind, BytesIO(data))

    def remove(self, item_id: str) -> None:
        """Take out for ever, and write it down. Raises NoSuchItem."""
        self.vault.sealed(item_id)
        # first, so that a kill between the two leaves an item too many, and not one that is missed
        recorded.record_removed(self.ledger, item_id, self.who)
        self.vault.remove(item_id)

    def taken(self, item: Item, where: str) -> None:
        """Write down that an item left decrypted."""
        recorded.record_taken(self.ledger, item.id, where, self.who)

    def rotate(self, vault: OpenVault) -> OpenVault:
        """A new key for everything. Raises VaultDamaged, also when an item is not the one that was written
        down: whoever put it there would be believed from then on. Not after a rotation that was killed: it
        goes on."""
        if len(vault.current().own) == 1 and (changed := self.standing(deep=True).changed):
            raise VaultDamaged(N_("the item {id} is not the one that was written"), id=changed[0])
        unlocked.lock(vault)
        fresh = vault.rotate(lambda sealed: recorded.record_sealed(self.ledger, sealed))
        recorded.record_changed(self.ledger, "key", "", self.who)
        return fresh

    def standing(self, *, deep: bool) -> Standing:
        """How what is there stands to what was written down; ``deep``: every encrypted byte is read."""
        known = recorded.recorded(self.ledger)
        there = self.vault.ids()
        changed = [
            one for one in there if one in known and self._as_it_is(known[one], deep=deep) != known[one]
        ]
        return Standing(
            tuple(one for one in there if one in known and one not in changed),
            tuple(sorted(set(known) - set(there))),
            tuple(changed),
            tuple(one for one in there if one not in known),
        )

    def unreadable(self, vault: OpenVault) -> tuple[str, ...]:
        """The ids of items that should be there and are lost, or of which nothing can be read."""
        return tuple(sorted({*vault.damaged(), *self.standing(deep=False).missing}))

    def adopt(self, vault: OpenVault, item_id: str) -> Item:
        """Write down an item that was put in and not written down. Raises VaultDamaged."""
        item = vault.verify(item_id)
        recorded.record_put(self.ledger, vault.sealed(item_id), self.who)
        return item

    def _as_it_is(self, known: Sealed, *, deep: bool) -> Sealed:
        if deep:
            return self.vault.sealed(known.id)
        size = (self.vault.folder / ITEMS / f"{known.id}.age").stat().st_size
        return Sealed(known.id, known.sha256, size)


def missed(site: Site, ledger: Ledger, *, known: bool = False) -> VaultMissing | None:
    """Where no vault is found: the error when there was one, by the record or because the caller knows."""
    if not (known or recorded.ever(ledger)):
        return None
    return VaultMissing(N_("the vault {folder} is not there any more"), folder=folder(site))


def folder(site: Site) -> Path:
    """Where the site's vault is, or will be."""
    return site.state / FOLDER
