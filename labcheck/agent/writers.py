"""Which files programs here have open for writing, and whether that can be known of every program."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from . import processes
from .paths import names
from .programs import WINDOWS
from .typed import NamedTuple

INIT = "/proc/1/comm"
"""Readable by everybody, unless /proc hides other accounts' processes (hidepid, see proc(5))."""


class Writers(NamedTuple):
    """``files``: device and number of every file that is open for writing, as far as we may see.
    ``unseen``: somebody whose files we may not see might be writing."""

    files: set[tuple[int, int]]
    unseen: bool


def writers(process: str = "") -> Writers:
    """Look at every program. Nobody is unseen once ``process``, the one that records, does not run.

    By number and not by name: a file may be open under another one. What is only mapped into memory, or
    written by another computer, is not found. On Windows nobody tells."""
    found: set[tuple[int, int]] = set()
    unseen = WINDOWS or not os.path.exists(os.path.dirname(INIT))
    for pid in () if WINDOWS else names("/proc"):
        if not pid.isdigit():
            continue
        folder = f"/proc/{pid}/fd"
        try:
            handles = os.listdir(folder)
        except PermissionError:
            unseen = True
        except OSError:
            continue  # it has ended
        else:
            found.update(_written(folder, handles))
    return Writers(found, unseen and not _ended(process))


def _written(folder: str, handles: list[str]) -> Iterator[tuple[int, int]]:
    for name in handles:
        handle = f"{folder}/{name}"
        try:
            if not os.lstat(handle).st_mode & stat.S_IWUSR:  # proc(5): the link's rights are the handle's
                continue
            if os.readlink(handle).startswith("/"):  # else a pipe or a socket
                has = os.stat(handle)
                yield has.st_dev, has.st_ino
        except OSError:
            continue  # closed meanwhile


def _ended(process: str) -> bool:
    """Whether it is sure that no such program runs."""
    known = bool(process) and (WINDOWS or os.access(INIT, os.R_OK))
    wanted = processes.plain(process)
    return known and all(processes.plain(p["name"]) != wanted for p in processes.running())
