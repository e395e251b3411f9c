"""``labcheck --room N``: connect, install, check, report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from labcheck.failure import STOPPED
from labcheck.visit import Visited
from provision.cli.common import emit
from provision.cli.exits import Exit
from provision.cli.lab_evidence import Tested, evidence_folder, keeper, write_evidence
from provision.cli.lab_live import LabLive
from provision.cli.lab_scope import Meant, meant, opened_ledger, orderly_stop, typed
from provision.cli.lab_tables import lab_lines, room_json, trouble_table, verdict_line
from provision.cli.screen import console
from provision.labroom import check_room, credentials_of, not_ready, status_of, task_of
from provision.ledger import Ledger
from provision.locale import gettext as _
from provision.site.model import Room, Workstation

Results = list[tuple[Room, tuple[Visited, ...]]]


def check(
    site: Path,
    rooms: Sequence[str],
    seats: Sequence[str],
    junit: Path | None,
    pdf: Path | None,
    evidence: Path | None,
    *,
    every: bool,
    ask_passphrase: bool,
    retry: bool,
    as_json: bool,
) -> int:
    """Do it, show it, and return the exit code."""
    wanted = meant(site, rooms, seats, every=every)
    for file in (junit, pdf):
        _refuse_no_place(file)
    into = None if evidence is None else evidence_folder(evidence)
    tested: Tested = []
    with opened_ledger(wanted.site) as ledger:
        if retry:
            wanted = _left(wanted, ledger)
        results, stopped = _run(wanted, ledger, tested, ask_passphrase=ask_passphrase, as_json=as_json)
        stopped = stopped and bool(_cut(results))  # else it was done by then
        if not as_json:  # papers and evidence may take longer to write than all that was found to find
            _show(wanted, ledger, results)
        files = _write(wanted, ledger, results, tested, junit, pdf)
        if into is not None:
            files += map(str, write_evidence(wanted.site, into, tested))
        if as_json:
            data = [room_json(room, found, status_of(wanted.site, ledger, room)) for room, found in results]
            changed = sum(one.changed for _room, found in results for one in found)
            emit("labcheck", {"rooms": data, "changed": changed, "interrupted": stopped, "files": files})
        else:
            _show_end(results, files, stopped=stopped)
    if stopped:
        return Exit.INTERRUPTED
    good = all(one.outcome.good for _room, found in results for one in found)
    return Exit.DONE if good else Exit.INCOMPLETE


def _refuse_no_place(file: Path | None) -> None:
    """A minute later there is nobody who would like to hear it."""
    if file is not None and (file.is_dir() or not os.access(file.absolute().parent, os.W_OK)):
        text = _("{file} cannot be written: no such folder, or no right to")
        raise click.UsageError(text.format(file=file))


def _left(wanted: Meant, ledger: Ledger) -> Meant:
    """What of it is not ready yet."""
    left: list[tuple[Room, tuple[Workstation, ...]]] = []
    for room, stations in wanted.stations:
        waiting = not_ready(wanted.site, ledger, room)
        left.append((room, tuple(station for station in stations if station in waiting)))
    return Meant(wanted.site, tuple(left), wanted.partly)


def _run(
    wanted: Meant, ledger: Ledger, tested: Tested, *, ask_passphrase: bool, as_json: bool
) -> tuple[Results, bool]:
    """Room by room, with what was recorded; and whether it was stopped."""
    results: Results = []
    task = task_of(wanted.site)
    secrets = typed(wanted, ask_passphrase=ask_passphrase)
    with orderly_stop() as stop:
        for room, stations in wanted.stations:
            credentials = credentials_of(wanted.site, room, secrets)
            with LabLive(room, stations, quiet=as_json) as live:
                keep = keeper(tested, room)
                found = check_room(ledger, room, stations, task, credentials, live, stop, keep)
            results.append((room, found))
        return results, stop.is_set()


def _write(
    wanted: Meant,
    ledger: Ledger,
    results: Results,
    tested: Tested,
    junit: Path | None,
    pdf: Path | None,
) -> list[str]:
    if junit is None and pdf is None:
        return []
    from provision.cli.lab_files import write_junit, write_pdf  # noqa: PLC0415 - paper costs a second

    if junit is not None:
        write_junit(junit, results)
    if pdf is not None:
        write_pdf(pdf, wanted.site, ledger, [room for room, _stations in wanted.stations], tested)
    return [str(path) for path in (junit, pdf) if path is not None]


def _show(wanted: Meant, ledger: Ledger, results: Results) -> None:
    out = console()
    installs = wanted.site.inventory.profile.lab.software is not None
    for room, visited in results:
        shown = trouble_table(room, visited)
        if shown is not None:
            out.print(shown)
        for line in lab_lines(visited, installs=installs and bool(visited)):
            out.print(line)
        if not visited and wanted.partly:
            out.print(_("Nothing is left to check: the seats that are named are ready."))
        elif not visited:
            out.print(_("Nothing is left to check: every workstation is ready."))
        out.print(verdict_line(status_of(wanted.site, ledger, room)))


def _show_end(results: Results, files: Sequence[str], *, stopped: bool) -> None:
    for file in files:
        console().print(_("Written: {file}").format(file=file), soft_wrap=True, markup=False)
    if stopped:
        seats = ", ".join(_cut(results))
        click.echo(_("Stopped. Not checked: {seats}").format(seats=seats), err=True)


def _cut(results: Results) -> list[str]:
    """The seats that were not come to."""
    return [f"{r.number}-{one.seat}" for r, visited in results for one in visited if STOPPED in one.findings]
