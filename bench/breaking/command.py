"""The ``provision`` command in a process of its own, forked when all is imported, and stopped where we say.

A :class:`Point` names an instant inside the program: the process waits there until the one who started it
has broken what is to be broken, and lets it go on (or has killed it).
"""

from __future__ import annotations

import faulthandler
import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from printing.queues import cups as cups_queue
from printing.queues import folder as folder_queue
from provision.cli.main import provision
from provision.ledger import journal as ledger_journal
from provision.ledger import store

PATIENCE = 60.0
"""Seconds that a command may take; a run of a room takes about twenty. More is stuck."""


class Where(StrEnum):
    """The instants at which the program can be held."""

    BEFORE_STEP = "before a journal step"
    INSIDE_STEP = "after a journal step's commit, before its head is written"
    AFTER_STEP = "after a journal step"
    JOB_MADE = "when the server has the empty job"
    HANDED_OVER = "when the document is sent, not finished"


@dataclass(frozen=True, slots=True)
class Point:
    """The ``count``-th time (from 1) that the program passes ``where``."""

    where: Where
    count: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and how it ended (a negative code: by that signal; None: it had to be killed)."""

    code: int | None
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object that it printed; empty when there is none."""
        try:
            found: dict[str, Any] = json.loads(self.out)
        except ValueError:
            return {}
        return found


class Running:
    """A started command."""

    def __init__(self, folder: Path, words: Sequence[str], point: Point | None = None) -> None:
        """Fork, and run ``provision`` with ``words`` in the child; its output goes to files in ``folder``."""
        self._out, self._err = folder / "stdout", folder / "stderr"
        here, there = os.pipe(), os.pipe()
        self._reached, self._go = here[0], there[1]
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        self._code: int | None = None
        if self.pid == 0:
            os.close(here[0])
            os.close(there[1])
            _child(self._out, self._err, words, point, here[1], there[0])
        os.close(here[1])
        os.close(there[0])

    def reached(self, seconds: float) -> bool:
        """Wait until the program stands at its point; False when it ended before, or time ran out."""
        ready, _, _ = select.select([self._reached], [], [], seconds)
        return bool(ready) and os.read(self._reached, 1) == b"."

    def go_on(self) -> None:
        """Let it go on from its point."""
        os.write(self._go, b".")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; nothing when it has ended."""
        if not self.ended():
            os.kill(self.pid, number)

    def err(self) -> str:
        """What it has said by now of what a person should know."""
        return " ".join(self._err.read_text(errors="replace").split())

    def ended(self) -> bool:
        """Whether it has."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code is not None

    def wait(self, seconds: float = PATIENCE) -> Said:
        """Wait for its end; kill it when it does not come, and say so."""
        deadline = time.monotonic() + seconds
        while not self.ended() and time.monotonic() < deadline:
            time.sleep(0.01)
        stuck = not self.ended()
        if stuck:
            os.kill(self.pid, signal.SIGUSR1)  # it says where it stands
            time.sleep(0.5)
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._code = -signal.SIGKILL
        os.close(self._reached)
        os.close(self._go)
        out, err = (file.read_text(errors="replace") for file in (self._out, self._err))
        return Said(None if stuck else self._code, out, err)


def _child(
    out: Path, err: Path, words: Sequence[str], point: Point | None, reached: int, go: int
) -> NoReturn:
    code = 70
    try:
        for path, stream in ((out, 1), (err, 2)):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(descriptor, stream)
            os.close(descriptor)
        faulthandler.register(signal.SIGUSR1)
        if point is not None:
            _hold(point, reached, go)
        provision(list(words))
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _hold(point: Point, reached: int, go: int) -> None:
    """Make the program stop at the point."""
    counts = dict.fromkeys(Where, 0)
    lock = threading.Lock()

    def passing(where: Where) -> None:
        with lock:
            counts[where] += 1
            here = (where, counts[where]) == (point.where, point.count)
        if here:
            os.write(reached, b".")
            os.read(go, 1)

    def around(owner: Any, name: str, *, before: Where | None = None, after: Where | None = None) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def outer(*args: Any, **kwargs: Any) -> Any:
            if before is not None:
                passing(before)
            result = inner(*args, **kwargs)
            if after is not None:
                passing(after)
            return result

        setattr(owner, name, outer)

    for step in ("intend", "advance"):
        around(ledger_journal.LedgerJournal, step, before=Where.BEFORE_STEP, after=Where.AFTER_STEP)
    around(store.Ledger, "_write_head", before=Where.INSIDE_STEP)
    around(cups_queue.CupsQueue, "_stream", before=Where.JOB_MADE)
    around(cups_queue._Wire, "write", after=Where.HANDED_OVER)
    around(folder_queue, "_write_new", before=Where.JOB_MADE, after=Where.HANDED_OVER)
