"""A box that one virtual workstation's programs run in, and that ends all of them with itself.

Its first process is a shell that takes commands from a pipe. When the pipe ends, even because this program
was killed, the shell ends, and with it, where name spaces are allowed, every process of the box: the kernel
sees to that. Elsewhere its group ends, and connections that are still open end with their other side.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psutil

from labcheck.errors import N_
from labcheck.rehearsal.errors import SeatFailed
from labcheck.rehearsal.programs import namespaces, program, until

COMMAND_SECONDS = 30.0
END_SECONDS = 10.0
SAID_BYTES = 500
_KEEPER = """while IFS= read -r line; do eval "$line" </dev/null >>"$0" 2>&1; echo "$?"; done
kill -KILL 0"""


class Box:
    """``log`` receives what its programs say."""

    def __init__(self, seat: str, log: Path) -> None:
        """Start it."""
        self.seat = seat
        self._log = log
        self.isolated = bool(namespaces())
        self._keeper = subprocess.Popen(
            [*namespaces(), program("sh"), "-c", _KEEPER, str(log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def run(self, command: str, env: Mapping[str, str] | None = None) -> None:
        """Run one line of shell in the box, ``env`` for a simple command; what it starts with ``&`` stays.

        Raises SeatFailed."""
        settings = "".join(f"{name}={shlex.quote(value)} " for name, value in (env or {}).items())
        keeper_in, keeper_out = self._keeper.stdin, self._keeper.stdout
        assert keeper_in is not None  # noqa: S101 - both are pipes, see above
        assert keeper_out is not None  # noqa: S101
        status = b""
        with contextlib.suppress(BrokenPipeError), selectors.DefaultSelector() as waiting:
            keeper_in.write(f"{settings}{command}\n".encode())
            keeper_in.flush()
            waiting.register(keeper_out, selectors.EVENT_READ)
            if waiting.select(COMMAND_SECONDS):
                status = keeper_out.readline()
        if status.strip() != b"0":
            raise self.failed(command.split(maxsplit=1)[0])

    def failed(self, what: str) -> SeatFailed:
        """What to raise when a part did not do what it should: with the last that was said."""
        said = ""
        with contextlib.suppress(OSError):
            said = self._log.read_text(errors="replace").strip()[-SAID_BYTES:]
        return SeatFailed(
            N_("{seat}: {part} did not start: {said}"), seat=self.seat, part=what, said=said or "—"
        )

    def processes(self, name: str = "") -> list[psutil.Process]:
        """Those of this name in the box (all if none is given), and what they have started."""
        found: dict[int, psutil.Process] = {}
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self._keeper.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    if not name or process.name() == name:
                        for one in (process, *process.children(recursive=True)):
                            found[one.pid] = one
        return list(found.values())

    def kill(self, name: str) -> None:
        """End those of this name at once, and wait until they have."""
        _end(self.processes(name))
        self.run("jobs >/dev/null")  # the keeper buries its dead, whom others would see

    def signal(self, name: str, number: signal.Signals) -> None:
        """Stop or continue those whose name begins so, without what else they have started."""
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.name().startswith(name):
                    process.send_signal(number)

    def close(self) -> None:
        """End everything in it. May be called twice."""
        _end(self.processes())  # not the keeper's parent: it buries its child, which an init may not do
        for pipe in (self._keeper.stdin, self._keeper.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            self._keeper.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._keeper.pid, signal.SIGKILL)
            self._keeper.wait(END_SECONDS)


def _end(ending: list[psutil.Process]) -> None:
    for process in ending:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    until(lambda: all(map(_ended, ending)), END_SECONDS)


def _ended(process: psutil.Process) -> bool:
    """Dead, though the keeper may not have asked yet how it ended."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
