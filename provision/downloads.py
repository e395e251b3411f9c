"""The folder of downloads, watched: what is for an exam is taken into the site, and its plain copy there is
removed, with proof.

Taken in is only what is recognised by its content as material of an exam of this school; everything else a
person has among the downloads is left alone. A file is left alone, too, while it still grows, while a browser
or another program has it open for writing, and under the names that browsers give to what is unfinished.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from provision.errors import N_, ProvisionError
from provision.intake.catalog import FILE_BYTES, judged, unfinished
from provision.intake.model import Arrival, Kind
from provision.ledger import Ledger, arrivals, bindings
from provision.safe import Safe
from provision.site.site import Site, private_folder
from provision.vault import Kind as VaultKind
from provision.vault.errors import NoVault

EVERY = 2.0
"""Seconds between two looks; a file that differs between them still grows."""
MOST = 5000
"""Files of the folder that are looked at."""
_PREFIX = ".taking-"
_PIECE = 1024 * 1024
_TO_VAULT = frozenset({Kind.CRITERIA, Kind.REPORT})
"""Kinds that no command reads from the inbox: with a vault, they lie in it from the first moment."""
_VAULT_KINDS = {Kind.CIPHER: VaultKind.CIPHER, Kind.CODES: VaultKind.CODES, Kind.FORM: VaultKind.FORM}


class DownloadsMissing(ProvisionError):
    """There is no folder of downloads."""

    code = "downloads-missing"
    remedy = N_("Say which folder the browser writes to: --downloads DIR")


class CopyDiffers(ProvisionError):
    """What was read back is not what was written, or the file changed meanwhile. Nothing was removed."""

    code = "copy-differs"
    remedy = N_(
        "Nothing was removed. Wait until the download has ended; look at the disk if it happens again."
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A download that is in the site now. ``plain_gone``: nothing names its plain copy any more."""

    name: str
    arrival: Arrival
    where: str
    plain_gone: bool


@dataclass(frozen=True, slots=True)
class Left:
    """A finished download that was left where it is: nothing says that it is for an exam here."""

    name: str
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class _Seen:
    size: int
    mtime_ns: int
    inode: int


def downloads_folder(home: Path) -> Path:
    """Where the browser of this person writes to. Raises DownloadsMissing."""
    with contextlib.suppress(OSError):
        text = (home / ".config/user-dirs.dirs").read_text(encoding="utf-8", errors="replace")
        found = re.search(r'^XDG_DOWNLOAD_DIR="(.+)"', text, re.MULTILINE)
        if found:
            path = Path(found[1].replace("$HOME", str(home)))
            if path.is_dir() and path != home:
                return path
    for name in ("Загрузки", "Downloads"):
        if (home / name).is_dir():
            return home / name
    raise DownloadsMissing(N_("there is no folder of downloads in {folder}"), folder=home)


class Watcher:
    """Looks into the folder again and again. ``existing``: takes in what lay there before, too;
    ``all_to_vault``: takes everything into the vault, not only what no command reads from the inbox."""

    def __init__(
        self, site: Site, folder: Path, *, existing: bool = False, all_to_vault: bool = False
    ) -> None:
        """Nothing is taken in yet. Raises DownloadsMissing, and NoVault when all is to go into one."""
        if not folder.is_dir():
            raise DownloadsMissing(N_("there is no folder {folder}"), folder=folder)
        self._site, self._folder = site, folder
        self._ledger = Ledger(site.state)
        self._safe = _safe(site, self._ledger)
        if all_to_vault and self._safe is None:
            raise NoVault(N_("there is no vault here"))
        self._all = all_to_vault
        self._known: dict[str, _Seen] = {} if existing else dict(self._look())
        """Judged, taken or not meant: not looked at again unless they change."""
        self._before: dict[str, _Seen] = {}
        self._left: set[str] = set()
        self.skipped = len(self._known)
        sweep(site)

    def look(self) -> Iterator[Taken | Left]:
        """One look; what stayed the same since the one before is judged, and taken in if it is for us."""
        now = dict(self._look())
        for name, seen in sorted(now.items()):
            if self._known.get(name) == seen or self._before.get(name) != seen:
                continue
            path = self._folder / name
            if not still(path):
                continue
            self._known[name] = seen
            with contextlib.suppress(FileNotFoundError):  # taken away between two looks
                found = self._one(path)
                if isinstance(found, Left):
                    self._left.add(name)
                else:  # what nothing explained before, a cipher for one, this may explain
                    for other in self._left:
                        self._known.pop(other, None)
                    self._left.clear()
                yield found
        self._before = now

    def _one(self, path: Path) -> Taken | Left:
        said = bindings.recorded(self._ledger)
        arrival = judged(path, self._site.inbox, self._site.inventory, said)
        if not ours(arrival):
            return Left(path.name, arrival)
        safe = self._safe if self._all or arrival.kind in _TO_VAULT else None
        return take(self._site, self._ledger, path, arrival, safe)

    def _look(self) -> Iterator[tuple[str, _Seen]]:
        with os.scandir(self._folder) as entries:
            names = {entry.name: entry for entry in entries}
        for name in sorted(names)[:MOST]:
            if name.startswith((".", "~$")) or unfinished(name) or _has_part(name, names):
                continue
            with contextlib.suppress(FileNotFoundError):
                if names[name].is_file(follow_symlinks=False):
                    status = names[name].stat(follow_symlinks=False)
                    if 0 < status.st_size <= FILE_BYTES:
                        yield name, _Seen(status.st_size, status.st_mtime_ns, status.st_ino)


def _has_part(name: str, names: Mapping[str, object]) -> bool:
    """Whether a browser still writes the file beside it: Firefox reserves the name with an empty file."""
    return any(f"{name}{suffix}" in names for suffix in (".part", ".crdownload", ".download", ".partial"))


def ours(arrival: Arrival) -> bool:
    """Whether a file is surely material of an exam of this school."""
    if arrival.kind is Kind.CIPHER:
        return bool(arrival.opens)
    return arrival.kind is not Kind.UNKNOWN and bool(arrival.exams)


def still(path: Path) -> bool:
    """Whether no program has the file open for writing, as far as the kernel tells: it grants a read lease
    only then. True where it cannot say (another owner's file, network folders)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno not in {errno.EAGAIN, errno.EBUSY}
    finally:
        os.close(descriptor)
    return True


def take(site: Site, ledger: Ledger, path: Path, arrival: Arrival, safe: Safe | None) -> Taken:
    """Bring a file into the inbox (0600), or with ``safe`` into the vault; read back what was written; remove
    the plain copy; write down both. Killed at any moment, the file is here or there, or in both places.

    Raises CopyDiffers, what the vault refuses, OSError: then the plain copy is where it was.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as source:
        before, item_id = os.fstat(source.fileno()), ""
        if safe is not None:
            item, _sealed = safe.deposit(
                path.name, _VAULT_KINDS.get(arrival.kind, VaultKind.MATERIAL), source
            )
            digest, where, item_id = item.sha256, arrivals.VAULT, item.id
        else:
            digest, where = _into_inbox(site, path.name, source), arrivals.INBOX
        after = os.fstat(source.fileno())
        if digest != arrival.sha256 or (before.st_size, before.st_mtime_ns) != (
            after.st_size,
            after.st_mtime_ns,
        ):
            raise CopyDiffers(N_("{name} changed while it was taken in"), name=path.name)
        gone = _removed(path, source)
    arrivals.record(ledger, digest, arrival.kind, arrival.exams, where, plain_gone=gone, item=item_id)
    return Taken(path.name, arrival, where, gone)


def _into_inbox(site: Site, name: str, source: BufferedReader) -> str:
    """Copy into the inbox under a name that is free; returns the SHA-256 of what was read back from there.
    The same content is not kept twice."""
    inbox = private_folder(site.inbox)
    digest = hashlib.file_digest(source, "sha256").hexdigest()
    source.seek(0)
    if any(_sha256(other) == digest for other in _same_size(inbox, os.fstat(source.fileno()).st_size)):
        return digest
    part = inbox / f"{_PREFIX}{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while piece := source.read(_PIECE):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        found = _sha256(part)
        if found != digest:
            raise CopyDiffers(N_("the copy of {name} is not the same when it is read back"), name=name)
        _link(part, inbox, name)
    finally:
        part.unlink(missing_ok=True)
    _sync(inbox)
    return found


def _link(part: Path, inbox: Path, name: str) -> None:
    """Give the copy its name; never over another file."""
    plain = Path(name)
    for number in range(1, MOST):
        wanted = name if number == 1 else f"{plain.stem} ({number}){plain.suffix}"
        try:
            os.link(part, inbox / wanted)
        except FileExistsError:
            continue
        return
    raise CopyDiffers(N_("there are too many files called {name} in the inbox"), name=name)


def _removed(path: Path, source: BufferedReader) -> bool:
    """Remove the file that is open, under this name; whether nothing names it any more. Raises CopyDiffers
    when another file has the name by now."""
    ours_, there = os.fstat(source.fileno()), path.lstat()
    if (ours_.st_dev, ours_.st_ino) != (there.st_dev, there.st_ino):
        raise CopyDiffers(N_("{name} changed while it was taken in"), name=path.name)
    path.unlink()
    _sync(path.parent)
    return not os.path.lexists(path) and os.fstat(source.fileno()).st_nlink == 0


def sweep(site: Site) -> int:
    """Remove what a killed command left unfinished in the inbox, an hour later; returns how many."""
    swept = 0
    for part in site.inbox.glob(f"{_PREFIX}*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > 3600:
                part.unlink()
                swept += 1
    return swept


def _same_size(folder: Path, size: int) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(_PREFIX)
        if not hidden and path.is_file() and not path.is_symlink() and path.stat().st_size == size:
            yield path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _safe(site: Site, ledger: Ledger) -> Safe | None:
    try:
        return Safe.of(site, ledger)
    except NoVault:
        return None


def watch(
    watcher: Watcher, told: Callable[[Taken | Left], object], pause: Callable[[float], object], *, once: bool
) -> None:
    """Look until Ctrl-C; with ``once``, two looks: what was there and still at both is taken in."""
    looks = 0
    while not once or looks < 2:
        if looks:
            pause(EVERY)
        for one in watcher.look():
            told(one)
        looks += 1
