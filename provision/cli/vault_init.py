"""``provision vault init``: the vault and its recovery sheet."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded, warn
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option, sheet_options
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "init", cls=Command, help=N_("Make the vault, set its passphrase and print the recovery sheet.")
)
@sheet_options
@role_option
@site_option
@json_option
@guarded
def command(site: Path, role: str, printer: str | None, file: Path | None, *, as_json: bool) -> None:
    """The sheet is the only other way in."""
    from provision.cli.vault_common import ask_new, hand_out, sheet_printer  # noqa: PLC0415 - --help must not pay for it
    from provision.safe import Safe, folder  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415
    from provision.vault import keys  # noqa: PLC0415
    from provision.vault.errors import VaultThere  # noqa: PLC0415

    opened = open_site(site)
    if keys.exists(folder(opened)):
        raise VaultThere(N_("there is a vault already"))
    on = sheet_printer(opened, printer)
    warn(_("The passphrase opens everything in the vault. Four or five words that do not belong together."))
    _safe, paper = Safe.create(opened, role, ask_new(_("New passphrase (12 characters or more)")))
    handed = hand_out(opened, paper, on, file)
    if as_json:
        emit("vault init", {"role": role, "recovery_sheet": handed})
    else:
        click.echo(_("The vault is made. Put files in: provision vault put FILE"))
