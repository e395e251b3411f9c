"""Work that is killed at one of its steps on the disk, as by a power failure."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

_STEPS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate"}


def killed_at(number: int, work: Callable[[], object]) -> int:
    """Work in a process that dies before its N-th step on disk; its exit status."""
    pid = os.fork()
    if pid == 0:  # the child: quicker than a new interpreter
        left = [number]

        def hook(event: str, args: tuple[object, ...]) -> None:
            writes = event != "open" or (isinstance(args[2], int) and bool(args[2] & 3))
            if event in _STEPS and writes:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)

        status = 1
        try:
            sys.addaudithook(hook)
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
