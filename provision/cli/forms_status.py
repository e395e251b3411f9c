"""``provision forms status``: how every form stands."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("status", cls=Command, help=N_("Show every form: to fill, filled, uploaded, accepted."))
@site_option
@json_option
@guarded
def command(site: Path, *, as_json: bool) -> int:
    """Reads only."""
    from rich.markup import escape  # noqa: PLC0415 - --help must not pay for it

    from provision.cli.exits import Exit  # noqa: PLC0415
    from provision.cli.forms_shown import STATES, no_forms, said  # noqa: PLC0415
    from provision.cli.screen import console, table  # noqa: PLC0415
    from provision.forms.standing import State, statuses  # noqa: PLC0415
    from provision.ledger import Ledger  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    opened = open_site(site)
    found = statuses(opened, Ledger(opened.state))
    rest = [one for one in found if one.state is not State.ACCEPTED or one.trouble]
    if as_json:
        data = [
            {
                "form": one.mapping.key,
                "state": one.state.value,
                "at": one.last.at.isoformat() if one.last else None,
                "who": one.last.who if one.last else None,
                "sha256": one.last.sha256 if one.last else None,
                "trouble": said(one.trouble) if one.trouble else None,
                "in_the_open": one.open,
            }
            for one in found
        ]
        emit("forms-status", {"forms": data})
        return Exit.INCOMPLETE if rest else Exit.DONE
    if not found:
        no_forms(opened)
        return Exit.DONE
    rows = []
    for one in found:
        word, style = STATES[one.state]
        at = f"{one.last.at.astimezone(opened.zone):%d.%m %H:%M}" if one.last else ""
        who = one.last.who if one.last else ""
        known = [said(one.trouble)] if one.trouble else []
        if one.open:
            known.append(_("in the open: {count} files").format(count=one.open))
        rows.append((one.mapping.key, f"[{style}]{_(word)}[/]", at, escape(who), escape("; ".join(known))))
    headings = (N_("form"), N_("state"), N_("since"), N_("by"), N_("to know"))
    console().print(table("", headings, rows))
    return Exit.INCOMPLETE if rest else Exit.DONE
