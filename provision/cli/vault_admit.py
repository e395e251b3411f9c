"""``provision vault admit ROLE``."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "admit", cls=Command, help=N_("Let ROLE (deputy) open the vault with a passphrase of its own.")
)
@click.argument("new", metavar="ROLE")
@role_option
@site_option
@json_option
@guarded
def command(site: Path, new: str, role: str, *, as_json: bool) -> None:
    """The new passphrase is typed by whom it belongs to."""
    from provision.cli.vault_common import ask_new, opened_anew, safe_of  # noqa: PLC0415 - --help must not pay for it
    from provision.ledger.vault import record_changed  # noqa: PLC0415

    _site, safe = safe_of(site)
    vault = opened_anew(safe, role)
    vault.admit(new, ask_new(_("Passphrase of {role} (12 characters or more)").format(role=new)))
    record_changed(safe.ledger, "admitted", new, safe.who)
    if as_json:
        emit("vault admit", {"role": new})
    else:
        click.echo(_("{role} opens the vault from now on: --as {role}").format(role=new))
