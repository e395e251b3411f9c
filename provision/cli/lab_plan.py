"""``labcheck plan``: what would be installed."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, lab_options, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("plan", cls=Command, help=N_("Show what would be installed; write nothing, here or there."))
@lab_options
@site_option
@json_option
@guarded
def command(
    site: Path,
    rooms: tuple[str, ...],
    seats: tuple[str, ...],
    *,
    every: bool,
    ask_passphrase: bool,
    as_json: bool,
) -> int:
    """An agent in the workstation's memory looks; nothing is put there."""
    from labcheck.errors import LabcheckError  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.exits import Exit  # noqa: PLC0415
    from provision.cli.lab_plans import plan_json, plan_table  # noqa: PLC0415
    from provision.cli.lab_scope import meant, typed  # noqa: PLC0415
    from provision.cli.screen import console  # noqa: PLC0415
    from provision.labroom import Connections, credentials_of, plan_room, task_of  # noqa: PLC0415

    wanted = meant(site, rooms, seats, every=every)
    package = task_of(wanted.site).package
    if package is None:
        if as_json:
            emit("plan", {"rooms": []})
        else:
            click.echo(_("The profile names no exam program (profile: lab: software): none is installed."))
        return Exit.DONE
    secrets = typed(wanted, ask_passphrase=ask_passphrase)
    out, data, failed = console(), [], False
    for room, stations in wanted.stations:
        connect = Connections(credentials_of(wanted.site, room, secrets))
        plans = plan_room(room, stations, package, connect)
        failed |= any(isinstance(plan, LabcheckError) for plan in plans.values())
        if as_json:
            data.append(plan_json(room, plans))
        else:
            out.print(plan_table(room, plans))
    if as_json:
        emit("plan", {"rooms": data})
    return Exit.INCOMPLETE if failed else Exit.DONE
