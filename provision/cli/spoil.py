"""``provision spoil KIT``: note that sheets must not be used."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, kit_options, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "spoil",
    cls=Command,
    help=N_("Note that sheets of a KIT (its number, 204-07) are spoiled; without --page, all of them."),
)
@kit_options
@click.option(
    "--reason",
    required=True,
    metavar="TEXT",
    help=N_("jam, defect, participant, wrong-kit, or 'other: what happened' (no names)."),
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    kit: str,
    pages: tuple[str, ...],
    reason: str,
    who: str | None,
    exam: str | None,
    date: str | None,
    *,
    as_json: bool,
) -> None:
    """Records; prints nothing."""
    from provision.cli.kits import pages_of, staff  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.scope import open_morning  # noqa: PLC0415
    from provision.reprint import spoil  # noqa: PLC0415
    from provision.spoilage import reason_of  # noqa: PLC0415

    chosen = pages_of(pages)
    morning = open_morning(site, (exam,) if exam else (), (), date)
    recorded = reason_of(reason, morning.survey.site.roster)
    event = spoil(morning, kit, chosen, recorded, staff(who))
    if as_json:
        emit("spoil", {"kit": kit, "spoiled": list(event.pages) if event else [], "reason": recorded})
    elif event is None:
        click.echo(_("Nothing to note: these sheets of kit {kit} are noted already.").format(kit=kit))
    else:
        listed = ", ".join(map(str, event.pages))
        click.echo(_("Noted: kit {kit}, spoiled pages: {pages}.").format(kit=event.kit, pages=listed))
        order = f"provision reprint {event.kit} --exam {event.exam}"
        click.echo(_("Take them out of the bundle. Next: {command}").format(command=order))
