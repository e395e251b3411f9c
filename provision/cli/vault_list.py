"""``provision vault list``."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("list", cls=Command, help=N_("Show what is in it."))
@role_option
@site_option
@json_option
@guarded
def command(site: Path, role: str, *, as_json: bool) -> int:
    """Oldest first; of items of one name the last counts."""
    from rich.table import Table  # noqa: PLC0415 - --help must not pay for it

    from provision.cli.exits import Exit  # noqa: PLC0415
    from provision.cli.tables import console  # noqa: PLC0415
    from provision.cli.vault_common import opened, safe_of, said  # noqa: PLC0415

    at, safe = safe_of(site)
    vault = opened(safe, role)
    items, damaged = vault.items(), vault.damaged()
    if as_json:
        emit("vault list", {"items": [said(item) for item in items], "damaged": damaged})
    else:
        table = Table()
        for title in (_("Name"), _("Kind"), _("Bytes"), _("Put in"), "id"):
            table.add_column(title, overflow="fold")
        for item in items:
            when = f"{item.at.astimezone(at.zone):%d.%m.%Y %H:%M}"
            table.add_row(item.name, item.kind.value, str(item.size), when, item.id[:8])
        console().print(table)
        for item_id in damaged:
            click.echo(_("CHANGED: {id}").format(id=item_id))
    return Exit.VAULT if damaged else Exit.DONE
