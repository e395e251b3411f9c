"""``provision confirm``: scan or count a room's sheets."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "confirm",
    cls=Command,
    help=N_(
        "Scan or count the sheets of a room. Without --scan and --counted it waits for the scanner: one line "
        "per barcode, answered at once; an empty line ends. Where a barcode cannot be read, type the kit's "
        "number (204-07, or 204-07/3 for its page 3)."
    ),
)
@click.option("--room", metavar="N", help=N_("The room."))
@click.option("--exam", metavar="ID", help=N_("The exam, where the room has several that day."))
@click.option(
    "--scan",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help=N_("Read the scanned lines from a file; - is standard input."),
)
@click.option(
    "--counted",
    metavar="SHEETS",
    help=N_("So many sheets lie in the room's bundle, all documents together."),
)
@click.option(
    "--complete",
    is_flag=True,
    help=N_("Every paper of the room is scanned now: what was not, is not there."),
)
@click.option(
    "--extra-removed",
    multiple=True,
    metavar="KIT",
    help=N_("The second paper of this kit was taken out and destroyed (repeatable)."),
)
@click.option(
    "--again",
    is_flag=True,
    help=N_("Scan the room from the beginning: what was scanned before counts no more."),
)
@click.option("--date", metavar="DAY", help=N_("The exam's day (2027-04-15); default: the next one."))
@click.option(
    "--ask-cipher", is_flag=True, help=N_("Ask for the archive's cipher instead of reading a file.")
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    room: str | None,
    exam: str | None,
    scan: Path | None,
    counted: str | None,
    extra_removed: tuple[str, ...],
    date: str | None,
    *,
    complete: bool,
    again: bool,
    ask_cipher: bool,
    as_json: bool,
) -> int:
    """Records what a person says, and settles what follows from it."""
    from provision.cli.common import emit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.exits import Exit  # noqa: PLC0415
    from provision.cli.scanning import Desk, lines_of, needs_hands, report_json, report_lines  # noqa: PLC0415
    from provision.cli.scope import exam_in_room, open_morning  # noqa: PLC0415
    from provision.cli.tables import console  # noqa: PLC0415
    from provision.evidence.confirm import confirm  # noqa: PLC0415

    if room is None:
        raise click.UsageError(_("Say which room: --room N."))
    if counted is not None and not counted.isdecimal():
        raise click.UsageError(_("Write --counted as a number of sheets."))
    chosen = exam_in_room(site, exam, room, date)
    survey = open_morning(site, (chosen,), (room,), None, ask_cipher=ask_cipher).survey
    waits = scan is None and counted is None and not extra_removed
    desk = Desk(lines_of(scan, waits=waits), room, quiet=as_json)
    report = confirm(
        survey,
        chosen,
        room,
        desk.lines(),
        complete=complete,
        counted=None if counted is None else int(counted),
        extra_removed=extra_removed,
        again=again,
        tell=desk.tell,
    )
    if as_json:
        emit("confirm", report_json(chosen, room, report))
    else:
        out = console()
        for line in report_lines(room, report):
            out.print(line)
    return Exit.INCOMPLETE if needs_hands(report) else Exit.DONE
