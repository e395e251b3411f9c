"""``provision ledger verify``: prove that the record is whole."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "ledger", cls=Command, help=N_("Prove that no event of the record was changed, lost or added.")
)
@click.argument("action", metavar="verify", type=click.Choice(["verify"]))
@site_option
@json_option
@guarded
def command(action: str, site: Path, *, as_json: bool) -> None:  # noqa: ARG001 - there is one action so far
    """Recompute the chain of hashes."""
    from provision.ledger import Ledger  # noqa: PLC0415 - --help must not pay for it
    from provision.site.site import INVENTORY, STATE, open_site, private_folder  # noqa: PLC0415

    if not (site / INVENTORY).is_file():
        open_site(site)  # says so: a record that was never begun must not be shown as whole
    count, last = Ledger(private_folder(site / STATE)).verify()
    if as_json:
        emit("ledger", {"events": count, "hash": last})
        return
    click.echo(_("The record is whole: {count} events.").format(count=count))
    click.echo(_("Hash of the last one: {hash}").format(hash=last))
