"""The ``labcheck`` command. So far it tells which workstations answer, and says that this is all it can."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command, prepare_words
from provision.locale import gettext as _


@click.command(
    "labcheck",
    cls=Command,
    help=N_(
        "Check a language lab. This version tells only which workstations answer over the network; software,"
        " headphones and microphones are not checked yet."
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--room", "rooms", multiple=True, metavar="N", help=N_("Only this room (repeatable)."))
@site_option
@json_option
@guarded
def labcheck(site: Path, rooms: tuple[str, ...], *, as_json: bool) -> int:
    """Reachability only; no seat is called ready."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.reach import reach_json, reach_tables  # noqa: PLC0415
    from provision.cli.tables import console  # noqa: PLC0415
    from provision.lab import call_rooms  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    found = call_rooms(open_site(site).inventory, rooms)
    if as_json:
        emit("labcheck", reach_json(found))
        return Exit.INCOMPLETE
    out = console()
    for shown in reach_tables(found):
        out.print(shown)
    click.echo(
        _("NOT CHECKED: software, sound, headphones, microphones. No workstation is shown as ready yet.")
    )
    return Exit.INCOMPLETE


def main() -> None:
    """Entry point of the console script."""
    prepare_words()
    labcheck()
