"""``labcheck calibrate``: a known-good headset measured, its model's limits narrowed on a person's word."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import guarded
from provision.cli.options import json_option, lab_options, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "calibrate",
    cls=Command,
    help=N_(
        "Narrow the limits of a model of headsets. Plug one that is certainly well into the workstation SEAT:"
        " it is tested there three times. What it gives is shown beside the limits until now; after your yes"
        " it is written into inventory.yaml (profile: lab: headset_calibrations), where the rest stays as it"
        " is. Every later test of that model goes by it."
    ),
)
@lab_options
@click.option("--yes", is_flag=True, help=N_("Ask nothing: write it when the headset is well."))
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
    """Writes inventory.yaml and nothing else: a headset that was brought there is not the seat's own."""
    if len(seats) != 1 or every:
        raise click.UsageError(_("Say at which seat the headset is plugged in: --room 204 --seat 1А"))
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.lab_calibrating import Calibrating, measured  # noqa: PLC0415
    from provision.cli.lab_scope import meant, one_station  # noqa: PLC0415

    wanted = meant(site, rooms, seats, every=False)
    room, station = one_station(wanted, seats[0])
    visited, runs, stopped = measured(wanted, room, station, ask_passphrase=ask_passphrase, quiet=as_json)
    if stopped:
        return Exit.INTERRUPTED
    calibrating = Calibrating(wanted.site, room, visited, runs)
    calibrating.tell(yes=yes, as_json=as_json)
    return Exit.DONE if calibrating.written else Exit.INCOMPLETE
