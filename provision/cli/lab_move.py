"""``labcheck move``: a pupil to a reserve workstation, with the answers begun."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _
from provision.locale import ngettext


@click.command(
    "move",
    cls=Command,
    help=N_(
        "Move a pupil to a reserve. The answers begun are copied here and there, and verified; nothing is"
        " deleted at the first workstation. The pupil keeps the code."
    ),
)
@click.option("--seat", required=True, metavar="SEAT", help=N_("Where the pupil sat: 1А, or 204-1А."))
@click.option("--to", "target", required=True, metavar="SEAT", help=N_("The reserve: 4А, or 204-4А."))
@click.option("--room", "rooms", multiple=True, metavar="N", help=N_("The lab's room."))
@click.option(
    "--all-answers", is_flag=True, help=N_("Take all answers of the seat along, and ask for no code.")
)
@click.option(
    "--without-answers",
    is_flag=True,
    help=N_("Only note the move: the first workstation is dead. Collect its answers later."),
)
@click.option(
    "--ask-passphrase", is_flag=True, help=N_("Ask for the passphrase of the SSH key (access: key).")
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    seat: str,
    target: str,
    rooms: tuple[str, ...],
    *,
    all_answers: bool,
    without_answers: bool,
    ask_passphrase: bool,
    as_json: bool,
) -> int:
    """The code is asked for, or comes by standard input: it does not belong on a command line."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.lab_scope import meant, one_station, opened_ledger, typed  # noqa: PLC0415
    from provision.lab import requirements_of  # noqa: PLC0415
    from provision.labanswers import check_reserve, move_pupil  # noqa: PLC0415
    from provision.labexam import stations  # noqa: PLC0415
    from provision.labroom import bundles, credentials_of, status_of  # noqa: PLC0415

    wanted = meant(site, rooms, [seat, target], every=False)
    room, source = one_station(wanted, seat)
    _room, reserve = one_station(wanted, target)
    demands = requirements_of(wanted.site.inventory, wanted.site.now())
    with opened_ledger(wanted.site) as ledger:
        found = {one.station.seat: one for one in status_of(wanted.site, ledger, room).seats}
        if not found[reserve.seat].outcome.good:
            text = _("Note: no check of today found {room}-{seat} ready. Look at it before the pupil begins.")
            click.echo(text.format(room=room.number, seat=reserve.seat), err=True)
        before = check_reserve(wanted.site, ledger, room, source, reserve)
        for earlier in {one.source: one for one in before}.values():
            time = earlier.at.astimezone(wanted.site.zone)
            text = _("Note: at {time:%H:%M} somebody was moved there from {room}-{seat}. Is it free again?")
            click.echo(text.format(time=time, room=room.number, seat=earlier.source), err=True)
        code = "" if all_answers else _code(wanted.site.inventory.profile.code_pattern)
        credentials = credentials_of(wanted.site, room, typed(wanted, ask_passphrase=ask_passphrase))
        there = stations(room, (source, reserve), demands, credentials)
        moved = move_pupil(
            wanted.site,
            ledger,
            room,
            there[0],
            there[1],
            bundles(),
            code=code,
            with_answers=not without_answers,
        )
    names = {"source": f"{room.number}-{source.seat}", "target": f"{room.number}-{reserve.seat}"}
    if as_json:
        emit("move", {**names, "files": len(moved.files), "sent": moved.sent})
        return Exit.DONE
    if without_answers:
        text = _(
            "Moved from {source} to {target}; no answers were taken along. Collect those of {source} later."
        )
        click.echo(text.format(**names))
    else:
        count = len(moved.files)
        files = ngettext("{n} answer file", "{n} answer files", count).format(n=count)
        text = _("Moved from {source} to {target}: {files}, verified there. The pupil keeps the code.")
        click.echo(text.format(**names, files=files))
    click.echo(_("Start the exam program at {target}; note the time that was lost.").format(**names))
    return Exit.DONE


def _code(pattern: str) -> str:
    import re  # noqa: PLC0415

    typed = click.prompt(_("Code of the pupil"), err=True) if sys.stdin.isatty() else sys.stdin.readline()
    code = str(typed).strip()
    if not re.fullmatch(pattern, code):
        raise click.UsageError(
            _("That is no participant code. Give it by the keyboard, or say --all-answers.")
        )
    return code
