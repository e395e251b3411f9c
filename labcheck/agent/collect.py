"""``collect``: the list of answer files. Nothing is moved, changed or deleted."""

from __future__ import annotations

import os
import stat
import time

from .package import sha256
from .paths import expand
from .protocol import Conversation, Json, Refused
from .typed import NamedTuple
from .writers import Writers, writers

FILES = 20_000
"""More, with its folders, is not an answers folder."""
TICK_S = 0.02
"""Between two looks at the least: the kernel's clock for files goes on by up to 10 ms at a time."""
LONGEST, LONGEST_TOLD = 4000, 1000
"""Characters of a file's path; of the path of what cannot be read, which is told as the folder it is in."""
DENIED, LINK, CHANGING, WRITTEN = "denied", "link", "changing", "written"


class File(NamedTuple):
    """``changed``: nanoseconds since the epoch. ``number``: device and number, which survive a rename."""

    size: int
    changed: int
    number: tuple[int, int]


class Seen(NamedTuple):
    """One look. All paths are below the folder, with ``/``; a folder's ends with one, "" is the whole.

    ``unread``: what could not be looked into -> why; ``folders`` -> when their names changed last, before
    and after they were read, in nanoseconds."""

    files: dict[str, File]
    unread: dict[str, str]
    folders: dict[str, tuple[int, int]]


def collect(conversation: Conversation, wanted: Json) -> Json:
    """``{"answers": folder, "settle_s": 2, "quiet_s": 0, "process": ""}`` -> ``{folder, exists, files:
    [{path, size, mtime, sha256, stable, why}], unread: [{path, why}]}``.

    ``stable``: neither name, size nor time changed while we looked twice, ``settle_s`` apart, and no program
    has it open for writing. Where some programs' open files cannot be seen and the ``process`` that records
    runs or is not known, it must have been as it is for ``quiet_s`` too. Only a stable file's ``sha256`` is
    given; else it is null, and ``why`` is ``written``, ``denied`` (it cannot be read) or ``changing`` (it
    went away between the looks). ``unread`` is what else answers may lie in, a folder's path ending with
    ``/``, the whole being ``/``: ``denied``, ``link`` (it leads out of the folder, or nowhere), ``changing``
    (names in that folder changed meanwhile, so one may have been missed)."""
    folder = expand(str(wanted.get("answers") or ""))
    if not wanted.get("answers"):
        raise Refused("bad-request", "which folder?")
    if not _there(folder):
        return {"folder": folder, "exists": False, "files": [], "unread": []}
    before = look(folder)
    conversation.progress(files=len(before.files))
    time.sleep(max(TICK_S, float(wanted.get("settle_s", 2.0)) if before.files else 0.0))
    seen = look(folder)
    written = writers(str(wanted.get("process") or ""))
    quiet = float(wanted.get("quiet_s") or 0.0)
    files: list[Json] = []
    for path, file in sorted(seen.files.items()):
        same = path in before.files and before.files[path][:2] == file[:2]  # FAT gives new numbers at will
        finished = same and not _busy(file, written, quiet)
        digest, why = _content(os.path.join(folder, *path.split("/")), file, finished)
        files.append(_told(path, file, digest, why))
    numbers = {file.number for file in seen.files.values()}
    for path, file in sorted(before.files.items()):
        if path not in seen.files and file.number not in numbers:  # else it is listed under its new name
            files.append(_told(path, file, None, CHANGING))
    unread = {**_changing(before, seen), **seen.unread}
    told = [{"path": path or "/", "why": why} for path, why in sorted(unread.items())]
    return {"folder": folder, "exists": True, "files": files, "unread": told}


def _told(path: str, file: File, digest: str | None, why: str | None) -> Json:
    return {
        "path": path,
        "size": file.size,
        "mtime": file.changed / 1e9,
        "sha256": digest,
        "stable": digest is not None,
        "why": why,
    }


def _there(folder: str) -> bool:
    """Whether the folder is there; one that we may not get to is."""
    try:
        os.lstat(folder)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def look(folder: str) -> Seen:
    """The ordinary files in a folder and those below it. Links are not followed; pipes and devices hold
    nothing. Raises Refused."""
    seen = Seen({}, {}, {})
    real = os.path.realpath(folder)
    pending = [""]
    while pending:
        inside = pending.pop()
        there = os.path.join(folder, *inside.split("/"))
        try:
            before = os.stat(there).st_mtime_ns
            found = os.listdir(there)
            for name in found:
                _one(seen, inside + name, os.path.join(there, name), real, pending)
                if len(seen.files) + len(seen.unread) + len(seen.folders) + len(pending) > FILES:
                    raise Refused("too-many-files", "that is no answers folder", folder=folder)
            seen.folders[inside] = (before, os.stat(there).st_mtime_ns)
        except OSError as failed:
            _not_read(seen, inside, failed)
    return seen


def _one(seen: Seen, path: str, whole: str, real: str, pending: list[str]) -> None:
    try:
        has = os.lstat(whole)
    except OSError as failed:
        _not_read(seen, path, failed)
        return
    if stat.S_ISDIR(has.st_mode):
        pending.append(path + "/")
    elif stat.S_ISLNK(has.st_mode):
        if not _within(whole, real):
            seen.unread[_short(path)] = LINK
    elif stat.S_ISREG(has.st_mode):
        if len(path) > LONGEST:
            seen.unread[_short(path)] = DENIED
        else:
            seen.files[path] = File(has.st_size, has.st_mtime_ns, (has.st_dev, has.st_ino))


def _not_read(seen: Seen, path: str, failed: OSError) -> None:
    gone = isinstance(failed, FileNotFoundError) and path
    seen.unread[_short(path)] = CHANGING if gone else DENIED


def _short(path: str) -> str:
    """The path, or the folder that it is in when it is too long to be told."""
    return path if len(path) <= LONGEST_TOLD else path[: path.rindex("/", 0, LONGEST_TOLD) + 1]


def _within(link: str, real: str) -> bool:
    """Whether a link leads to what is listed anyway."""
    target = os.path.realpath(link)
    return os.path.exists(target) and os.path.join(target, "").startswith(os.path.join(real, ""))


def _changing(before: Seen, seen: Seen) -> dict[str, str]:
    """Folders in which names came, went or changed from the first look to the end of the second."""
    return {
        _short(path): CHANGING
        for path, (_first, last) in seen.folders.items()
        if path not in before.folders or before.folders[path][0] != last
    }


def _busy(file: File, written: Writers, quiet: float) -> bool:
    """Whether somebody writes to it, or may. A time in the future comes from a clock that was put back."""
    fresh = abs(time.time() - file.changed / 1e9) < quiet
    return file.number in written.files or (written.unseen and fresh)


def _content(path: str, file: File, finished: bool) -> tuple[str | None, str | None]:
    """A finished file's SHA-256; or why it is not known."""
    if not os.access(path, os.R_OK) and os.path.lexists(path):
        return None, DENIED
    if not finished:
        return None, WRITTEN
    try:
        digest = sha256(path)
        has = os.stat(path)
    except FileNotFoundError:
        return None, CHANGING
    except OSError:
        return None, DENIED
    if (has.st_size, has.st_mtime_ns) != (file.size, file.changed):
        return None, WRITTEN
    return digest, None
