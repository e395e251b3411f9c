"""The answers of a room where the site has a vault: verified here, encrypted, and only then is the plain copy
removed. Needs no passphrase.

    FOLDER/sealed.jsonl    a line for every file that is in the vault

Its order, for each file, is that of :mod:`labcheck.keeping`, and then: into the vault (on disk, and in the
record), what was written is read again and compared with the record, a line here, and the plain copy is gone.
Killed anywhere, the file is here or there or in both places, and the next run goes on. The line knows a path
by a keyed hash: names of files hold codes, and may hold names.

A file is in the vault when its encrypted bytes, read once in every run, are those of the record. The record
also knows, by keyed hash, which name each item has: no other content gets it, whatever becomes of the list.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from labcheck import lines
from labcheck.answers import Answer, Shape
from labcheck.errors import LabcheckError
from labcheck.keeping import PARTS, SEATS, Fetch, Keeping, KeepingError, Kept, Listed, ManifestDamaged
from labcheck.naming import folder_name, harmless
from provision.errors import N_, ProvisionError
from provision.ledger import Draft, Refs
from provision.ledger import vault as log
from provision.safe import Safe
from provision.system import refused
from provision.vault import Kind
from provision.vault.errors import SourceChanged, VaultError
from provision.vault.laying import fitting, numbered

KIND: Final = "lab-answer-vaulted"
"""Kind of event; the subject is "ROOM/SEAT"."""
FOLDER: Final = "answers"
"""The items' folder in the vault."""
LIST: Final = "sealed.jsonl"
_PATH_BYTES: Final = 500
"""Of a path in an item's name; a longer one is made one part of it, that ends with a hash."""


@dataclass(frozen=True, slots=True)
class Vaulted:
    """How many of the room's files are in the vault, how many lie in the open, and why they do.

    ``lost``: how many were in the vault, are not there as they were, and are not here either."""

    there: int
    open: int
    error: ProvisionError | LabcheckError | None = None
    lost: int = 0


@dataclass(frozen=True, slots=True)
class SealedAnswer:
    """A file that is in the vault. ``where`` stands for its path; ``size`` and ``sha256`` are the file's."""

    where: str
    seat: str
    size: int
    sha256: str
    shape: str
    item: str
    whose: str = ""
    """Stands for the participant code that its path names; "" when that is not one, and in lists of former
    versions."""


@dataclass(frozen=True, slots=True)
class _Noted:
    """An item by the record. ``name`` stands for what it is called; "" for items of former versions."""

    item: str
    seat: str
    sha256: str
    name: str


class AnswerVault(Keeping):
    """The answers of one room, kept in the vault."""

    def __init__(
        self,
        folder: Path,
        safe: Safe,
        room: str,
        refs: Refs,
        named: Callable[[str], Iterable[str]] = lambda _path: (),
    ) -> None:
        """Open, or begin; ``named`` gives the codes in a path. Raises ManifestDamaged, NoPlaceHere, and what
        the ledger does."""
        super().__init__(folder)
        self._safe, self._room, self._refs, self._codes = safe, room, refs, named
        self._moving = threading.Lock()
        path = folder / LIST
        try:
            found = lines.read(path, SealedAnswer)
        except lines.BadLine as bad:
            what = N_("the list {path} is damaged in line {number}")
            raise ManifestDamaged(what, path=path, number=bad.number) from None
        self._sealed = {(one.where, one.sha256): one for one in found}
        self._as_recorded = dict(log.recorded(safe.ledger))
        self._removed = log.removed(safe.ledger)
        self._noted = list(self._of_record())
        self._called = {one.name: one.sha256 for one in self._noted if one.name}
        self._proved: dict[str, bool] = {}
        self._error: ProvisionError | LabcheckError | None = None
        self._no_record = False

    def all(self) -> tuple[Kept, ...]:
        """Everything that is kept, here and in the vault; of the latter without path and name."""
        there = (Kept(one.seat, "", "", one.size, one.sha256) for one in self._sealed.values())
        return (*there, *(kept for kept in super().all() if self._in_vault(kept) is None))

    def has(self, seat: str, listed: Listed) -> Kept | None:
        """The copy of exactly this content, if the vault has it as it was written, or this folder has it."""
        kept = Kept(seat, listed.path, "", listed.size, listed.sha256)
        return kept if self._in_vault(kept) else super().has(seat, listed)

    def shape(self, kept: Kept) -> Shape:
        """What the file's own container says of it."""
        there = self._in_vault(kept)
        return super().shape(kept) if there is None else Shape(there.shape)

    def keep(self, seat: str, listed: Listed, fetch: Fetch) -> Kept:
        """As Keeping does, and then into the vault. A fault of the vault or of the record is told by
        ``finish``: the answer is here, whatever becomes of that."""
        kept = super().keep(seat, listed, fetch)
        with self._moving:  # one after the other: only one waits for a record that is locked
            if not self._no_record:
                self._move(kept)
        return kept

    def of_codes(self, codes: Iterable[str]) -> frozenset[str]:
        """Those of the codes of which the vault has an answer."""
        there = {one.whose for one in self._sealed.values() if self._holds(one.item)}
        return frozenset(code for code in codes if self._refs.code(code) in there)

    def finish(self) -> Vaulted:
        """Take into the vault what still lies here: of an interrupted run, of a moved pupil, of the time
        before there was a vault. Tells how things stand."""
        self._no_record = False
        for kept in super().all():
            if not self._no_record:
                self._move(kept)
        try:
            self.forget([k for k in super().all() if not self.file(k).exists() and self._in_vault(k)])
        except KeepingError as error:
            self._error = error
        there = sum(self._holds(one.item) for one in self._sealed.values())
        return Vaulted(there, in_the_open(self.folder), self._error, self._lost())

    def _move(self, kept: Kept) -> None:
        try:
            if self.file(kept).exists():
                if self._in_vault(kept, anew=True) is None:
                    self._note_sealed(self._put(kept))
                elif not self.verified(kept):
                    raise _changed()
                self.clear(kept)
        except (VaultError, KeepingError) as error:
            self._error = error
        except ProvisionError as error:  # the record's: waiting for it again with every file helps nobody
            self._error, self._no_record = error, True
        except OSError as error:
            self._error = refused(error)

    def _put(self, kept: Kept) -> SealedAnswer:
        """Into the vault, proved and written down. Raises what the vault and the ledger do, SourceChanged,
        OSError."""
        shape = self.shape(kept)
        name, ref = self._name(kept)
        with self.file(kept).open("rb") as file:
            item, sealed = self._safe.deposit(name, Kind.ANSWERS, file)
        if item.sha256 != kept.sha256:  # it changed here since it was verified: not the pupil's answer
            self._safe.remove(item.id)
            raise _changed()
        body = {"sha256": item.sha256, "item": item.id, "name": ref}
        self._safe.ledger.append(Draft(KIND, f"{self._room}/{kept.seat}", body))
        self._as_recorded[item.id], self._proved[item.id] = sealed, True
        self._noted.append(_Noted(item.id, kept.seat, kept.sha256, ref))
        counts = Answer(kept.seat, kept.path, kept.size, kept.sha256, shape).counts
        named = tuple(self._codes(kept.path))
        whose = self._refs.code(named[0]) if counts and len(named) == 1 else ""
        where = self._where(kept)
        return SealedAnswer(where, kept.seat, kept.size, kept.sha256, shape.value, item.id, whose)

    def _note_sealed(self, answer: SealedAnswer) -> None:
        lines.append(self.folder / LIST, asdict(answer))
        self._sealed[answer.where, answer.sha256] = answer

    def _in_vault(self, kept: Kept, *, anew: bool = False) -> SealedAnswer | None:
        there = self._sealed.get((self._where(kept), kept.sha256))
        if there is not None and anew:
            self._proved.pop(there.item, None)
        return there if there is not None and self._holds(there.item) else None

    def _holds(self, item: str) -> bool:
        """Whether the vault has the item with every byte as it was written down."""
        if item not in self._proved:
            found = None
            with contextlib.suppress(OSError, VaultError):
                found = self._safe.vault.sealed(item)
            self._proved[item] = found is not None and found == self._as_recorded.get(item)
        return self._proved[item]

    def _lost(self) -> int:
        """How many contents should be in the vault, are not, and are not here either. What somebody took out
        is not lost; what is there and not in the record, 'vault status' tells of."""
        there = {*self._safe.vault.ids()}
        known = [(one.item, one.seat, one.sha256) for one in self._noted]
        known += [(one.item, one.seat, one.sha256) for one in self._sealed.values()]
        due = {
            (seat, sha256)
            for item, seat, sha256 in known
            if item not in self._removed and (item in self._as_recorded or item not in there)
        }
        due -= {(seat, sha256) for item, seat, sha256 in known if self._holds(item)}
        return len(due - {(k.seat, k.sha256) for k in super().all() if self.file(k).exists()})

    def _of_record(self) -> Iterator[_Noted]:
        for event in self._safe.ledger.events([KIND]):
            room, _slash, seat = event.subject.rpartition("/")
            if room == self._room:
                yield _Noted(event.body["item"], seat, event.body["sha256"], event.body.get("name", ""))

    def _where(self, kept: Kept) -> str:
        return self._refs.answer(self._room, kept.seat, _quoted(kept.path))

    def _name(self, kept: Kept) -> tuple[str, str]:
        """What the item is called, and what stands for that: no two contents alike."""
        where, own = self._where(kept), kept.sha256
        folder = f"{FOLDER}/{folder_name(self._room)}/{folder_name(kept.seat)}"
        named = {one.item for one in self._noted if one.name}
        others = {
            one.item for one in self._sealed.values() if (one.where, one.sha256 != own) == (where, True)
        }
        before = len(others - named)  # of former versions: the first numbers are theirs
        for number, name in enumerate(numbered(_harmless(kept.path))):
            ref = self._refs.answer(self._room, kept.seat, f"{folder}/{name}")
            if self._called.get(ref, own if number >= before else "") == own:
                break
        self._called[ref] = own
        return f"{folder}/{name}", ref


def in_the_open(folder: Path) -> int:
    """How many files of a room's folder are not encrypted: whole ones, and parts of what is under way."""
    return sum(path.is_file() for part in (SEATS, PARTS) for path in (folder / part).rglob("*"))


def _harmless(path: str) -> str:
    """A path as the end of an item's name: no two paths alike, no part of it too long for a disk."""
    name = path if harmless(path) == path and "%" not in path else _quoted(path)
    name = "/".join(map(fitting, name.split("/")))
    return (
        name if len(name.encode()) <= _PATH_BYTES else fitting(quote(path, safe="", errors="surrogatepass"))
    )


def _quoted(path: str) -> str:
    return quote(path, safe="/", errors="surrogatepass")


def _changed() -> SourceChanged:
    return SourceChanged(N_("a kept answer is not the one that was verified"))
