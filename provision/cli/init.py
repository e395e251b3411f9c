"""``provision init``: start a site."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import guarded
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "init", cls=Command, help=N_("Start a site in DIR: inbox, commented inventory.yaml, empty list.")
)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--example", is_flag=True, help=N_("Build the invented example school there, complete."))
@guarded
def command(directory: Path, *, example: bool) -> None:
    """Nothing that exists is overwritten."""
    if example:
        from provision.example.build import build  # noqa: PLC0415 - draws pictures: slow to import

        build(directory)
        click.echo(_("The example school is in {folder}.").format(folder=directory))
        click.echo(_("Next: provision rooms --site {folder}").format(folder=directory))
        return
    from provision.site.starter import start  # noqa: PLC0415

    made = start(directory)
    for path in made:
        click.echo(path)
    if not made:
        click.echo(_("Everything is there already; nothing was changed."))
    click.echo(
        _(
            "Next: fill participants.xlsx and inventory.yaml, then run: provision check --site {folder}"
        ).format(folder=directory)
    )
