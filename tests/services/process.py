"""Programs that tests start: each in a process group of its own, waited for, stopped by its id."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PATIENCE = 30.0
"""Seconds that a service may take to become ready or to stop."""


class ServiceFailed(AssertionError):
    """A real service that the tests need did not start; the message says what it said."""


def program(name: str) -> str:
    """The path of a program, also from the sbin folders that an ordinary user's PATH lacks."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        msg = f"{name} is not installed: run script/setup"
        raise ServiceFailed(msg)
    return found


def free_port() -> int:
    """A TCP port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(ready: Callable[[], bool], what: str, *, seconds: float = PATIENCE, pause: float = 0.02) -> None:
    """Wait until ``ready()``; fail with ``what`` when it stays false."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            msg = f"not within {seconds:.0f} s: {what}"
            raise ServiceFailed(msg)
        time.sleep(pause)


def listens(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


class Process:
    """A started program and its children; ``log`` receives what it says."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        """Start it, leader of a new process group."""
        self._log = log
        with log.open("ab") as out:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's."""
        return self._popen.pid

    def wait_ready(self, ready: Callable[[], bool], what: str) -> None:
        """Wait until ``ready()``; fail with its output when it ends before."""

        def ready_or_dead() -> bool:
            if self._popen.poll() is not None:
                msg = f"{what}: ended with {self._popen.returncode}"
                raise ServiceFailed(msg)
            return ready()

        try:
            until(ready_or_dead, what)
        except ServiceFailed as failed:
            raise ServiceFailed(f"{failed}\n{self.said()}") from None

    def said(self) -> str:
        """The last of its output."""
        return self._log.read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """Ask it to end, and its whole group to die when it does not."""
        if self._popen.poll() is None:
            self._popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(PATIENCE)
        self.kill()

    def kill(self) -> None:
        """End it and its children at once, as a power failure does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait(PATIENCE)
