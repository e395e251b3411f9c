"""``provision forms check FORM``: what would be filled, what is missing."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "check",
    cls=Command,
    help=N_(
        "Tell what would be filled and what is missing. With --file: whether a form that was filled by hand "
        "is still the downloaded one beside its values. Changes nothing."
    ),
)
@click.argument("form", metavar="FORM")
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help=N_("The form as somebody filled it by hand."),
)
@role_option
@site_option
@json_option
@guarded
def command(site: Path, form: str, file: Path | None, role: str, *, as_json: bool) -> int:
    """Reads only."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.forms_shown import filled_json, said, show_lacks  # noqa: PLC0415
    from provision.cli.forms_vault import marks_for_form  # noqa: PLC0415
    from provision.forms.desk import compared, named, planned  # noqa: PLC0415
    from provision.ledger import Ledger  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    opened = open_site(site)
    mapping = named(opened, form)
    if file is not None:
        found = compared(opened, mapping, file)
        if as_json:
            faults = [said(fault) for fault in found.faults]
            emit(
                "forms-check",
                {"form": mapping.key, "changed": list(map(str, found.places)), "faults": faults},
            )
        else:
            click.echo(
                _("Cells that differ from the downloaded form: {count}").format(count=len(found.places))
            )
            for fault in found.faults:
                click.echo(f"  {said(fault)}")
            if not found.faults:
                click.echo(_("Beside these cells it is the downloaded form."))
        return Exit.INCOMPLETE if found.faults else Exit.DONE
    done = planned(opened, mapping, marks_for_form(opened, Ledger(opened.state), role, mapping))
    if as_json:
        emit("forms-check", filled_json(done))
    else:
        show_lacks(done)
        click.echo(_("Cells to be filled: {count}").format(count=len(done.filling.edits)))
        if done.filling.whole:
            click.echo(_("Nothing is missing. Next: provision forms fill {form}").format(form=mapping.key))
    return Exit.DONE if done.filling.whole else Exit.INCOMPLETE
