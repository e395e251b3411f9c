"""The ways to bring the same kits to the same printers, each timed from the start of its first command."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.pace import school
from bench.pace.printers import Printed, Printer, print_room
from provision.cli.exits import Exit
from tests.services.cups import PrintServer
from tests.services.process import program

PRINTERS = ("laser0", "laser1")
SLACK = 60.0
"""Seconds that a run may take beyond five times its nominal printing time."""


@dataclass(frozen=True, slots=True)
class Size:
    """What is printed, and how fast: ``speed_up`` multiplies the printers' 30 pages per minute.
    ``kits_per_job`` is the profile's, for our way only."""

    rooms: int
    kits: int
    speed_up: float
    kits_per_job: int = 1

    @property
    def pages_per_minute(self) -> float:
        """Of each printer."""
        return school.PPM * self.speed_up

    @property
    def sheets(self) -> int:
        """All that must come out."""
        return self.rooms * self.kits * school.SHEETS_PER_KIT

    @property
    def patience(self) -> float:
        """Seconds after which a run is stuck."""
        return SLACK + 5 * self.sheets / len(PRINTERS) * 60 / self.pages_per_minute


@dataclass(frozen=True, slots=True)
class Result:
    """One contender's run. ``printed`` by printer; ``ours_cpu`` are CPU seconds of the commands that were
    started, ``cups_cpu`` those of cupsd with its filters and backends; times since the epoch."""

    name: str
    started: float
    printed: tuple[tuple[Printed, ...], ...]
    commands_ended: float
    ours_cpu: float
    cups_cpu: float
    sheet_seconds: float

    @property
    def seconds(self) -> float:
        """From the start of the first command until the last sheet is out."""
        return max(each.ended for row in self.printed for each in row) - self.started

    @property
    def first_sheet(self) -> float:
        """From the start of the first command until the first document has arrived whole at a printer."""
        return min(each.began for row in self.printed for each in row) - self.started

    @property
    def sheets(self) -> int:
        """All that came out."""
        return sum(each.sheets for row in self.printed for each in row)

    def _busy(self, row: Sequence[Printed]) -> float:
        return sum(each.sheets for each in row) * self.sheet_seconds

    @property
    def utilisation(self) -> float:
        """Nominal printing time / time between a printer's first document and its last sheet; their mean."""
        parts = [self._busy(row) / (row[-1].ended - row[0].began) for row in self.printed]
        return sum(parts) / len(parts)

    @property
    def utilisation_from_start(self) -> float:
        """The same from the start of the first command until the last sheet of all."""
        return sum(self._busy(row) for row in self.printed) / len(self.printed) / self.seconds

    @property
    def gaps(self) -> list[float]:
        """Seconds that a printer stood between two documents, sorted."""
        return sorted(
            after.began - before.ended for row in self.printed for before, after in itertools.pairwise(row)
        )


Sending = Callable[[PrintServer, float], None]
"""Gives everything to the print server; returns by the deadline (monotonic), or raises."""


def papers(folder: Path, tasks: bytes, size: Size, kits_per_job: int) -> list[Path]:
    """The same kits as files, made by the product, ``kits_per_job`` in each."""
    school.build(folder, tasks, ["folder:out"], size.rooms, size.kits, kits_per_job)
    run_provision(folder, time.monotonic() + size.patience)
    return sorted((folder / "out").rglob("*.pdf"))


def run_provision(site: Path, deadline: float) -> None:
    """The command that prints the kits; it ends as "incomplete", because nothing else is printed.

    Its modules are compiled once, as an installed program's are, whatever this environment does without."""
    command = str(Path(sys.executable).with_name("provision"))
    words = [command, "print", school.SUBJECT, "--what", "kits", "--site", str(site)]
    compiled = {"PYTHONPYCACHEPREFIX": str(site.parent / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    run_command(words, deadline, good=Exit.INCOMPLETE, env=compiled)


def run_ours(folder: Path, tasks: bytes, size: Size) -> Result:
    """``provision print``, with fresh servers."""

    def send(_server: PrintServer, deadline: float) -> None:
        run_provision(folder, deadline)

    def prepare(server: PrintServer) -> None:
        queues = [server.uri(name) for name in PRINTERS]
        school.build(folder, tasks, queues, size.rooms, size.kits, size.kits_per_job)

    return _run("ours: provision print", size, send, prepare)


def run_lp(name: str, files: Sequence[Path], size: Size) -> Result:
    """One ``lp`` for each file, in turn on the printers."""

    def send(server: PrintServer, deadline: float) -> None:
        for file, queue in zip(files, itertools.cycle(PRINTERS)):
            where = ["-h", f"{server.host}:{server.port}", "-d", queue]
            how = ["-o", "sides=one-sided", "-o", "media=iso_a4_210x297mm", "-o", "print-scaling=none"]
            run_command([program("lp"), *where, *how, str(file)], deadline)

    return _run(name, size, send, lambda _server: None)


def _run(name: str, size: Size, send: Sending, prepare: Callable[[PrintServer], None]) -> Result:
    with print_room(PRINTERS, size.pages_per_minute) as (server, printers):
        prepare(server)
        cupsd = psutil.Process(server.pid)
        cups_before, ours_before = sum(cupsd.cpu_times()[:4]), _children_cpu()
        deadline, started = time.monotonic() + size.patience, time.time()
        send(server, deadline)
        commands_ended = time.time() - started
        ours = _children_cpu() - ours_before
        _wait_for(size.sheets, printers, deadline)
        cups = sum(cupsd.cpu_times()[:4]) - cups_before
        printed = tuple(printer.printed() for printer in printers)
        recounted = sum(printer.recount() for printer in printers)
        if recounted != size.sheets:
            sys.exit(f"{name}: {recounted} sheets came out, {size.sheets} should have")
    return Result(name, started, printed, commands_ended, ours, cups, 60 / size.pages_per_minute)


def _wait_for(sheets: int, printers: Sequence[Printer], deadline: float) -> None:
    while (out := sum(each.sheets for printer in printers for each in printer.printed())) < sheets:
        if time.monotonic() > deadline:
            sys.exit(f"stuck: {out} of {sheets} sheets came out")
        time.sleep(0.1)


def _children_cpu() -> float:
    """CPU seconds of all children that have ended and were waited for: none but commands do while timed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_command(
    words: Sequence[str], deadline: float, good: int = 0, env: Mapping[str, str] | None = None
) -> None:
    """Run a command to its end; it is killed, with its group, when it takes too long or we are stopped."""
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True, env={**os.environ, **(env or {})},
    )  # fmt: skip
    try:
        said, _nothing = process.communicate(timeout=max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        sys.exit(f"stuck: {words[0]}")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != good:
        sys.exit(f"{' '.join(words)} ended with {process.returncode}:\n{said}")
