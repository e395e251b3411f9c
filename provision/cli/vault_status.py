"""``provision vault status``."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "status",
    cls=Command,
    help=N_("Say how the vault stands: open or locked, who opens it, what is missing. Asks for nothing."),
)
@site_option
@json_option
@guarded
def command(site: Path, *, as_json: bool) -> int:
    """Lengths are compared; 'verify' reads every byte."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.vault_common import safe_of  # noqa: PLC0415
    from provision.ledger.vault import accesses  # noqa: PLC0415
    from provision.vault import unlocked  # noqa: PLC0415

    opened, safe = safe_of(site)
    leftovers = safe.vault.clear_parts()
    standing = safe.standing(deep=False)
    is_open = unlocked.remembered(safe.vault) is not None
    roles = safe.vault.roles()
    last = accesses(safe.ledger)[-1:]
    if as_json:
        data = {
            "open": is_open,
            "roles": roles,
            "items": len(safe.vault.ids()),
            "missing": standing.missing,
            "changed": standing.changed,
            "unrecorded": standing.unrecorded,
            "leftovers_removed": leftovers,
            "last_opened": last[0].at.isoformat() if last else None,
        }
        emit("vault status", data)
    else:
        click.echo(_("The vault is open.") if is_open else _("The vault is locked."))
        click.echo(_("Items: {count}").format(count=len(safe.vault.ids())))
        click.echo(_("Opened by: {roles}").format(roles=", ".join(roles)))
        for access in last:
            when = f"{access.at.astimezone(opened.zone):%d.%m.%Y %H:%M}"
            text = _("Last opened: {when}, {role} ({who})")
            click.echo(text.format(when=when, role=access.role, who=access.who))
        for item_id in standing.missing:
            click.echo(_("MISSING: {id}").format(id=item_id))
        for item_id in standing.changed:
            click.echo(_("CHANGED: {id}").format(id=item_id))
        if standing.unrecorded:
            click.echo(
                _("Not in the record: {count}. See: provision vault verify").format(
                    count=len(standing.unrecorded)
                )
            )
    return Exit.DONE if standing.sound else Exit.VAULT
