"""``provision reprint KIT``: order and print what replaces spoiled sheets."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import guarded
from provision.cli.options import json_option, kit_options, site_option
from provision.cli.words import N_, Command


@click.command(
    "reprint",
    cls=Command,
    help=N_(
        "Print spoiled sheets of a KIT (its number, 204-07) again, marked as a copy; the old ones are void."
    ),
)
@kit_options
@click.option(
    "--reason",
    metavar="TEXT",
    help=N_("Note the sheets as spoiled too: jam, defect, participant, wrong-kit, 'other: …'."),
)
@click.option(
    "--ask-cipher", is_flag=True, help=N_("Ask for the archive's cipher instead of reading a file.")
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    kit: str,
    pages: tuple[str, ...],
    reason: str | None,
    who: str | None,
    exam: str | None,
    date: str | None,
    *,
    ask_cipher: bool,
    as_json: bool,
) -> int:
    """Work = plan + copies - ledger, narrowed to this kit's copies."""
    from provision.cli.converge import converge  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.kits import ordered_morning, pages_of, staff  # noqa: PLC0415
    from provision.cli.scope import open_morning  # noqa: PLC0415

    chosen, name = pages_of(pages), staff(who)
    exams = (exam,) if exam else ()
    return converge(
        "reprint",
        site,
        lambda: ordered_morning(
            open_morning(site, exams, (), date, ask_cipher=ask_cipher), kit, chosen, reason, name
        ),
        dry_run=False,
        as_json=as_json,
    )
