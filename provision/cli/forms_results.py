"""``provision forms results``: marks by participant code, typed or imported, once or by two people."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "results",
    cls=Command,
    help=N_(
        "Marks of EXAM by participant code. Without an option: how far the entry is, and where two entries "
        "differ. --enter waits for lines 'CODE MARKS': 12345 1102X0; 'CODE н' for an absent pupil; a code "
        "typed again is corrected; an empty line ends."
    ),
)
@click.argument("exam", metavar="[EXAM]", required=False)
@click.option("--enter", is_flag=True, help=N_("Type the marks."))
@click.option(
    "--import",
    "table",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help=N_("Take in a table (.csv, .xlsx, .xls) with the columns Код and one per task."),
)
@click.option("--second", is_flag=True, help=N_("It is the second entry, by another person, to be compared."))
@click.option("--who", metavar="NAME", help=N_("Who says so (default: the computer's user)."))
@role_option
@site_option
@json_option
@guarded
def command(
    site: Path,
    exam: str | None,
    table: Path | None,
    who: str | None,
    role: str,
    *,
    enter: bool,
    second: bool,
    as_json: bool,
) -> int:
    """Keeps the marks in the vault, or in the site's private folder where there is none; the record notes how
    many, and who."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.forms_marks import enter_marks, refuse, show_sums, sums_json  # noqa: PLC0415
    from provision.cli.forms_vault import marks_for  # noqa: PLC0415
    from provision.cli.kits import staff  # noqa: PLC0415
    from provision.forms.marks_desk import MarksDesk, all_exams  # noqa: PLC0415
    from provision.forms.marks_store import FIRST, SECOND  # noqa: PLC0415
    from provision.ledger import Ledger  # noqa: PLC0415
    from provision.lock import exclusive  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    opened = open_site(site)
    ledger = Ledger(opened.state)
    entry = SECOND if second else FIRST
    if (enter or table or second) and exam is None:
        raise click.UsageError(_("Say which exam: provision forms results EXAM"))
    exams = [exam] if exam is not None else list(all_exams(opened))
    marks = marks_for(opened, ledger, role)
    desks = [MarksDesk(opened, ledger, one, marks) for one in exams]
    if table is not None:
        with exclusive(opened.state, "forms.lock"):
            count, faults = desks[0].take(table, entry, staff(who))
        if faults or not count:
            return refuse(faults, as_json=as_json)
        if not as_json:
            click.echo(_("Taken in: {count} works.").format(count=count))
    if enter:
        with exclusive(opened.state, "forms.lock"):
            enter_marks(desks[0], entry, staff(who), sys.stdin, quiet=as_json)
    sums = [desk.sum() for desk in desks]
    if as_json:
        emit("forms-results", {"exams": sums_json(sums)})
    else:
        show_sums(sums)
    whole = all(one.first and not one.differences and one.unmarked <= 0 for one in sums)
    return Exit.DONE if whole else Exit.INCOMPLETE
