"""Nothing lost, nothing printed twice unsaid: a room printed while everything around it is broken.

``python -m bench crash [--runs N] [--seed S] [--fault NAME] [--cells N]``. Each run prints a room of twelve
kits through a real cupsd to a real IPP printer (or into a folder), with one fault at a seeded instant; then
the person's documented steps are taken until the room has ended, and what lies in the printer's tray is set
against what the program believes. Runs go on side by side, each cell with a server and a printer of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from bench.breaking.cell import Cell
from bench.breaking.faults import FAULTS, schedule
from bench.breaking.judge import Verdict, judge
from bench.breaking.operator import Operator
from bench.common import print_result, print_table

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
    first = fault.strike(cell, rng, number)
    report = Operator(cell, rng).finish()
    cell.wait_quiet()
    told = f"rooms -> {first.code} {first.err.strip()}"
    return judge(cell, report, fault=name, number=number, seconds=time.monotonic() - began, first=told)


def all_runs(tasks: list[Task], seed: int, cells: int) -> Iterator[tuple[Task, Result]]:
    """Do the runs, side by side; yields what came of each as it ends."""
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    results = context.SimpleQueue()
    workers = [
        context.Process(target=_work, args=(number, seed, queue, results)) for number in range(cells)
    ]
    for worker in workers:
        worker.start()
    for task in tasks:
        queue.put(task)
    for _worker in workers:
        queue.put(None)
    for _task in tasks:
        yield results.get()
    for worker in workers:
        worker.join()


def _work(number: int, seed: int, tasks: object, results: object) -> None:
    """A worker: takes runs until there are none, in a cell of its own, with a new one when a run broke it."""
    os.environ["LC_ALL"] = "C.UTF-8"
    with tempfile.TemporaryDirectory(prefix="vpr-crash-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        cell: Cell | None = None
        made = 0
        while (task := tasks.get()) is not None:  # type: ignore[attr-defined]
            result: Result
            try:
                if cell is None:
                    made += 1
                    cell = Cell(Path(folder) / str(made))
                result = run(cell, *task, seed)
            except BaseException:  # noqa: BLE001 - the bench's own failure is a result to be shown
                result = traceback.format_exc()
                if cell is not None:
                    with contextlib.suppress(Exception):
                        cell.close()
                    cell = None
            results.put((task, result))  # type: ignore[attr-defined]
        if cell is not None:
            cell.close()


def _show_bad(task: Task, result: Result) -> None:
    name, number = task
    if isinstance(result, str):
        print(f"the bench broke at '{name}' number {number}:\n{result}", file=sys.stderr, flush=True)
    elif not result.good:
        print(f"'{name}' number {number}: {result}", file=sys.stderr, flush=True)


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
    for task, result in all_runs(tasks, options.seed, min(options.cells, len(tasks))):
        _show_bad(task, result)
        if isinstance(result, str):
            broken += 1
        else:
            verdicts.append(result)
            if options.number is not None:
                print("\n".join(result.story))
    _table(verdicts)
    print_result(summary(verdicts))
    if broken:
        sys.exit(f"{broken} runs have no result: the bench itself broke")


def warm_up() -> None:
    """Import and prepare everything once, so that a forked command only does its own work."""
    from bench.breaking import school  # noqa: PLC0415
    from provision.cli.scope import open_morning  # noqa: PLC0415
    from provision.cli.words import prepare_words  # noqa: PLC0415

    prepare_words()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "school"
        school.build(site, "folder:out")
        (site / ".provision").mkdir(mode=0o700)
        morning = open_morning(site, (), (), "all")
        for todo in morning.todo():
            morning.papers.make(todo.item)


def summary(verdicts: list[Verdict]) -> dict[str, object]:
    """The line of figures."""
    return {
        "runs": len(verdicts),
        "faults": len({verdict.fault for verdict in verdicts}),
        "kits": sum(verdict.kits for verdict in verdicts),
        "lost": sum(len(verdict.lost) for verdict in verdicts),
        "duplicated_without_warning": sum(len(verdict.duplicated) for verdict in verdicts),
        "marked_confirmed_without_paper": sum(len(verdict.unfounded) for verdict in verdicts),
        "stuck": sum(verdict.stuck for verdict in verdicts),
        "unknown_resolved": sum(verdict.resolved for verdict in verdicts),
    }


def _table(verdicts: list[Verdict]) -> None:
    head = ("fault", "runs", "ready", "resolved", "twice, said", "twice", "lost", "unfounded", "stuck", "s")
    rows = []
    for name in FAULTS:
        of = [verdict for verdict in verdicts if verdict.fault == name]
        if of:
            rows.append(
                (
                    name,
                    str(len(of)),
                    str(sum(verdict.good for verdict in of)),
                    str(sum(verdict.resolved for verdict in of)),
                    str(sum(verdict.warned for verdict in of)),
                    str(sum(len(verdict.duplicated) for verdict in of)),
                    str(sum(len(verdict.lost) for verdict in of)),
                    str(sum(len(verdict.unfounded) for verdict in of)),
                    str(sum(verdict.stuck for verdict in of)),
                    f"{sum(verdict.seconds for verdict in of) / len(of):.1f}",
                )
            )
    print_table(head, rows)
