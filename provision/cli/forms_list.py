"""``provision forms list``: the forms that have a mapping."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("list", cls=Command, help=N_("Show the forms that have a mapping, and where each is."))
@site_option
@json_option
@guarded
def command(site: Path, *, as_json: bool) -> None:
    """Reads only."""
    from provision.cli.forms_shown import KINDS, no_forms  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.screen import console, table  # noqa: PLC0415
    from provision.forms.desk import found_file, mappings  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    opened = open_site(site)
    found = [(mapping, found_file(opened, mapping)) for mapping in mappings(opened)]
    if as_json:
        data = [
            {"form": m.key, "kind": m.kind.value, "title": m.title, "file": path.name if path else None}
            for m, path in found
        ]
        emit("forms-list", {"forms": data})
        return
    rows = [
        (
            m.key,
            _(KINDS[m.kind]),
            m.title,
            path.name if path else _("not here yet: {file}").format(file=m.file),
        )
        for m, path in found
    ]
    if rows:
        console().print(table("", (N_("form"), N_("what"), N_("title"), N_("file")), rows))
    else:
        no_forms(opened)
