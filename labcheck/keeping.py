"""Answer files kept here: whole, hashed, made to last, and written down in a manifest.

    FOLDER/manifest.jsonl     a line for every file that is kept, appended once the file is on disk
    FOLDER/seats/SEAT/…       the files, under their paths there where those are harmless
    FOLDER/parts/…            what is under way; continued after any interruption

A file gets its name when its SHA-256 is the one that was computed on the workstation, and never another
content after that: a later content under the same path is kept beside it. Files 0600, folders 0700.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from labcheck import lines
from labcheck.answers import HEAD_BYTES, Shape, shape
from labcheck.errors import N_, LabcheckError
from labcheck.lines import sync_folder
from labcheck.naming import folder_name, harmless, substitute

MANIFEST, SEATS, PARTS = "manifest.jsonl", "seats", "parts"
_PIECE = 1024 * 1024
_TRIES = 2
"""A part that was continued may come from a content that is no more: once more, from its beginning."""


class KeepingError(LabcheckError):
    """Root of what goes wrong with the answers kept here."""

    code = "keeping"
    remedy = N_("Put right what the message names on this computer, then run the same command again.")


class NoPlaceHere(KeepingError):
    """This computer's disk refuses: full, no right, damaged."""

    code = "no-place-here"
    remedy = N_("Make room on this computer's disk, or see to its rights; then run the same command again.")


class AnswerChanged(KeepingError):
    """A file was not the same any more when it had been copied."""

    code = "answer-changed"
    remedy = N_("Close the exam program on that workstation, then collect again.")


class ManifestDamaged(KeepingError):
    """The list of what is kept cannot be read."""

    code = "manifest-damaged"
    remedy = N_("Keep the folder of answers as it is, give it another name, and collect again.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as its workstation lists it: path below the answers folder with ``/``, size in bytes, SHA-256
    in hexadecimal."""

    path: str = field(repr=False)
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is here. ``name`` is its path below SEATS/seat."""

    seat: str
    path: str = field(repr=False)
    name: str = field(repr=False)
    size: int
    sha256: str
    """In hexadecimal; of the copy here, and the same over there when it was made."""


Fetch = Callable[[BinaryIO, int], int]
"""Appends the file's bytes from an offset on to what it is given; see Transport.get."""


class Keeping:
    """The answers of one room. One process at a time; its threads may share it."""

    def __init__(self, folder: Path) -> None:
        """Open, or begin. Raises ManifestDamaged and NoPlaceHere."""
        self.folder = folder
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str, str], Kept] = {}
        with _here():
            for path in (folder, folder / SEATS, folder / PARTS):
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._read()

    def all(self) -> tuple[Kept, ...]:
        """Everything that is kept, in the order it came."""
        with self._lock:
            return tuple(self._kept.values())

    def file(self, kept: Kept) -> Path:
        """Where it lies."""
        return self.folder / SEATS / folder_name(kept.seat) / kept.name

    def has(self, seat: str, listed: Listed) -> Kept | None:
        """The copy of exactly this content, if it is here, read again."""
        kept = self._kept.get((seat, listed.path, listed.sha256))
        return kept if kept is not None and self.verified(kept) else None

    def verified(self, kept: Kept) -> bool:
        """Whether the copy here, read again, is what it was."""
        with contextlib.suppress(OSError):
            return digest(self.file(kept)) == kept.sha256
        return False

    def shape(self, kept: Kept) -> Shape:
        """What the file's own container says of it."""
        with self.file(kept).open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(max(0, kept.size - HEAD_BYTES))
            return shape(head, file.read(HEAD_BYTES), kept.size)

    def clear(self, kept: Kept) -> None:
        """Remove the copy here, and the folders that it leaves empty; its line stays until ``forget``."""
        path = self.file(kept)
        with _here():
            path.unlink(missing_ok=True)
            folder = path.parent
            while folder != self.folder / SEATS and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
                folder = folder.parent
            if folder.is_dir():
                sync_folder(folder)

    def forget(self, some: Iterable[Kept]) -> None:
        """Take their lines out of the manifest, all at one instant."""
        gone = {(kept.seat, kept.path, kept.sha256) for kept in some}
        with self._lock, _here():
            left = {key: kept for key, kept in self._kept.items() if key not in gone}
            if len(left) == len(self._kept):
                return
            lines.rewrite(self.folder / MANIFEST, map(asdict, left.values()))
            self._kept = left

    def keep(self, seat: str, listed: Listed, fetch: Fetch) -> Kept:
        """Fetch what is lacking, and return once the whole file is on disk and in the manifest.

        Raises AnswerChanged, NoPlaceHere, and what ``fetch`` does; what it brought until then stays."""
        part = self._part(seat, listed)
        with _here():
            name = self._adopt(seat, listed)
            if name is None:
                _complete(part, listed, fetch, seat)
                name = self._place(part, seat, listed)
            kept = Kept(seat, listed.path, name, listed.size, listed.sha256)
            self._note(kept)
            part.unlink(missing_ok=True)
        return kept

    def _part(self, seat: str, listed: Listed) -> Path:
        where = hashlib.sha256(f"{seat}\0{listed.path}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return self.folder / PARTS / f"{where}-{listed.sha256}"

    def _names(self, seat: str, path: str) -> Iterator[Path]:
        """Where it may lie: under its own path, else beside what is there already."""
        top = self.folder / SEATS / folder_name(seat)
        name = harmless(path)
        blocked = any((top / above).is_file() for above in PurePosixPath(name).parents)
        wanted = top / (substitute(path) if blocked or (top / name).is_dir() else name)
        yield wanted
        for number in itertools.count(2):
            yield wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")

    def _adopt(self, seat: str, listed: Listed) -> str | None:
        """A file that got its name, and whose line in the manifest was cut off."""
        for path, name in self._free_names(seat, listed):
            if not path.exists():
                return None
            if path.stat().st_size == listed.size and digest(path) == listed.sha256:
                return name
        return None

    def _place(self, part: Path, seat: str, listed: Listed) -> str:
        with self._lock:  # a rename replaces what is there: look, and nobody else meanwhile
            target, name = next(free for free in self._free_names(seat, listed) if not free[0].exists())
            _folders(target.parent, self.folder)
            part.rename(target)
            sync_folder(target.parent)
        return name

    def _free_names(self, seat: str, listed: Listed) -> Iterator[tuple[Path, str]]:
        """Where it may lie, and what that is called; a name that the manifest gives to another content stays
        that one's, also when its copy was taken away."""
        mine = (seat, listed.path, listed.sha256)
        others = {kept.name for key, kept in tuple(self._kept.items()) if kept.seat == seat and key != mine}
        for path in self._names(seat, listed.path):
            name = path.relative_to(self.folder / SEATS / folder_name(seat)).as_posix()
            if name not in others:
                yield path, name

    def _note(self, kept: Kept) -> None:
        with self._lock:
            known = self._kept.get((kept.seat, kept.path, kept.sha256)) == kept
            if not known:
                lines.append(self.folder / MANIFEST, asdict(kept))
                self._kept[kept.seat, kept.path, kept.sha256] = kept

    def _read(self) -> None:
        path = self.folder / MANIFEST
        try:
            found = lines.read(path, Kept)
        except lines.BadLine as bad:
            raise ManifestDamaged(
                N_("the list {path} is damaged in line {number}"), path=path, number=bad.number
            ) from None
        self._kept = {(kept.seat, kept.path, kept.sha256): kept for kept in found}


def _complete(part: Path, listed: Listed, fetch: Fetch, seat: str) -> None:
    """The part whole and on disk. Raises AnswerChanged."""
    for _try in range(_TRIES):
        with lines.appending(part) as file:
            offset = file.seek(0, os.SEEK_END)
            if offset > listed.size:
                file.truncate(0)
                offset = 0
            if offset < listed.size:
                fetch(cast(BinaryIO, _Sink(file)), offset)
            file.flush()
            os.fsync(file.fileno())
        if digest(part) == listed.sha256:
            return
        part.unlink()
        if not offset:
            break
    raise AnswerChanged(N_("{seat}: a file changed while it was copied"), seat=seat)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_PIECE):
            found.update(data)
    return found.hexdigest()


def _folders(path: Path, top: Path) -> None:
    if path == top or path.is_dir():
        return
    _folders(path.parent, top)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)


class _Sink:
    """Takes what a transport brings; tells this computer's faults from those of the connection."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        with _here():
            return self._file.write(data)


@contextlib.contextmanager
def _here() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NoPlaceHere(
            N_("the answers cannot be kept on this computer: {reason}"), reason=error.strerror or error
        ) from None
