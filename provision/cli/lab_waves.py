"""``labcheck waves``: who comes to the workstations when."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _
from provision.locale import ngettext


@click.command(
    "waves",
    cls=Command,
    help=N_("Plan the waves of an oral exam: classes, workstations and minutes. Reserves stay free."),
)
@click.option("--room", "rooms", multiple=True, metavar="N", help=N_("The lab's room."))
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    required=True,
    metavar="N",
    help=N_("What one pupil takes."),
)
@click.option(
    "--change",
    type=click.FloatRange(min=0),
    default=5.0,
    metavar="N",
    help=N_("Minutes between two waves (default: 5)."),
)
@click.option(
    "--broken",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help=N_("How many workstations have failed; reserves replace them."),
)
@click.option("--until", metavar="TIME", help=N_("When all must have finished: 13:30."))
@site_option
@json_option
@guarded
def command(
    site: Path,
    rooms: tuple[str, ...],
    minutes: float,
    change: float,
    broken: int,
    until: str | None,
    *,
    as_json: bool,
) -> int:
    """From the inventory and the participants' list alone."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.lab_scope import meant  # noqa: PLC0415
    from provision.cli.lab_waveplan import too_late, wave_json, wave_table  # noqa: PLC0415
    from provision.cli.screen import console  # noqa: PLC0415
    from provision.labwaves import limit_of, waves_in  # noqa: PLC0415

    wanted = meant(site, rooms, (), every=False)
    data, late = [], False
    for room, _some in wanted.stations:
        groups, found = waves_in(wanted.site, room, minutes, change, broken)
        limit = limit_of(found, until)
        over = limit is not None and found.ends is not None and found.ends > limit
        late |= over
        data.append(wave_json(room, found, groups, late=over))
        if as_json:
            continue
        console().print(wave_table(room, found))
        pupils = sum(group.pupils for group in groups)
        text = ngettext("{n} pupil", "{n} pupils", pupils).format(n=pupils)
        click.echo(
            _("{pupils}, {stations} workstations in use, reserves still free: {reserves}.").format(
                pupils=text, stations=found.stations, reserves=found.reserves
            )
        )
        if over and limit is not None:
            click.echo(too_late(found, groups, limit, minutes, change), err=True)
    if as_json:
        emit("waves", {"rooms": data})
    return Exit.INCOMPLETE if late else Exit.DONE
