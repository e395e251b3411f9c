"""``provision init``: start a site."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "init", cls=Command, help=N_("Start a site in DIR: inbox, commented inventory.yaml, empty list.")
)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--example", is_flag=True, help=N_("Build the invented example school there, complete."))
@json_option
@guarded
def command(directory: Path, *, example: bool, as_json: bool) -> None:
    """Nothing that exists is overwritten."""
    if example:
        from provision.example.build import build  # noqa: PLC0415 - draws pictures: slow to import

        build(directory)
        if as_json:
            emit("init", {"made": [str(directory)]})
            return
        click.echo(_("The example school is in {folder}.").format(folder=directory))
        click.echo(_("Next: provision rooms --site {folder}").format(folder=directory))
        return
    from provision.site.starter import start  # noqa: PLC0415

    made = start(directory)
    if as_json:
        emit("init", {"made": [str(path) for path in made]})
        return
    for path in made:
        click.echo(path)
    if not made:
        click.echo(_("Everything is there already; nothing was changed."))
    click.echo(
        _(
            "Next: fill participants.xlsx and inventory.yaml, then run: provision check --site {folder}"
        ).format(folder=directory)
    )
