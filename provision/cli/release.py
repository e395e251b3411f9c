"""``provision release``: let go what 'provision rooms --hold' prepared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import guarded
from provision.cli.options import json_option, scope_options, site_option
from provision.cli.words import N_, Command

if TYPE_CHECKING:
    pass


@click.command(
    "release",
    cls=Command,
    help=N_("Let go what is held at the print server, in the order of the bundles, and follow it."),
)
@scope_options
@site_option
@json_option
@guarded
def command(
    site: Path,
    exams: tuple[str, ...],
    rooms: tuple[str, ...],
    date: str | None,
    *,
    ask_cipher: bool,
    as_json: bool,
) -> int:
    """Sends nothing: what is to print waits at the server already."""
    from provision.cli.converge import let_go  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.scope import open_morning  # noqa: PLC0415

    return let_go(
        "release",
        site,
        lambda: open_morning(site, exams, rooms, date, ask_cipher=ask_cipher),
        as_json=as_json,
    )
