"""How a command's process ends."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable


def run(command: Callable[[], object]) -> None:
    """Call ``command``, which ends with ``SystemExit``, and end the process with its code.

    Work that was broken off may still be in a thread. Python's own end stops such threads wherever they
    are; one inside qpdf (C++) then aborts the process with signal 6, and the exit code is lost. What a
    command keeps is on disk by now, so with such threads at work nothing but the output is left to do.
    """
    try:
        command()
    except SystemExit as ended:
        others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
        broken_off = bool(others) and all(thread.daemon for thread in others)
        if not broken_off or not isinstance(ended.code, int | None):
            raise
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):  # a reader that has gone has its own exit code already
                stream.flush()
        os._exit(ended.code or 0)
