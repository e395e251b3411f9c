"""``provision vault recovery``: another recovery sheet."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option, sheet_options
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("recovery", cls=Command, help=N_("Print a new recovery sheet; the former is void."))
@sheet_options
@role_option
@site_option
@json_option
@guarded
def command(site: Path, role: str, printer: str | None, file: Path | None, *, as_json: bool) -> int:
    """Each sheet is another key: no sheet can be printed twice."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.vault_common import hand_out, opened_anew, safe_of, sheet_printer  # noqa: PLC0415
    from provision.ledger.vault import record_changed  # noqa: PLC0415

    if (printer is None) == (file is None):
        raise click.UsageError(_("Say --printer or --sheet."))
    at, safe = safe_of(site)
    on = sheet_printer(at, printer)
    _vault, paper = opened_anew(safe, role).new_paper()
    record_changed(safe.ledger, "paper", role, safe.who)
    handed = hand_out(at, paper, on, file)
    if as_json:
        emit("vault recovery", {"recovery_sheet": handed})
    else:
        click.echo(_("Every earlier recovery sheet is void: destroy it."))
    return Exit.DONE if handed else Exit.INCOMPLETE
