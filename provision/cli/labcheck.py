"""The ``labcheck`` command: its own options make a lab ready; its subcommands are found in a table."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.lazy import LazyGroup
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, prepare_words
from provision.locale import gettext as _

COMMANDS = {
    "bundle": N_("Build what runs on the workstations, beforehand and with a network."),
    "trust": N_("Show the workstations' fingerprints, and pin their host keys in inventory.yaml."),
    "plan": N_("Show what would be installed; write nothing, here or there."),
    "rehearse": N_("Start a virtual language lab on this computer, for practice."),
    "watch": N_("Watch the workstations during the exam."),
    "fix": N_("Put right what can be put right from here."),
    "move": N_("Move a pupil to a reserve workstation, with the answers begun."),
    "collect": N_("Bring the recorded answers here, verified."),
    "waves": N_("Plan who comes to the workstations when."),
    "uninstall": N_("Take the exam program off the workstations; answers stay."),
}
"""Name -> help, in the order of use; each is ``command`` of provision.cli.lab_NAME."""


@click.group(
    "labcheck",
    cls=LazyGroup,
    table=COMMANDS,
    prefix="lab_",
    invoke_without_command=True,
    help=N_(
        "Check a language lab. This version tells only which workstations answer over the network; software,"
        " headphones and microphones are not checked yet."
    ),
    subcommand_metavar="[COMMAND]",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--room", "rooms", multiple=True, metavar="N", help=N_("Only this room (repeatable)."))
@site_option
@json_option
@click.pass_context
def labcheck(ctx: click.Context, site: Path, rooms: tuple[str, ...], *, as_json: bool) -> None:
    """Reachability only; no seat is called ready."""
    if ctx.invoked_subcommand is None:
        _check(site, rooms, as_json=as_json)


@guarded
def _check(site: Path, rooms: tuple[str, ...], *, as_json: bool) -> int:
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
