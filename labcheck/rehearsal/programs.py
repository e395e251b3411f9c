"""Programs of this computer that the virtual lab is made of, and waiting for them."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from labcheck.errors import N_
from labcheck.rehearsal.errors import ProgramMissing

READY_SECONDS = 30.0
"""What a server may take to answer, on a slow computer that starts a whole lab."""
PAUSE_SECONDS = 0.02
COMPILER = "cc"
_building = threading.Lock()


def program(name: str) -> str:
    """The path of a program, also from the sbin folders that an ordinary user's PATH lacks.

    Raises ProgramMissing."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if found is None:
        raise ProgramMissing(N_("{program} is not installed on this computer"), program=name)
    return found


def wrong_clock(folder: Path, seconds: int) -> Path:
    """A library in ``folder`` that makes the clock so fast for programs that load it first.

    libfaketime is not used for it: its version 0.9.10 breaks time.sleep() of Python 3.11.
    Raises ProgramMissing."""
    return _built("wrong_clock", folder, f"-DOFFSET={seconds}")


def earcups(folder: Path) -> Path:
    """The plugin in ``folder`` that makes a microphone hear what its earphones play. Raises
    ProgramMissing."""
    return _built("earcups", folder, "-O2", "-lm")


def _built(name: str, folder: Path, *options: str) -> Path:
    """A library, from the source beside this file; built when ``folder`` has none yet."""
    library = folder / f"{name}.so"
    with _building:
        if not library.exists():
            source = Path(__file__).with_name(f"{name}.c")
            words = ["-shared", "-fPIC", "-O1", "-o", str(library), str(source), *options]
            built = subprocess.run([program(COMPILER), *words], capture_output=True, check=False)
            if built.returncode != 0:
                raise ProgramMissing(
                    N_("{program} cannot build a library on this computer"), program=COMPILER
                )
    return library


@functools.cache
def namespaces() -> tuple[str, ...]:
    """What stands before a command to give it processes and mounts of its own, all of which end with it.

    Empty where that is not allowed, as in most containers."""
    try:
        command = [program("unshare"), "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    except ProgramMissing:
        return ()
    if os.geteuid() != 0:  # its own name in a user name space of its own, with the right to mount there
        command += ["--map-current-user", "--keep-caps"]
    mount = 'mount -t tmpfs tmpfs "$1" && mount -o remount,ro "$1"'
    tried = subprocess.run(
        [*command, "sh", "-c", mount, "sh", "/mnt"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return tuple(command) if tried.returncode == 0 else ()


def until(ready: Callable[[], bool], seconds: float = READY_SECONDS) -> bool:
    """Wait for ``ready()``; whether it became so in time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True
