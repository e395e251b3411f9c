"""``provision second-person``: set the passphrase that additional prints need."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "second-person",
    cls=Command,
    help=N_(
        "Set the passphrase of NAME, who confirms additional prints (profile: second_person_for_reprint)."
    ),
)
@click.argument("who", metavar="NAME")
@site_option
@json_option
@guarded
def command(site: Path, who: str, *, as_json: bool) -> None:
    """Whoever is appointed already must agree to a change."""
    from provision.cli.kits import typed_passphrase  # noqa: PLC0415 - --help must not pay for it
    from provision.ledger import Ledger  # noqa: PLC0415
    from provision.second_person import appoint, authorise, second_person  # noqa: PLC0415
    from provision.secret import Secret  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    state = open_site(site).state
    before = second_person(state)
    if before is not None:
        click.echo(_("{who} is appointed and must agree to the change.").format(who=before.who), err=True)
        authorise(before, typed_passphrase)
    typed = click.prompt(
        _("New passphrase (8 characters or more)"),
        hide_input=True,
        confirmation_prompt=_("Once more"),
        err=True,
    )
    name = " ".join(who.split())
    appoint(state, Ledger(state), name, Secret(typed))
    if as_json:
        emit("second-person", {"who": name})
    else:
        click.echo(_("Additional prints are confirmed by {who} from now on.").format(who=name))
