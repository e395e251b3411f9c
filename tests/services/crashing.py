"""Power failures in an installation: a process that dies at its N-th step on disk, for every N.

Run as a script: ``crashing.py HOME SCENARIO links|folders``; prints one line of JSON for every N with what
was found after the crash and after the next run. A step is what Python's audit hooks tell of: a file opened
for writing, a name that changes, a folder, a link, a program started. It dies before the step, with
SIGKILL, in a process of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any, cast

from labcheck.agent.install import install
from labcheck.agent.lock import lock as take
from labcheck.agent.protocol import Conversation, Refused
from labcheck.agent.store import Store
from labcheck.agent.uninstall import uninstall

STEPS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.chmod", "os.link", "os.truncate",
         "subprocess.Popen", "shutil.rmtree"}  # fmt: skip
OLD, NEW = "1.0", "2.0"
NAME = "station"


class Silent:
    """A conversation that nobody listens to."""

    def progress(self, **what: Any) -> None:
        """Say nothing."""


SILENT = cast(Conversation, Silent())


def die_at(number: int) -> None:
    """Kill this process before its N-th step."""
    left = [number]

    def hook(event: str, args: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
        if event in STEPS or writes:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def files(version: str) -> dict[str, bytes]:
    """The program: what differs, what is the same in all versions, what leaves a trace when it runs."""
    trace = 'printf "%s " "$1" >> "$HOME/trace"\n'
    run = f"#!/bin/sh\n# {version}\n{trace}".encode()
    return {"bin/run": run, "same.dat": b"same", "only/x": version.encode()}


def described(version: str, *, works: bool = True) -> dict[str, Any]:
    """The program as a request has it."""
    return {
        "name": NAME,
        "version": version,
        "files": [{"path": p, "sha256": hashlib.sha256(d).hexdigest()} for p, d in files(version).items()],
        "install": ["bin/run", f"install-{version}"],
        "check": ["bin/run", f"check-{version}"] if works else ["/bin/false"],
        "uninstall": ["bin/run", f"uninstall-{version}"],
        "answers": "~/answers",
    }


def bring(package: dict[str, Any]) -> None:
    """What the controller does: stage, send what is needed, apply."""
    staged = install(SILENT, {"step": "stage", "software": package})
    for path in staged["needed"]:
        target = Path(staged["folder"], path)
        target.with_name(target.name + ".part").write_bytes(files(package["version"])[path])
        target.with_name(target.name + ".part").rename(target)
    install(SILENT, {"step": "apply", "software": package})


def lock() -> None:
    """Hold the lock, as every change must."""
    take(SILENT, {"owner": "crash test"})


def scenario(name: str) -> None:
    """What is under way when the power fails."""
    if name in {"first", "replace"}:
        bring(described(NEW))
    elif name == "fails":
        with contextlib.suppress(Refused):
            bring(described(NEW, works=False))
    elif name == "rollback":
        install(SILENT, {"step": "rollback", "software": described(NEW)})
    elif name == "uninstall":
        uninstall(SILENT, {"software": described(NEW)})


def prepare(name: str) -> None:
    """What is there before."""
    lock()
    if name != "first":
        bring(described(OLD))
    if name in {"rollback", "uninstall"}:
        bring(described(NEW))


def look(home: Path) -> dict[str, Any]:
    """What is in use, and whether it is whole, read without the agent."""
    store = home / ".local/share/vpr-morning/software" / NAME
    current = store / "current"
    found = None
    for version in (OLD, NEW):
        whole = all(
            (current / p).is_file() and (current / p).read_bytes() == d for p, d in files(version).items()
        )
        found = version if whole else found
    return {
        "whole": found,
        "there": current.exists(),
        "linked": current.is_symlink(),
        "journal": (store / "journal").exists(),
        "leavings": sorted(p.name for p in store.glob("staging/*")) if store.exists() else [],
        "versions": len(list(store.glob("versions/*"))),
        "answer": (home / "answers/12345.wav").read_bytes().decode(),
    }


def forked(work: Any) -> int:
    """Run in a process of its own; its exit status, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    """Crash at every step in turn."""
    home, name, way = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    cast(Any, Store.__init__).__kwdefaults__["links"] = way == "links"
    before = home.with_name("before")
    os.environ["HOME"] = str(before)
    (before / "answers").mkdir(parents=True)
    (before / "answers/12345.wav").write_bytes(b"the only recording")
    assert forked(lambda: prepare(name)) == 0
    os.environ["HOME"] = str(home)

    def crash(number: int) -> None:
        lock()
        die_at(number)
        scenario(name)

    def again() -> None:
        lock()
        bring(described(NEW))

    number, status = 0, -signal.SIGKILL
    while status == -signal.SIGKILL:
        number += 1
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(before, home, symlinks=True)
        (home / "trace").unlink(missing_ok=True)
        status = forked(lambda: crash(number))  # noqa: B023 - used at once
        crashed = look(home)
        repaired = forked(again)
        trace = (home / "trace").read_text().split()
        line = {
            "n": number,
            "status": status,
            "crashed": crashed,
            "repaired": repaired,
            "after": look(home),
        }
        print(json.dumps({**line, "trace": trace}), flush=True)


if __name__ == "__main__":
    main()
