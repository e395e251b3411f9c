"""``provision vault rotate``."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "rotate",
    cls=Command,
    help=N_(
        "Change a passphrase: nothing is encrypted anew. With --key the vault gets a new key and everything "
        "is encrypted anew: after somebody who opened it has left."
    ),
)
@click.option("--key", "key", is_flag=True, help=N_("A new key, and everything encrypted anew."))
@role_option
@site_option
@json_option
@guarded
def command(site: Path, role: str, *, key: bool, as_json: bool) -> None:
    """Killed at any instant, the vault opens; run again, it goes on."""
    from provision.cli.vault_common import ask, ask_new, opened_anew, safe_of  # noqa: PLC0415 - --help must not pay for it
    from provision.ledger.vault import record_changed  # noqa: PLC0415

    _site, safe = safe_of(site)
    if key:
        safe.rotate(opened_anew(safe, role))
    else:
        old = ask(_("Passphrase of the vault"))
        safe.vault.open(role, old)
        safe.vault.change_phrase(role, old, ask_new(_("New passphrase (12 characters or more)")))
        record_changed(safe.ledger, "phrase", role, safe.who)
    if as_json:
        emit("vault rotate", {"role": role, "key": key})
    elif key:
        click.echo(_("Everything is encrypted anew. Backups from before still open with the former keys."))
    else:
        click.echo(_("The passphrase is changed. Backups from before still open with the former one."))
