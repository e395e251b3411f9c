"""``provision forms accepted FORM``: a person's word that the upload was accepted."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("accepted", cls=Command, help=N_("Note that an uploaded form was accepted in the account."))
@click.argument("form", metavar="FORM")
@click.option("--who", metavar="NAME", help=N_("Who says so (default: the computer's user)."))
@site_option
@json_option
@guarded
def command(site: Path, form: str, who: str | None, *, as_json: bool) -> None:
    """Records."""
    from provision.cli.kits import staff  # noqa: PLC0415 - --help must not pay for it
    from provision.forms.desk import named  # noqa: PLC0415
    from provision.forms.standing import accepted  # noqa: PLC0415
    from provision.ledger import Ledger  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    opened = open_site(site)
    mapping = named(opened, form)
    event = accepted(Ledger(opened.state), mapping, staff(who))
    if as_json:
        emit("forms-accepted", {"form": mapping.key, "sha256": event.sha256, "who": event.who})
    else:
        click.echo(_("Noted: {form} was accepted.").format(form=mapping.key))
