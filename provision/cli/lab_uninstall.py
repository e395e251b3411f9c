"""``labcheck uninstall``: the exam program off the workstations again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, lab_options, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("uninstall", cls=Command, help=N_("Take the exam program off the workstations; answers stay."))
@lab_options
@click.option("--yes", is_flag=True, help=N_("Do not ask first."))
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
    yes: bool,
    as_json: bool,
) -> int:
    """Asks once, then does it everywhere at once."""
    from labcheck.errors import LabcheckError  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.exits import Exit  # noqa: PLC0415
    from provision.cli.lab_scope import meant, opened_ledger, typed  # noqa: PLC0415
    from provision.cli.lab_tables import trouble  # noqa: PLC0415
    from provision.labroom import Connections, credentials_of, task_of, uninstall_room  # noqa: PLC0415

    wanted = meant(site, rooms, seats, every=every)
    package = task_of(wanted.site).package
    if package is None:
        click.echo(_("The profile names no exam program (profile: lab: software)."), err=True)
        return Exit.SITE
    count = sum(len(stations) for _room, stations in wanted.stations)
    question = _("Take {name} off {n} workstations?").format(name=package.software.name, n=count)
    if not yes and not sys.stdin.isatty():
        click.echo(_("Nothing was taken off: there is nobody to ask. For scripts: --yes"), err=True)
        return Exit.INCOMPLETE
    if not yes and not click.confirm(question, err=True):
        return Exit.INCOMPLETE
    secrets = typed(wanted, ask_passphrase=ask_passphrase)
    data, failed = [], False
    for room, stations in wanted.stations:
        connect = Connections(credentials_of(wanted.site, room, secrets))
        with opened_ledger(wanted.site) as ledger:
            removed = uninstall_room(room, stations, package, connect, ledger)
        for seat, done in removed.items():
            failed |= isinstance(done, LabcheckError)
            if isinstance(done, LabcheckError):
                text = trouble(done, seat)
            else:
                text = _("taken off") if done else _("was not there")
            state = done.code if isinstance(done, LabcheckError) else "removed" if done else "absent"
            data.append({"room": room.number, "seat": seat, "state": state, "message": text})
            if not as_json:
                click.echo(f"{room.number}-{seat}: {text}")
    if as_json:
        emit("uninstall", {"workstations": data})
    return Exit.INCOMPLETE if failed else Exit.DONE
