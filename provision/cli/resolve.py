"""``provision resolve``: a person says whether sheets came out."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "resolve",
    cls=Command,
    help=N_(
        "Say whether a document of unknown fate (WORK, as 'provision status' names it) is on paper; or that"
        " one without a barcode is lost or torn: EXAM/ROOM/protocol --not-printed; it is then printed again."
    ),
)
@click.argument("work", metavar="WORK")
@click.option("--printed", "answer", flag_value="printed", help=N_("All its sheets lie in the tray."))
@click.option("--not-printed", "answer", flag_value="not-printed", help=N_("None of its sheets came out."))
@site_option
@json_option
@guarded
def command(site: Path, work: str, answer: str | None, *, as_json: bool) -> None:
    """Only what is unknown can be resolved."""
    from provision.resolve import resolve  # noqa: PLC0415 - --help must not pay for it

    if answer is None:
        raise click.UsageError(_("Say --printed or --not-printed."))
    work, state = resolve(site, work, printed=answer == "printed")
    if as_json:
        emit("resolve", {"work": work, "state": str(state)})
    elif answer == "printed":
        click.echo(_("Noted: {work} is on paper and is not printed again.").format(work=work))
    else:
        click.echo(_("Noted: {work} is not on paper. 'provision rooms' prints it.").format(work=work))
