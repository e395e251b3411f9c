"""``provision wipe``: remove what need not be kept any more."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "wipe",
    cls=Command,
    help=N_(
        "Remove what was kept long enough of an exam day: downloads, prints, forms, marks, answers, here and "
        "in the vault. The record stays; so does what belongs to no exam day, and it is named."
    ),
)
@click.option("--date", metavar="DAY", help=N_("The day of an exam (default: the last one that is over)."))
@click.option("--yes", is_flag=True, help=N_("Remove without asking."))
@role_option
@site_option
@json_option
@guarded
def command(site: Path, date: str | None, role: str, *, yes: bool, as_json: bool) -> int:
    """Shows what would go and asks; without a terminal and without --yes it only shows."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.wiping import past_day, plan_json, plan_lines, vault_of  # noqa: PLC0415
    from provision.ledger import Ledger  # noqa: PLC0415
    from provision.lock import exclusive  # noqa: PLC0415
    from provision.runbook.look import board  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415
    from provision.wipe import plan, wipe  # noqa: PLC0415

    opened = open_site(site)
    day = past_day(opened, date)
    ledger = Ledger(opened.state)
    safe, vault = vault_of(opened, ledger, role)
    with exclusive(opened.state):
        found = plan(opened, ledger, day, opened.now().date(), vault)
        if not as_json:
            for line in plan_lines(found):
                click.echo(line)
        if found.due and not yes:
            if as_json or not sys.stdin.isatty():
                if as_json:
                    emit("wipe", {**plan_json(found), "removed": 0})
                else:
                    click.echo(_("Nothing was removed: say --yes."))
                return Exit.INCOMPLETE
            typed = click.prompt(_("To remove it for ever, type the day ({day})").format(day=day), err=True)
            if typed.strip() != str(day):
                click.echo(_("Nothing was removed."))
                return Exit.INCOMPLETE
        done = wipe(board(opened, day), ledger, found, safe, lambda _target: None)
    if as_json:
        emit("wipe", {**plan_json(found), "removed": done.removed, "bytes": done.bytes})
    else:
        click.echo(_("Removed, and it was looked that they are gone: {count}").format(count=done.removed))
        for path in done.stayed:
            click.echo(_("COULD NOT be removed, or another name leads to it: {file}").format(file=path))
    return Exit.INCOMPLETE if done.stayed or (found.locked and found.unbound_items) else Exit.DONE
