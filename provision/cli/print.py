"""``provision print SUBJECT``: the batch of one subject."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import guarded
from provision.cli.options import dry_run_option, hold_option, json_option, move_option, site_option
from provision.cli.words import N_, Command

WHAT = ("cover", "kits", "briefing", "protocol", "codes")


@click.command(
    "print",
    cls=Command,
    help=N_("Print one SUBJECT (its beginning is enough): what is not printed yet of it."),
)
@click.argument("subject", metavar="SUBJECT")
@click.option("--class", "class_name", metavar="7А", help=N_("Only this class."))
@click.option("--room", "rooms", multiple=True, metavar="N", help=N_("Only this room (repeatable)."))
@click.option(
    "--what",
    default="all",
    metavar="LIST",
    help=N_("Only these documents, with commas: cover,kits,briefing,protocol,codes."),
)
@click.option(
    "--ask-cipher", is_flag=True, help=N_("Ask for the archive's cipher instead of reading a file.")
)
@hold_option
@move_option
@dry_run_option
@site_option
@json_option
@guarded
def command(
    site: Path,
    subject: str,
    class_name: str | None,
    rooms: tuple[str, ...],
    what: str,
    move: str | None,
    *,
    hold: bool,
    ask_cipher: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """The same as ``rooms``, for one subject."""
    from provision.cli.converge import converge, failover_of  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.scope import exams_of_subject, kinds_of, open_morning  # noqa: PLC0415

    kinds = kinds_of(what)
    return converge(
        "print",
        site,
        lambda: open_morning(
            site, exams_of_subject(site, subject, class_name), rooms, None, ask_cipher=ask_cipher, what=kinds
        ),
        dry_run=dry_run,
        hold=hold,
        failover=failover_of(move),
        as_json=as_json,
    )
