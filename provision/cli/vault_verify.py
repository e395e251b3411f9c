"""``provision vault verify``."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("verify", cls=Command, help=N_("Read everything in it, and compare it with what was put in."))
@click.option(
    "--adopt", is_flag=True, help=N_("Write down items that are whole and not in the record: you know them.")
)
@role_option
@site_option
@json_option
@guarded
def command(site: Path, role: str, *, adopt: bool, as_json: bool) -> int:
    """Encrypted bytes against the ledger, decrypted ones against the hash that was taken before."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.vault_common import opened, safe_of  # noqa: PLC0415
    from provision.vault.errors import VaultDamaged  # noqa: PLC0415

    _site, safe = safe_of(site)
    vault = opened(safe, role)
    if adopt:
        for item_id in safe.standing(deep=False).unrecorded:
            safe.adopt(vault, item_id)
    standing = safe.standing(deep=True)
    damaged = []
    for item_id in (*standing.whole, *standing.unrecorded):
        try:
            vault.verify(item_id)
        except VaultDamaged:
            damaged.append(item_id)
    bad = sorted({*standing.changed, *damaged})
    if as_json:
        data = {
            "whole": len(standing.whole),
            "missing": standing.missing,
            "changed": bad,
            "unrecorded": standing.unrecorded,
        }
        emit("vault verify", data)
    else:
        click.echo(_("Whole: {count}").format(count=len(standing.whole)))
        for item_id in standing.missing:
            click.echo(_("MISSING: {id}").format(id=item_id))
        for item_id in bad:
            click.echo(_("CHANGED: {id}").format(id=item_id))
        for item_id in set(standing.unrecorded) - set(bad):
            name = vault.item(item_id).name
            click.echo(_("Not in the record: {id} ({name})").format(id=item_id, name=name))
        if standing.unrecorded:
            text = _("Somebody else, or a command that was cut off, put these in. If you know them: --adopt")
            click.echo(text)
    return Exit.DONE if standing.sound and not bad else Exit.VAULT
