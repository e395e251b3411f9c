"""``provision vault unlock``."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "unlock",
    cls=Command,
    help=N_(
        "Open the vault until so many minutes have passed since its last use. The system keeps the key and "
        "forgets it by itself."
    ),
)
@click.option(
    "--minutes",
    type=click.IntRange(1, 24 * 60),
    default=30,
    show_default=True,
    help=N_("Minutes after the last use."),
)
@role_option
@site_option
@json_option
@guarded
def command(site: Path, role: str, minutes: int, *, as_json: bool) -> None:
    """Asks even when it is open: the minutes are somebody's decision."""
    from provision.cli.vault_common import opened_anew, safe_of  # noqa: PLC0415 - --help must not pay for it
    from provision.vault import unlocked  # noqa: PLC0415

    _site, safe = safe_of(site)
    kept = unlocked.remember(opened_anew(safe, role), minutes)
    if as_json:
        emit("vault unlock", {"open": kept, "minutes": minutes if kept else 0})
    elif kept:
        text = _(
            "The vault is open until {minutes} minutes after its last use. Lock it: provision vault lock"
        )
        click.echo(text.format(minutes=minutes))
    else:
        click.echo(_("The passphrase is right. This system keeps no keys: every command will ask for it."))
