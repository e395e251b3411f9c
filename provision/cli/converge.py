"""What ``rooms`` and ``print`` do alike: look, settle, show or send, sum up."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from provision.cli.common import emit, fill, warn
from provision.cli.exits import Exit, exit_for
from provision.cli.live import Live
from provision.cli.summary import dry_run_tables, exam_notes, status_json, status_table, todo_json
from provision.cli.tables import console
from provision.locale import gettext as _
from provision.lock import exclusive
from provision.rooms import Failure, Morning, Outcome
from provision.site.site import INVENTORY, STATE, private_folder
from provision.status import ExamStatus, Verdict, status_of


def converge(name: str, site: Path, look: Callable[[], Morning], *, dry_run: bool, as_json: bool) -> int:
    """Do what is missing in the scope that ``look`` opens; the exit code says what is left."""
    if dry_run or not (site / INVENTORY).is_file():  # without an inventory, look() says so
        return _show(name, look(), as_json=as_json)
    with exclusive(private_folder(site / STATE)):
        morning = look()
        return _do(name, morning, as_json=as_json)


def _show(name: str, morning: Morning, *, as_json: bool) -> int:
    todo = morning.todo()
    statuses = status_of(morning)  # after the papers were made: it tells what became of a template
    if as_json:
        emit(name, {"dry_run": True, "todo": todo_json(todo), **status_json(statuses)})
    else:
        out = console()
        for shown in dry_run_tables(todo, morning.forecast(todo)):
            out.print(shown)
        for line in exam_notes(statuses):
            out.print(line)
        if not todo:
            out.print(_("Nothing to print."))
    return _blocked(statuses) or Exit.DONE


def _do(name: str, morning: Morning, *, as_json: bool) -> int:
    with Live(quiet=as_json) as live, _orderly_stop(morning):
        failures = dict(morning.settle(live.progress))
        todo = morning.todo()
        live.expect(todo)
        morning.prove(todo)
        outcome = morning.run(todo, live.progress)
    failures |= outcome.failures
    statuses = status_of(morning)
    if as_json:
        emit(
            name,
            {"printed": {"documents": outcome.documents, "sheets": outcome.sheets}, **status_json(statuses)},
        )
    else:
        _sum_up(morning, outcome, statuses)
    for printer, failure in failures.items():
        warn(f"{printer}: {fill(failure.template, failure.params)}")
        warn(f"  {_(failure.remedy)}")
    if morning.stopped:
        warn(_("Stopped. Run the same command again: it goes on where it stopped."))
        return Exit.INTERRUPTED
    return _exit(failures, statuses)


def _sum_up(morning: Morning, outcome: Outcome, statuses: tuple[ExamStatus, ...]) -> None:
    out = console()
    out.print(status_table(statuses))
    for line in exam_notes(statuses):
        out.print(line)
    if outcome.documents:
        out.print(
            _("Printed now: {documents} documents, {sheets} sheets.").format(
                documents=outcome.documents, sheets=outcome.sheets
            )
        )
    else:
        out.print(_("Nothing to print: everything that can be is printed already."))
    for folder in morning.folders():
        out.print(_("Open: {folder}").format(folder=folder), soft_wrap=True)


def _exit(failures: Mapping[str, Failure], statuses: tuple[ExamStatus, ...]) -> int:
    for failure in failures.values():
        return exit_for(failure)
    if blocked := _blocked(statuses):
        return blocked
    rooms = [room.verdict for status in statuses for room in status.rooms]
    done = all(verdict in {Verdict.READY, Verdict.CLAIMED} for verdict in rooms)
    return Exit.DONE if done else Exit.INCOMPLETE


def _blocked(statuses: tuple[ExamStatus, ...]) -> int:
    if any(status.refusals for status in statuses):
        return Exit.PLAN
    if any(status.troubles for status in statuses):
        return Exit.MATERIALS
    return 0


@contextlib.contextmanager
def _orderly_stop(morning: Morning) -> Iterator[None]:
    """The first Ctrl-C lets what is on its way end and sends nothing more; the second breaks off."""

    def handle(_signal: int, _frame: object) -> None:
        if morning.stopped:
            raise KeyboardInterrupt
        morning.stop()
        click.echo(_("Stopping: what is on its way is let end. Ctrl-C again breaks off."), err=True)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
