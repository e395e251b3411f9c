"""``provision forms draft NAME FILE``: a first mapping of a form, to be completed."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "draft",
    cls=Command,
    help=N_("Write a first mapping of the form in FILE as forms/NAME.yaml, for you to complete."),
)
@click.argument("name", metavar="NAME")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE")
@site_option
@json_option
@guarded
def command(site: Path, name: str, file: Path, *, as_json: bool) -> None:
    """Never written over a mapping that is there."""
    from provision.forms.desk import draft_mapping  # noqa: PLC0415 - --help must not pay for it
    from provision.site.site import open_site  # noqa: PLC0415

    path = draft_mapping(open_site(site), name, file)
    if as_json:
        emit("forms-draft", {"form": path.stem, "written": str(path)})
        return
    click.echo(_("Written: {file}").format(file=path))
    click.echo(_("Complete it, then: {command}").format(command=f"provision forms check {path.stem}"))
