"""``provision check``: the inventory and the participants' list, and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _

COLUMN_WORDS = {
    "class": N_("class"),
    "letter": N_("letter of the class"),
    "name": N_("surname, given name and patronymic"),
    "surname": N_("surname"),
    "given": N_("given name"),
    "patronymic": N_("patronymic"),
    "room": N_("the pupil's room"),
    "seat": N_("the pupil's seat"),
    "code": N_("participant code"),
    "large_print": N_("large print"),
    "needs": N_("special needs"),
    "absent": N_("absent"),
    "present": N_("present"),
    "note": N_("note"),
}
"""What the columns of the participants' list are called."""


@click.command(
    "check", cls=Command, help=N_("Check inventory.yaml and the participants' list; change nothing.")
)
@site_option
@json_option
@guarded
def command(site: Path, *, as_json: bool) -> None:
    """Every mistake is one line, all of them in one run."""
    from provision.runbook.reading import load_keep, load_procedure  # noqa: PLC0415 - --help must not pay
    from provision.site.site import open_site  # noqa: PLC0415

    found = open_site(site)
    load_procedure(found.root)
    load_keep(found.root)
    inventory = found.inventory
    pupils = Counter(p.class_name for p in found.roster.participants)
    if as_json:
        counts = {
            "school": inventory.school.name,
            "rooms": len(inventory.rooms),
            "printers": len(inventory.printers),
            "exams": len(inventory.exams),
            "pupils": dict(pupils),
            "recognised": found.roster.recognised,
        }
        emit("check", counts)
        return
    click.echo(inventory.school.name)
    for column, heading in found.roster.recognised.items():
        name = _(COLUMN_WORDS[column])
        click.echo(_("  column {name}: recognised as “{heading}”").format(name=name, heading=heading))
    classes = ", ".join(f"{name}: {count}" for name, count in sorted(pupils.items()))
    click.echo(_("  pupils: {classes}").format(classes=classes))
    click.echo(
        _("  rooms: {rooms}, printers: {printers}, exams: {exams}").format(
            rooms=len(inventory.rooms), printers=len(inventory.printers), exams=len(inventory.exams)
        )
    )
    click.echo(_("No mistakes were found."))
