"""``provision journal``: what happened to every sheet, on the screen and as a paper to be signed."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, scope_options, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "journal",
    cls=Command,
    help=N_("Show the print journal: every print and spoilage, with the sums of each room."),
)
@scope_options
@click.option(
    "--pdf",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Write it as a PDF to be signed."),
)
@click.option(
    "--without-names", "without", is_flag=True, help=N_("People by number; nothing in their own words.")
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    exams: tuple[str, ...],
    rooms: tuple[str, ...],
    date: str | None,
    pdf: Path | None,
    *,
    without: bool,
    ask_cipher: bool,
    as_json: bool,
) -> None:
    """Reads only."""
    from provision.cli.accounts import journal_json, journal_tables, write_pdf  # noqa: PLC0415 - for --help
    from provision.cli.scope import open_morning  # noqa: PLC0415
    from provision.cli.tables import console  # noqa: PLC0415
    from provision.locale import translator  # noqa: PLC0415
    from provision.printjournal import account  # noqa: PLC0415
    from provision.printjournal.nameless import nameless  # noqa: PLC0415

    morning = open_morning(site, exams, rooms, date, ask_cipher=ask_cipher)
    found = account(morning)
    if pdf is not None:
        language = translator(morning.survey.site.inventory.school.language)
        paper = nameless(found, language) if without else found
        write_pdf(pdf, paper, morning.survey.site.inventory.school)
    if without:
        found = nameless(found, _)
    if as_json:
        emit("journal", journal_json(found))
        return
    out = console()
    for shown in journal_tables(found):
        out.print(shown)
    out.print(_("Record: {count} events, hash of the last one:").format(count=found.events))
    out.print(found.last_hash, soft_wrap=True)
    if pdf is not None:
        out.print(_("Written: {file}").format(file=pdf), soft_wrap=True, markup=False)
