"""``labcheck headset``: the test of the headsets alone, all of a room at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, guarded, warn
from provision.cli.exits import Exit
from provision.cli.options import json_option, lab_options, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _

if TYPE_CHECKING:  # --help must not pay for the imports
    from labcheck.headset.test import RoomResult, Sink
    from labcheck.visit import Visited
    from provision.cli.lab_scope import Meant
    from provision.site.model import Room
    from provision.site.site import Site

    Results = list[tuple[Room, tuple[Visited, ...]]]
    Tested = list[tuple[Room, RoomResult]]


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
    from provision.cli.lab_scope import meant  # noqa: PLC0415

    if explain is not None:
        if folder is not None or seats or every:
            raise click.UsageError(_("--explain takes no other seats, and tests nothing."))
        from provision.cli.lab_explain import tell  # noqa: PLC0415

        return tell(site, rooms, explain, as_json=as_json)
    wanted = meant(site, rooms, seats, every=every)
    into = _folder(wanted.site, folder)
    results, tested, stopped = _run(wanted, ask_passphrase=ask_passphrase, as_json=as_json)
    if not as_json:
        _show(results)
    pages = _written(wanted.site, into, tested)
    if as_json:
        from provision.cli.lab_tables import seats_json  # noqa: PLC0415

        data = [{"room": room.number, "workstations": seats_json(room, found)} for room, found in results]
        files = [str(page) for page in pages]
        emit("labcheck headset", {"rooms": data, "interrupted": stopped, "files": files})
    else:
        _show_pages(pages)
    if stopped:
        return Exit.INTERRUPTED
    return Exit.DONE if all(one.outcome.good for _r, found in results for one in found) else Exit.INCOMPLETE


def _folder(site: Site, given: Path | None) -> Path:
    """Where evidence goes, there before anything is played. Raises OSError."""
    from provision.reports.headset_files import FOLDER  # noqa: PLC0415

    if given is None:
        return site.state / FOLDER
    given.mkdir(mode=0o700, parents=True, exist_ok=True)
    return given


def _written(site: Site, into: Path, tested: Tested) -> list[Path]:
    """The pages. A disk that is full takes no result away."""
    from provision.locale import translator  # noqa: PLC0415
    from provision.reports.headset_files import write  # noqa: PLC0415
    from provision.reports.headsets import Place  # noqa: PLC0415

    school = site.inventory.school
    pages = []
    for room, result in tested:
        seats = tuple(station.seat for station in room.workstations)
        place = Place(school.name, room.number, seats, site.now(), school.language)
        try:
            pages.append(write(result, place, into, translator(school.language)))
        except OSError as error:
            text = _("The evidence of room {room} could not be written: {reason}")
            warn(text.format(room=room.number, reason=error.strerror or error))
    return pages


def _run(wanted: Meant, *, ask_passphrase: bool, as_json: bool) -> tuple[Results, Tested, bool]:
    """Room by room, with what was recorded; and whether it was stopped."""
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
                keep = _keeper(tested, room)
                found = prove_headsets(
                    ledger, wanted.site, room, stations, task, credentials, live, stop, keep
                )
            results.append((room, found))
        return results, tested, stop.is_set()


def _keeper(tested: Tested, room: Room) -> Sink:
    def keep(result: RoomResult) -> None:
        tested.append((room, result))

    return keep


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


def _show_pages(pages: Sequence[Path]) -> None:
    from provision.cli.screen import console  # noqa: PLC0415

    for page in pages:
        text = _("Evidence: {file}").format(file=page)
        console().print(text, soft_wrap=True, markup=False)
