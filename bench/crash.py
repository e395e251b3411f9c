"""Nothing lost, nothing printed twice unsaid: a room printed while everything around it is broken.

``python -m bench crash [--runs N] [--seed S] [--fault NAME] [--cells N]``. Each run prints a room of twelve
kits through a real cupsd to a real IPP printer (or into a folder), with one fault at a seeded instant; then
the person's documented steps are taken until the room has ended, and what lies in the printer's tray is set
against what the program believes. Runs go on side by side, each cell with a server and a printer of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, Protocol

from bench.breaking import school
from bench.breaking.cell import Cell
from bench.breaking.faults import FAULTS, schedule
from bench.breaking.judge import Verdict, judge
from bench.breaking.operator import Operator
from bench.common import print_result, print_table
from provision.cli.main import provision
from provision.cli.words import prepare_words

CELLS = 8

Task = tuple[str, int]
Result = Verdict | str
"""A verdict, or how the bench itself broke."""


def run(cell: Cell, name: str, number: int, seed: int) -> Verdict:
    """One run of one fault."""
    fault = FAULTS[name]
    rng = random.Random(f"{seed}/{name}/{number}")
    began = time.monotonic()
    cell.fresh(to_folder=fault.to_folder, remote=fault.remote)
    operator = Operator(cell, rng)
    operator.report.note(f"'{name}', rooms", fault.strike(cell, rng, number))
    report = operator.finish()
    return judge(cell, report, fault=name, number=number, seconds=time.monotonic() - began)


class Channel(Protocol):
    """A queue between processes."""

    def put(self, item: Any) -> None:
        """Send."""

    def get(self) -> Any:
        """Receive; waits."""


def all_runs(tasks: list[Task], seed: int, cells: int) -> Iterator[tuple[Task, Result]]:
    """Do the runs, side by side; yields what came of each as it ends."""
    context = multiprocessing.get_context("fork")
    waiting, results = context.SimpleQueue(), context.SimpleQueue()
    workers = [context.Process(target=_work, args=(seed, waiting, results)) for _cell in range(cells)]
    for worker in workers:
        worker.start()
    try:
        for task in [*tasks, *[None] * cells]:
            waiting.put(task)
        for _task in tasks:
            while results.empty():
                if not any(worker.is_alive() for worker in workers):
                    sys.exit("the bench's workers ended before their runs")
                time.sleep(0.05)
            yield results.get()
        for worker in workers:
            worker.join()
    finally:
        for worker in workers:
            worker.terminate()  # quiet for one that has ended
        for worker in workers:
            worker.join()


class _Stopped(BaseException):
    """The bench is to end: a worker stops what it started."""


def _stop(*_signal: object) -> NoReturn:
    raise _Stopped


def _work(seed: int, waiting: Channel, results: Channel) -> None:
    """A worker: takes runs until there are none, in a cell of its own; in a new one when a run broke it."""
    os.environ["LC_ALL"] = "C.UTF-8"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the bench itself tells its workers
    signal.signal(signal.SIGTERM, _stop)
    with (
        contextlib.suppress(_Stopped),
        tempfile.TemporaryDirectory(prefix="vpr-crash-", ignore_cleanup_errors=True) as folder,
    ):
        Path(folder).chmod(0o711)
        cell: Cell | None = None
        cells = itertools.count(1)
        try:
            while (task := waiting.get()) is not None:
                name, number = task
                result: Result
                try:
                    cell = cell or Cell(Path(folder) / str(next(cells)))
                    result = run(cell, name, number, seed)
                except _Stopped:
                    raise
                except BaseException:  # noqa: BLE001 - the bench's own failure is a result to be shown
                    result = traceback.format_exc()
                    if cell is not None:
                        with contextlib.suppress(Exception):
                            cell.close()
                        cell = None
                results.put((task, result))
        finally:
            if cell is not None:
                cell.close()


def _show(task: Task, result: Result, *, always: bool) -> None:
    name, number = task
    if isinstance(result, str):
        print(f"the bench broke at '{name}' number {number}:\n{result}", file=sys.stderr, flush=True)
    elif always or not result.good:
        wrong = f"ready {result.ready}, lost {result.lost}, twice {result.twice}, small {result.small}"
        story = "\n  ".join(result.report.story)
        print(f"--fault '{name}' --number {number}: {wrong}\n  {story}", file=sys.stderr, flush=True)


def main() -> None:
    """Run, print the table of outcomes and the line of figures."""
    parser = argparse.ArgumentParser(prog="bench crash")
    parser.add_argument("--runs", type=int, default=sum(fault.weight for fault in FAULTS.values()))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault", choices=sorted(FAULTS))
    parser.add_argument("--number", type=int, help="repeat this run of the fault alone")
    parser.add_argument("--cells", type=int, default=CELLS)
    options = parser.parse_args(sys.argv[2:])
    tasks = list(schedule(options.runs, options.fault))
    if options.number is not None:
        tasks = [(options.fault, options.number)]
    warm_up()
    verdicts: list[Verdict] = []
    broken = 0
    results = all_runs(tasks, options.seed, min(options.cells, len(tasks)))
    for done, (task, result) in enumerate(results, 1):
        if done % 25 == 0:
            print(f"{done} of {len(tasks)} runs", file=sys.stderr, flush=True)
        _show(task, result, always=options.number is not None)
        if isinstance(result, str):
            broken += 1
        else:
            verdicts.append(result)
    _table(verdicts)
    print_result(summary(verdicts))
    if broken:
        sys.exit(f"{broken} runs have no result: the bench itself broke")


def warm_up() -> None:
    """Import and prepare everything once, so that a forked command only does its own work."""
    prepare_words()
    commands = (
        ["rooms", "--date", "all", "--json"],
        ["confirm", "--room", school.ROOM, "--exam", school.EXAM, "--counted", "1", "--json"],
        ["reprint", "204-01", "--reason", "jam", "--date", "all", "--json"],
    )
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        site = Path(folder) / "school"
        school.build(site, "folder:out")
        for words in commands:
            with (
                contextlib.redirect_stdout(nowhere),
                contextlib.redirect_stderr(nowhere),
                contextlib.suppress(SystemExit),
            ):
                provision([*words, "--site", str(site)])


def summary(verdicts: list[Verdict]) -> dict[str, object]:
    """The line of figures."""
    return {
        "runs": len(verdicts),
        "faults": len({verdict.fault for verdict in verdicts}),
        "kits": school.KITS * len(verdicts),
        "lost": sum(len(verdict.lost) for verdict in verdicts),
        "duplicated_without_warning": sum(len(verdict.twice) for verdict in verdicts),
        "marked_confirmed_without_paper": sum(len(verdict.unfounded) for verdict in verdicts),
        "stuck": sum(not verdict.ready for verdict in verdicts),
        "unknown_resolved": sum(verdict.report.resolved for verdict in verdicts),
    }


_COLUMNS: dict[str, Callable[[Verdict], int]] = {
    "runs": lambda _verdict: 1,
    "ready": lambda verdict: verdict.good,
    "resolved": lambda verdict: verdict.report.resolved,
    "warned": lambda verdict: verdict.report.warned,
    "reprinted": lambda verdict: verdict.report.reprinted,
    "void": lambda verdict: verdict.report.void,
    "twice": lambda verdict: len(verdict.twice),
    "lost": lambda verdict: len(verdict.lost),
    "unfounded": lambda verdict: len(verdict.unfounded),
    "stuck": lambda verdict: not verdict.ready,
    "no barcode": lambda verdict: len(verdict.small),
}


def _table(verdicts: list[Verdict]) -> None:
    rows = []
    for name in FAULTS:
        of = [verdict for verdict in verdicts if verdict.fault == name]
        if of:
            sums = [str(sum(map(count, of))) for count in _COLUMNS.values()]
            rows.append((name, *sums, f"{sum(verdict.seconds for verdict in of) / len(of):.1f}"))
    print_table(("fault", *_COLUMNS, "seconds"), rows)
