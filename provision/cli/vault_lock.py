"""``provision vault lock``."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("lock", cls=Command, help=N_("Lock it now."))
@site_option
@json_option
@guarded
def command(site: Path, *, as_json: bool) -> None:
    """Needs no passphrase."""
    from provision.cli.vault_common import safe_of  # noqa: PLC0415 - --help must not pay for it
    from provision.vault import unlocked  # noqa: PLC0415

    _site, safe = safe_of(site)
    was_open = unlocked.lock(safe.vault)
    if as_json:
        emit("vault lock", {"was_open": was_open})
    else:
        click.echo(_("The vault is locked."))
