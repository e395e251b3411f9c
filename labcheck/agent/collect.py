"""``collect``: the list of answer files. Nothing is moved, changed or deleted."""

from __future__ import annotations

import glob
import os
import stat
import time

from .package import sha256
from .paths import expand
from .programs import WINDOWS
from .protocol import Conversation, Json, Refused

FILES = 20_000
"""More in one folder is not an answers folder."""
Look = dict[str, tuple[int, int]]
"""Path below the folder, with ``/`` -> size in bytes, and the time of the last change in nanoseconds."""


def collect(conversation: Conversation, wanted: Json) -> Json:
    """``{"answers": folder, "settle_s": 2}`` -> ``{folder, exists, files: [{path, size, mtime, sha256,
    stable}]}``.

    ``stable``: neither size nor time changed while we looked twice, ``settle_s`` apart, and no program here
    has it open as far as we may see. Only a stable file's ``sha256`` is given; else it is null. Links are no
    answers."""
    folder = expand(str(wanted.get("answers") or ""))
    if not wanted.get("answers"):
        raise Refused("bad-request", "which folder?")
    if not os.path.isdir(folder):
        return {"folder": folder, "exists": False, "files": []}
    before = look(folder)
    conversation.progress(files=len(before))
    time.sleep(float(wanted.get("settle_s", 2.0)) if before else 0.0)
    files: list[Json] = []
    written = being_written()
    for path, (size, changed) in sorted(look(folder).items()):
        whole = os.path.join(folder, *path.split("/"))
        stable = before.get(path) == (size, changed) and os.path.realpath(whole) not in written
        digest = _hash(whole, size, changed) if stable else None
        stable = digest is not None
        files.append({"path": path, "size": size, "mtime": changed / 1e9, "sha256": digest, "stable": stable})
    return {"folder": folder, "exists": True, "files": files}


def look(folder: str) -> Look:
    """The ordinary files in a folder and those below it. Raises Refused."""
    found: Look = {}
    for above, _folders, files in os.walk(folder):
        for name in files:
            whole = os.path.join(above, name)
            try:
                has = os.lstat(whole)
            except FileNotFoundError:
                continue  # renamed while we look
            if stat.S_ISREG(has.st_mode):
                found[os.path.relpath(whole, folder).replace(os.sep, "/")] = (has.st_size, has.st_mtime_ns)
            if len(found) > FILES:
                raise Refused("too-many-files", "that is no answers folder", folder=folder)
    return found


def _hash(path: str, size: int, changed: int) -> str | None:
    """The content's SHA-256; None when the file changed meanwhile."""
    digest = sha256(path)
    has = os.stat(path)
    return digest if (has.st_size, has.st_mtime_ns) == (size, changed) else None


def being_written() -> set[str]:
    """Files that programs of this account have open for writing. On Windows nobody tells."""
    found: set[str] = set()
    if WINDOWS:
        return found
    for handle in glob.glob("/proc/[0-9]*/fd/*"):
        try:
            if (
                os.lstat(handle).st_mode & stat.S_IWUSR
            ):  # proc(5): the link's own rights are those of the handle
                found.add(os.readlink(handle))
        except OSError:
            continue  # ended, or not ours to see
    return found
