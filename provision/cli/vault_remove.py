"""``provision vault remove NAME``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("remove", cls=Command, help=N_("Take the item NAME (or its id) out for ever."))
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
@role_option
@site_option
@json_option
@guarded
def command(site: Path, name: str, role: str, *, yes: bool, as_json: bool) -> None:
    """An older item of that name counts again, if there is one."""
    from provision.cli.vault_common import opened, safe_of, said  # noqa: PLC0415 - --help must not pay for it

    _site, safe = safe_of(site)
    item = opened(safe, role).newest(name)
    if not yes and not (
        sys.stdin.isatty() and click.confirm(_("Remove {name} for ever?").format(name=item.name), err=True)
    ):
        raise click.UsageError(_("Say --yes."))
    safe.remove(item.id)
    if as_json:
        emit("vault remove", {"item": said(item)})
    else:
        click.echo(
            _("Removed. What is left of it on the disk is encrypted, and readable with the vault's key only.")
        )
