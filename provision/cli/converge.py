"""What ``rooms`` and ``print`` do alike: look, settle, show or send, sum up."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType

import click

from provision.cli.common import emit, fill, warn
from provision.cli.exits import Exit, exit_for
from provision.cli.interrupts import break_off
from provision.cli.live import Live
from provision.cli.summary import dry_run_tables, exam_notes, status_json, status_table, todo_json
from provision.cli.tables import console
from provision.locale import gettext as _
from provision.lock import exclusive
from provision.rooms import Morning, Outcome
from provision.site.model import Failover
from provision.site.site import INVENTORY, STATE, private_folder
from provision.status import ExamStatus, Verdict, status_of


def converge(
    name: str,
    site: Path,
    look: Callable[[], Morning],
    *,
    dry_run: bool,
    as_json: bool,
    hold: bool = False,
    failover: Failover | None = None,
) -> int:
    """Do what is missing in the scope that ``look`` opens; the exit code says what is left."""

    def act(morning: Morning, live: Live) -> Outcome:
        failures = morning.settle(live.progress, live)
        todo = morning.todo()
        live.expect(todo)
        morning.prove(todo)
        outcome = morning.run(todo, live.progress, live, failover, hold=hold)
        return replace(outcome, failures={**failures, **outcome.failures})

    if dry_run or not (site / INVENTORY).is_file():  # without an inventory, look() says so
        return _show(name, look(), as_json=as_json)
    return carry_out(name, site, look, act, as_json=as_json)


def failover_of(move: str | None) -> Failover | None:
    """What ``--move`` says; None where it is not given and the profile decides."""
    words = {"yes": Failover.ALWAYS, "no": Failover.NEVER, "ask": Failover.ASK}
    return words[move] if move is not None else None


def let_go(name: str, site: Path, look: Callable[[], Morning], *, as_json: bool) -> int:
    """Let go what is held in the scope that ``look`` opens, and follow it to its end."""
    return carry_out(
        name, site, look, lambda morning, live: morning.release(live.progress, live), as_json=as_json
    )


def carry_out(
    name: str,
    site: Path,
    look: Callable[[], Morning],
    act: Callable[[Morning, Live], Outcome],
    *,
    as_json: bool,
) -> int:
    """Do ``act`` alone on the site, and sum up."""
    with exclusive(private_folder(site / STATE)):
        morning = look()
        with Live(quiet=as_json) as live, _orderly_stop(morning):
            outcome = act(morning, live)
        return _tell(name, morning, outcome, as_json=as_json)


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


def _tell(name: str, morning: Morning, outcome: Outcome, *, as_json: bool) -> int:
    statuses = status_of(morning)
    if as_json:
        printed = {"documents": outcome.documents, "sheets": outcome.sheets}
        emit(name, {"printed": printed, "held": outcome.held, **status_json(statuses)})
    else:
        _sum_up(morning, outcome, statuses)
    for printer, failure in outcome.failures.items():
        warn(f"{printer}: {fill(failure.template, failure.params)}")
        warn(f"  {_(failure.remedy)}")
    for printer in sorted(outcome.moved):
        warn(_("{printer}: what was never sent to it was printed elsewhere.").format(printer=printer))
    if morning.stopped:
        warn(_("Stopped. Run the same command again: it goes on where it stopped."))
        return Exit.INTERRUPTED
    return _exit(outcome, statuses)


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
    if outcome.held:
        out.print(_("Held at the print server: {documents} documents.").format(documents=outcome.held))
    if not outcome.documents and not outcome.held:
        done = _("Nothing to print: everything that can be is printed already.")
        out.print(_("Nothing was printed.") if outcome.failures or morning.stopped else done)
    for folder in morning.folders():
        out.print(_("Open: {folder}").format(folder=folder), soft_wrap=True)


def _exit(outcome: Outcome, statuses: tuple[ExamStatus, ...]) -> int:
    for printer, failure in outcome.failures.items():
        if printer not in outcome.moved:
            return exit_for(failure)
    if blocked := _blocked(statuses):
        return blocked
    good = {Verdict.READY, Verdict.LAB, Verdict.CLAIMED} | ({Verdict.HELD} if outcome.held else set())
    rooms = [room.verdict for status in statuses for room in status.rooms]
    return Exit.DONE if all(verdict in good for verdict in rooms) else Exit.INCOMPLETE


def _blocked(statuses: tuple[ExamStatus, ...]) -> int:
    if any(status.refusals for status in statuses):
        return Exit.PLAN
    if any(status.troubles for status in statuses):
        return Exit.MATERIALS
    return 0


@contextlib.contextmanager
def _orderly_stop(morning: Morning) -> Iterator[None]:
    """The first Ctrl-C lets what is on its way end and sends nothing more; the second breaks off."""

    def handle(number: int, frame: FrameType | None) -> None:
        if morning.stopped:
            break_off(number, frame)
            return
        morning.stop()
        click.echo(_("Stopping: what is on its way is let end. Ctrl-C again breaks off."), err=True)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
