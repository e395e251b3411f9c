"""What a crash of this process leaves behind: nothing that it held in memory.

The system may be told to write the memory of a process that crashes to disk, or to hand it to a program that
sends it away (systemd-coredump, apport): names, ciphers, passphrases and opened variants in plain. What the
system swaps out while the process lives is beyond this: Python's texts cannot be locked in memory, so swap
must be encrypted, and ``provision audit`` says where it is not.
"""

from __future__ import annotations

import sys

_PR_SET_DUMPABLE = 4
"""Of prctl(2)."""


def undumpable() -> None:
    """No core dump from now on of this process and of the programs that it starts.

    On Linux also no debugger of the same user, and nobody but root reads its environment and open files
    under /proc. What it starts can be looked into again, but dumps nothing either: the limit is inherited.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - only here

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
