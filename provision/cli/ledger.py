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
@click.option(
    "--event",
    type=int,
    metavar="N",
    help=N_("Show the hash of this event, to compare it with a signed print journal."),
)
@site_option
@json_option
@guarded
def command(
    action: str,  # noqa: ARG001 - there is one action so far
    site: Path,
    event: int | None,
    *,
    as_json: bool,
) -> None:
    """Recompute the chain of hashes."""
    from provision.ledger import Ledger  # noqa: PLC0415 - --help must not pay for it
    from provision.site.site import INVENTORY, STATE, open_site, private_folder  # noqa: PLC0415

    if not (site / INVENTORY).is_file():
        open_site(site)  # says so: a record that was never begun must not be shown as whole
    ledger = Ledger(private_folder(site / STATE))
    count, last = ledger.verify()
    if event is not None and not 1 <= event <= count:
        raise click.UsageError(_("The record has {count} events only.").format(count=count))
    named = next((found.hash for found in ledger.events() if found.seq == event), "")
    if as_json:
        asked = {} if event is None else {"event": event, "event_hash": named}
        emit("ledger", {"events": count, "hash": last, **asked})
        return
    click.echo(_("The record is whole: {count} events.").format(count=count))
    click.echo(_("Hash of the last one: {hash}").format(hash=last))
    if event is not None:
        click.echo(_("Hash of event {number}: {hash}").format(number=event, hash=named))
