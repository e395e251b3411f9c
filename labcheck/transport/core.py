"""One processor core for all threads that serve connections.

Python runs one of them at a time. On several cores each packet then wakes a thread on another core, which
waits for the lock that the first one holds: eight files of 200 MB at once take twice the processor time and
half as long again as on one core, where the lock is handed over without waiting (`script/bench push`).
"""

from __future__ import annotations

import contextlib
import functools
import os
from pathlib import Path

_STAT_PROCESSOR = 36
"""Field 39 of /proc/PID/stat (proc(5)), counted from behind the program's name."""


def share_core() -> None:
    """From now on the calling thread, and threads that it starts, run on the core that is shared by all who
    have called this. Where the system has no such thing, nothing happens."""
    if hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(OSError):  # it is quicker, and needed for nothing
            os.sched_setaffinity(0, {_shared()})


@functools.cache
def _shared() -> int:
    """The core that the system has chosen for the first caller: of unequal ones it knows the better."""
    said = Path("/proc/thread-self/stat").read_bytes()
    return int(said.rpartition(b")")[2].split()[_STAT_PROCESSOR])
