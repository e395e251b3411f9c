"""``provision rooms``: make and print all that is not printed yet."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import guarded
from provision.cli.options import (
    dry_run_option,
    hold_option,
    json_option,
    move_option,
    scope_options,
    site_option,
)
from provision.cli.words import N_, Command


@click.command(
    "rooms",
    cls=Command,
    help=N_("Make and print, room by room, all that is not printed yet. Run it as often as you like."),
)
@scope_options
@hold_option
@move_option
@dry_run_option
@site_option
@json_option
@guarded
def command(
    site: Path,
    exams: tuple[str, ...],
    rooms: tuple[str, ...],
    date: str | None,
    move: str | None,
    *,
    hold: bool,
    ask_cipher: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Work = plan - ledger."""
    from provision.cli.converge import converge, failover_of  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.scope import open_morning  # noqa: PLC0415

    return converge(
        "rooms",
        site,
        lambda: open_morning(site, exams, rooms, date, ask_cipher=ask_cipher),
        dry_run=dry_run,
        hold=hold,
        failover=failover_of(move),
        as_json=as_json,
    )
