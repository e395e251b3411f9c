"""``provision status``: what is here, done, missing, and what to do next."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, scope_options, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "status", cls=Command, help=N_("Show per exam and room what is here, done, missing, and what to do next.")
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
    """Reads only; prints nothing on paper."""
    from provision.cli.scope import open_morning  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.summary import exam_name, exam_notes, status_json, status_table  # noqa: PLC0415
    from provision.cli.tables import console  # noqa: PLC0415
    from provision.status import NEXT, Verdict, status_of  # noqa: PLC0415

    morning = open_morning(site, exams, rooms, date, ask_cipher=ask_cipher)
    statuses = status_of(morning)
    if as_json:
        emit("status", status_json(statuses))
        return 0
    out = console()
    out.print(status_table(statuses))
    for line in exam_notes(statuses):
        out.print(line)
    open_ones = [status for status in statuses if status.verdict is not Verdict.READY]
    if statuses and not open_ones:
        out.print(_("Nothing is left to do: every bundle is complete."))
    for status in open_ones:
        out.print(_("{exam}, next: {step}").format(exam=exam_name(status.exam), step=_(NEXT[status.verdict])))
    return 0
