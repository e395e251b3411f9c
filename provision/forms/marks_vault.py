"""Entered marks where there is a vault: in it alone, one item for each exam and entry. To add to them, or to
compare two entries, they are read again: the vault must be open.

Each change is a new item; the one before goes when the new one is on disk and in the record. Killed between
the two, the greater number inside counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from provision.errors import N_
from provision.forms.marks import Work
from provision.forms.marks_store import FIRST, FOLDER, MarksStore, merged, read, serial_of, written
from provision.gone import gone
from provision.ledger import Ledger
from provision.safe import Safe
from provision.site.site import Site
from provision.vault import Kind, OpenVault
from provision.vault.errors import NoVault, VaultLocked


@dataclass(frozen=True, slots=True)
class _Held:
    """One entry, and the items that it is in: one, or two after a killed command."""

    serial: int = 0
    who: str = ""
    works: tuple[Work, ...] = ()
    items: tuple[str, ...] = ()


class MarksVault:
    """The entries of one site, in its vault."""

    def __init__(self, safe: Safe, vault: OpenVault, plain: Path) -> None:
        """Use an open vault. What lies in the open, of the time before there was a vault, goes into it."""
        self._safe, self._vault = safe, vault
        self._held: dict[str, _Held] = {}
        for path in sorted(plain.glob("*.json")) if plain.is_dir() else ():
            with path.open("rb") as file:
                safe.deposit(f"{FOLDER}/{path.name}", Kind.FORM, file)
            gone(path)

    def works(self, exam: str, entry: int = FIRST) -> tuple[Work, ...]:
        """What was entered, in its order. Raises MarksRefused, VaultDamaged."""
        return self._read(exam, entry).works

    def who(self, exam: str, entry: int = FIRST) -> str:
        """Who entered last; "" when nobody did."""
        return self._read(exam, entry).who

    def put(self, exam: str, entry: int, who: str, works: Sequence[Work]) -> str:
        """Add works; a code that is there already gets the new marks. Returns their item."""
        before = self._read(exam, entry)
        both, serial = merged(before.works, works), before.serial + 1
        item = self._safe.put_bytes(_name(exam, entry), Kind.FORM, written(who, both, serial))
        self._held[_name(exam, entry)] = _Held(serial, who, tuple(both), (item.id,))
        for old in before.items:
            self._safe.remove(old)
        return item.id

    def _read(self, exam: str, entry: int) -> _Held:
        name = _name(exam, entry)
        if name not in self._held:
            items = [item for item in self._vault.items() if item.name == name]
            held = _Held()
            for item in items:
                content = self._vault.take_bytes(item)
                who, works = read(content, exam)
                if (serial := serial_of(content)) >= held.serial:
                    held = _Held(serial, who, works)
            self._held[name] = _Held(held.serial, held.who, held.works, tuple(item.id for item in items))
        return self._held[name]


Marks = MarksStore | MarksVault


def marks_of(site: Site, ledger: Ledger, vault: OpenVault | None = None) -> Marks:
    """Where the site's marks are. Raises VaultLocked where there is a vault and it is not open."""
    try:
        safe = Safe.of(site, ledger)
    except NoVault:
        return MarksStore(site.state)
    if vault is None:
        raise VaultLocked(N_("the marks are in the vault, and it is locked"))
    return MarksVault(safe, vault, site.state / FOLDER)


def _name(exam: str, entry: int) -> str:
    return f"{FOLDER}/{exam}.{entry}.json"
