"""``lock`` and ``unlock``: two runs that change a workstation must not meet.

The operating system holds the lock for as long as this process lives, so that it cannot be left behind; the
file says who holds it, for whoever has to wait."""

from __future__ import annotations

import contextlib
import json
import os
import time

from .paths import data_folder
from .programs import WINDOWS
from .protocol import Conversation, Json, Refused
from .typed import BinaryIO

FAR = 1 << 30
"""Windows locks bytes and forbids others to read them: lock one that is never there."""
_held: dict[str, BinaryIO | None] = {"file": None}


def lock(_conversation: Conversation, wanted: Json) -> Json:
    """``{"owner", "purpose"}`` -> ``{"owner", "since"}``; error ``locked`` with owner, purpose, since, age_s,
    pid.

    Asking again while it is held here is fine.
    """
    owner = str(wanted.get("owner", ""))[:200]
    os.makedirs(data_folder(), exist_ok=True)
    file = _held["file"] = _held["file"] or _take(os.path.join(data_folder(), "lock"))
    note = {
        "owner": owner,
        "purpose": str(wanted.get("purpose", ""))[:200],
        "since": time.time(),
        "pid": os.getpid(),
    }
    file.seek(0)
    file.truncate()
    file.write(json.dumps(note).encode("ascii"))
    file.flush()
    return note


def unlock(_conversation: Conversation, _wanted: Json) -> Json:
    """Let others in. Answers ``{"released": whether it was held}``."""
    file = _held["file"]
    if file is not None:
        file.truncate(0)
        file.close()
        _held["file"] = None
    return {"released": file is not None}


def require_lock() -> None:
    """Raises Refused when this agent does not hold the lock."""
    if _held["file"] is None:
        raise Refused("not-locked", "ask for the lock first")


def _take(path: str) -> BinaryIO:
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        _system_lock(file)
    except OSError:
        note: Json = {"owner": "", "purpose": "", "since": time.time(), "pid": None}
        with contextlib.suppress(ValueError, OSError):
            note.update(json.loads(file.read(4096)))
        file.close()
        age = max(0.0, time.time() - float(note["since"]))
        raise Refused("locked", "another run is at work on this workstation", age_s=age, **note) from None
    return file


def _system_lock(file: BinaryIO) -> None:
    if WINDOWS:
        import msvcrt  # noqa: PLC0415 - only there

        file.seek(FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        file.seek(0)
    else:
        import fcntl  # noqa: PLC0415 - only there

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
