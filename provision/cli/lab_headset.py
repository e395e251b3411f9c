"""``labcheck headset``: the test of the headsets alone, all of a room at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, guarded
from provision.cli.exits import Exit
from provision.cli.options import json_option, lab_options, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _

if TYPE_CHECKING:  # --help must not pay for the imports
    from labcheck.visit import Visited
    from provision.cli.lab_evidence import Tested
    from provision.cli.lab_scope import Meant
    from provision.site.model import Room

    Results = list[tuple[Room, tuple[Visited, ...]]]


@click.command(
    "headset",
    cls=Command,
    help=N_(
        "Test the headsets of a room, all at once: each plays a signal of its own and hears it with its own"
        " microphone. Nothing else is checked or installed. What is found takes the place of what the last"
        " whole check found of these headsets; a page with pictures and recordings is kept as evidence."
    ),
)
@lab_options
@click.option(
    "--evidence",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=N_("Where pages and recordings are written (default: .provision/headsets in the site's folder)."),
)
@click.option(
    "--explain",
    metavar="SEAT",
    help=N_("Test nothing: say in plain words what the last check found of this seat's headset."),
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    rooms: Sequence[str],
    seats: Sequence[str],
    folder: Path | None,
    explain: str | None,
    *,
    every: bool,
    ask_passphrase: bool,
    as_json: bool,
) -> int:
    """Do it, show it, and return the exit code."""
    from provision.cli.lab_evidence import evidence_folder, show_pages, write_evidence  # noqa: PLC0415
    from provision.cli.lab_scope import meant  # noqa: PLC0415

    if explain is not None:
        if folder is not None or seats or every:
            raise click.UsageError(_("--explain takes no other seats, and tests nothing."))
        from provision.cli.lab_explain import tell  # noqa: PLC0415

        return tell(site, rooms, explain, as_json=as_json)
    from provision.reports.headset_files import FOLDER  # noqa: PLC0415

    wanted = meant(site, rooms, seats, every=every)
    into = wanted.site.state / FOLDER if folder is None else evidence_folder(folder)
    results, tested, stopped = _run(wanted, ask_passphrase=ask_passphrase, as_json=as_json)
    if not as_json:
        _show(results)
    pages = write_evidence(wanted.site, into, tested)
    if as_json:
        from provision.cli.lab_tables import seats_json  # noqa: PLC0415

        data = [{"room": room.number, "workstations": seats_json(room, found)} for room, found in results]
        files = [str(page) for page in pages]
        emit("labcheck headset", {"rooms": data, "interrupted": stopped, "files": files})
    else:
        show_pages(pages)
    if stopped:
        return Exit.INTERRUPTED
    return Exit.DONE if all(one.outcome.good for _r, found in results for one in found) else Exit.INCOMPLETE


def _run(wanted: Meant, *, ask_passphrase: bool, as_json: bool) -> tuple[Results, Tested, bool]:
    """Room by room, with what was recorded; and whether it was stopped."""
    from provision.cli.lab_evidence import keeper  # noqa: PLC0415
    from provision.cli.lab_live import LabLive  # noqa: PLC0415
    from provision.cli.lab_scope import opened_ledger, orderly_stop, typed  # noqa: PLC0415
    from provision.labroom import credentials_of, headsets_of, prove_headsets  # noqa: PLC0415

    results: Results = []
    tested: Tested = []
    task = headsets_of(wanted.site)
    secrets = typed(wanted, ask_passphrase=ask_passphrase)
    with opened_ledger(wanted.site) as ledger, orderly_stop() as stop:
        for room, stations in wanted.stations:
            credentials = credentials_of(wanted.site, room, secrets)
            with LabLive(room, stations, quiet=as_json) as live:
                keep = keeper(tested, room)
                found = prove_headsets(
                    ledger, wanted.site, room, stations, task, credentials, live, stop, keep
                )
            results.append((room, found))
        return results, tested, stop.is_set()


def _show(results: Results) -> None:
    from provision.cli.lab_tables import trouble_table  # noqa: PLC0415
    from provision.cli.screen import console  # noqa: PLC0415

    for room, found in results:
        shown = trouble_table(room, found)
        if shown is not None:
            console().print(shown)
        good = [one.seat for one in found if one.outcome.good]
        text = _("Room {room}: {good} of {all} headsets are well.")
        console().print(text.format(room=room.number, good=len(good), all=len(found)), markup=False)
