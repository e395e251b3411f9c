"""``provision vault dismiss ROLE``."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("dismiss", cls=Command, help=N_("Take the passphrase of ROLE away."))
@click.argument("who", metavar="ROLE")
@role_option
@site_option
@json_option
@guarded
def command(site: Path, who: str, role: str, *, as_json: bool) -> None:
    """Nobody takes away the passphrase that opens the vault for this very command."""
    from provision.cli.vault_common import opened_anew, safe_of  # noqa: PLC0415 - --help must not pay for it
    from provision.ledger.vault import record_changed  # noqa: PLC0415

    if who == role:
        raise click.UsageError(_("Let another role do that: --as ROLE."))
    _site, safe = safe_of(site)
    opened_anew(safe, role).dismiss(who)
    record_changed(safe.ledger, "dismissed", who, safe.who)
    if as_json:
        emit("vault dismiss", {"role": who})
    else:
        text = _(
            "{role} opens the vault no more. Whoever kept a copy of its files may: provision vault rotate "
            "--key"
        )
        click.echo(text.format(role=who))
