"""The answers of a room where the site has a vault: verified here, encrypted, and only then is the plain copy
removed. Needs no passphrase.

    FOLDER/sealed.jsonl    a line for every file that is in the vault

Its order, for each file, is that of :mod:`labcheck.keeping`, and then: into the vault (on disk, and in the
record), what was written is read again and compared with the record, a line here, and the plain copy is gone.
Killed anywhere, the file is here or there or in both places, and the next run goes on. The line knows a path
by a keyed hash: names of files hold codes, and may hold names.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from labcheck import lines
from labcheck.answers import Shape
from labcheck.keeping import PARTS, SEATS, Fetch, Keeping, Kept, Listed, ManifestDamaged
from labcheck.naming import folder_name, harmless
from provision.errors import N_, ProvisionError
from provision.ledger import Draft, Refs
from provision.ledger import vault as log
from provision.safe import Safe
from provision.system import refused
from provision.vault import Kind
from provision.vault.errors import SourceChanged, VaultError
from provision.vault.vault import ITEMS

KIND: Final = "lab-answer-vaulted"
"""Kind of event; the subject is "ROOM/SEAT"."""
FOLDER: Final = "answers"
"""The items' folder in the vault."""
LIST: Final = "sealed.jsonl"
_QUOTED: Final = 500
"""Letters of a path that could do harm as a name; longer ones end with a hash."""


@dataclass(frozen=True, slots=True)
class Vaulted:
    """How many of the room's files are in the vault, how many lie in the open, and why they do."""

    there: int
    open: int
    error: ProvisionError | None = None


@dataclass(frozen=True, slots=True)
class SealedAnswer:
    """A file that is in the vault. ``where`` stands for its path; ``size`` and ``sha256`` are the file's."""

    where: str
    seat: str
    size: int
    sha256: str
    shape: str
    item: str


class AnswerVault(Keeping):
    """The answers of one room, kept in the vault."""

    def __init__(self, folder: Path, safe: Safe, room: str, refs: Refs) -> None:
        """Open, or begin. Raises ManifestDamaged and NoPlaceHere."""
        super().__init__(folder)
        self._safe, self._room, self._refs = safe, room, refs
        self._list_lock = threading.Lock()
        path = folder / LIST
        try:
            found = lines.read(path, SealedAnswer)
        except lines.BadLine as bad:
            what = N_("the list {path} is damaged in line {number}")
            raise ManifestDamaged(what, path=path, number=bad.number) from None
        self._sealed = {(one.where, one.sha256): one for one in found}
        # by the record: another key of the vault makes other sizes
        self._sizes = {item: sealed.size for item, sealed in log.recorded(safe.ledger).items()}
        self._error: ProvisionError | None = None

    def all(self) -> tuple[Kept, ...]:
        """Everything that is kept, here and in the vault; of the latter without path and name."""
        there = (Kept(one.seat, "", "", one.size, one.sha256) for one in self._sealed.values())
        return (*there, *(kept for kept in super().all() if self._in_vault(kept) is None))

    def has(self, seat: str, listed: Listed) -> Kept | None:
        """The copy of exactly this content, if the vault or this folder has it in its full size."""
        kept = Kept(seat, listed.path, "", listed.size, listed.sha256)
        return kept if self._in_vault(kept) else super().has(seat, listed)

    def shape(self, kept: Kept) -> Shape:
        """What the file's own container says of it."""
        there = self._in_vault(kept)
        return super().shape(kept) if there is None else Shape(there.shape)

    def keep(self, seat: str, listed: Listed, fetch: Fetch) -> Kept:
        """As Keeping does, and then into the vault. A fault of the vault is told by ``finish``: the answer is
        here, whatever becomes of that."""
        kept = super().keep(seat, listed, fetch)
        self._move(kept)
        return kept

    def finish(self) -> Vaulted:
        """Take into the vault what still lies here: of an interrupted run, of a moved pupil, of the time
        before there was a vault. Tells how things stand."""
        for kept in super().all():
            self._move(kept)
        self.forget([k for k in super().all() if not self.file(k).exists() and self._in_vault(k)])
        there = sum(self._holds(one) for one in self._sealed.values())
        return Vaulted(there, in_the_open(self.folder), self._error)

    def _move(self, kept: Kept) -> None:
        try:
            if self.file(kept).exists():
                there = self._in_vault(kept)
                if there is None:
                    self._note_sealed(self._put(kept))
                elif not self.verified(kept):
                    raise _changed()
                self.clear(kept)
        except VaultError as error:
            self._error = error
        except OSError as error:
            self._error = refused(error)

    def _put(self, kept: Kept) -> SealedAnswer:
        """Into the vault, proved and written down. Raises what the vault does, SourceChanged, OSError."""
        shape = self.shape(kept)
        with self.file(kept).open("rb") as file:
            item, sealed = self._safe.deposit(self._name(kept), Kind.ANSWERS, file)
        if item.sha256 != kept.sha256:  # it changed here since it was verified: not the pupil's answer
            self._safe.remove(item.id)
            raise _changed()
        body = {"sha256": item.sha256, "item": item.id}
        self._safe.ledger.append(Draft(KIND, f"{self._room}/{kept.seat}", body))
        self._sizes[item.id] = sealed.size
        return SealedAnswer(self._where(kept), kept.seat, kept.size, kept.sha256, shape.value, item.id)

    def _note_sealed(self, answer: SealedAnswer) -> None:
        with self._list_lock:
            lines.append(self.folder / LIST, asdict(answer))
            self._sealed[answer.where, answer.sha256] = answer

    def _in_vault(self, kept: Kept) -> SealedAnswer | None:
        there = self._sealed.get((self._where(kept), kept.sha256))
        return there if there is not None and self._holds(there) else None

    def _holds(self, answer: SealedAnswer) -> bool:
        with contextlib.suppress(OSError):
            path = self._safe.vault.folder / ITEMS / f"{answer.item}.age"
            return path.stat().st_size == self._sizes.get(answer.item)
        return False

    def _where(self, kept: Kept) -> str:
        return self._refs.answer(self._room, kept.seat, _quoted(kept.path))

    def _name(self, kept: Kept) -> str:
        """What the item is called: no two contents alike, or an export would have the newer one only."""
        name = kept.path
        if harmless(name) != name:
            name = _quoted(name)
            name = name if len(name) <= _QUOTED else f"{name[:_QUOTED]}~{harmless(kept.path)}"
        where = self._where(kept)
        with self._list_lock:
            before = sum(one == where for one, sha256 in self._sealed if sha256 != kept.sha256)
        if before:
            stem, dot, suffix = name.rpartition(".")
            name = f"{stem} ({before + 1}){dot}{suffix}" if stem else f"{name} ({before + 1})"
        return f"{FOLDER}/{folder_name(self._room)}/{folder_name(kept.seat)}/{name}"


def in_the_open(folder: Path) -> int:
    """How many files of a room's folder are not encrypted: whole ones, and parts of what is under way."""
    return sum(path.is_file() for part in (SEATS, PARTS) for path in (folder / part).rglob("*"))


def _quoted(path: str) -> str:
    return quote(path, safe="/", errors="surrogatepass")


def _changed() -> SourceChanged:
    return SourceChanged(N_("a kept answer is not the one that was verified"))
