"""``labcheck fix``: put right from here what is safe to, on the operator's word."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labcheck.fix import Change, Fixed
    from labcheck.link import Link
    from labcheck.requirements import Requirements

FIXES = ("unmute", "volume", "default-device", "restart-app")


@click.command(
    "fix",
    cls=Command,
    help=N_(
        "Put something right at one workstation. It is shown and asked about first, and called done only when"
        " a new reading from the workstation shows it."
    ),
)
@click.argument("what", type=click.Choice(FIXES), metavar="WHAT")
@click.option("--seat", required=True, metavar="SEAT", help=N_("The workstation: 1А, or 204-1А."))
@click.option("--room", "rooms", multiple=True, metavar="N", help=N_("The lab's room."))
@click.option(
    "--side", type=click.Choice(["input", "output"]), help=N_("Only the microphone, or only the earphones.")
)
@click.option(
    "--percent",
    type=click.IntRange(1, 100),
    metavar="N",
    help=N_("For 'volume': the level (default: the middle of what the profile allows)."),
)
@click.option("--device", default="", metavar="NAME", help=N_("For 'default-device': which one."))
@click.option("--yes", is_flag=True, help=N_("Do not ask first."))
@click.option(
    "--ask-passphrase", is_flag=True, help=N_("Ask for the passphrase of the SSH key (access: key).")
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    what: str,
    seat: str,
    rooms: tuple[str, ...],
    side: str | None,
    percent: int | None,
    device: str,
    *,
    yes: bool,
    ask_passphrase: bool,
    as_json: bool,
) -> int:
    """Look, ask, do, look again, write down."""
    from labcheck import push  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.exits import Exit  # noqa: PLC0415
    from provision.cli.lab_scope import meant, one_station, opened_ledger, typed  # noqa: PLC0415
    from provision.lab import requirements_of  # noqa: PLC0415
    from provision.labexam import way  # noqa: PLC0415
    from provision.labroom import bundles, credentials_of  # noqa: PLC0415
    from provision.ledger.labincidents import record_fix  # noqa: PLC0415

    wanted = meant(site, rooms, [seat], every=False)
    room, station = one_station(wanted, seat)
    secrets = typed(wanted, ask_passphrase=ask_passphrase)
    demands = requirements_of(wanted.site.inventory, wanted.site.now())
    with opened_ledger(wanted.site) as ledger:
        transport = way(room, station, credentials_of(wanted.site, room, secrets))()
        try:
            link = push.start(transport, bundles())
            changes = _changes(link, what, side, percent, device, demands)
            where = f"{room.number}-{station.seat}"
            agreed = bool(changes) and (yes or _asked(where, changes))
            done = []
            for change in changes if agreed else ():
                done.append(_apply(link, change, demands))
                record_fix(ledger, room.number, station.seat, done[-1])
        finally:
            transport.close()
    _show(where, changes, done, as_json=as_json)
    good = not changes or (agreed and all(one.done for one in done))
    return Exit.DONE if good else Exit.INCOMPLETE


def _changes(
    link: Link,
    what: str,
    side: str | None,
    percent: int | None,
    device: str,
    demands: Requirements,
) -> Sequence[Change]:
    from labcheck.fix import What, changes, devices, restart  # noqa: PLC0415
    from labcheck.judges.sound import INPUTS, OUTPUTS  # noqa: PLC0415

    if What(what) is What.RESTART_APP:
        return [restart(demands.software, link.hello.system)]
    sides = {"input": (INPUTS,), "output": (OUTPUTS,), None: (INPUTS, OUTPUTS)}[side]
    there = devices(link, demands)
    return changes(What(what), there, demands, percent=percent, device=device, sides=sides)


def _apply(link: Link, change: Change, demands: Requirements) -> Fixed:
    from labcheck.fix import apply  # noqa: PLC0415

    return apply(link, change, demands)


def _asked(where: str, changes: Sequence[Change]) -> bool:
    """The operator's word; where nobody can give it there is none, unless it stands in the command."""
    for change in changes:
        click.echo(f"{where}: {change.said.said(_)}", err=True)
    if not sys.stdin.isatty():
        click.echo(_("Nobody can be asked here: say --yes."), err=True)
        return False
    return click.confirm(_("Do it?"), err=True)


def _show(where: str, changes: Sequence[Change], done: Sequence[Fixed], *, as_json: bool) -> None:
    if as_json:
        data = [
            {
                "what": one.change.what.value,
                "change": one.change.said.said(_),
                "done": one.done,
                "after": one.after.said(_),
                "error": one.why.code if one.why else None,
            }
            for one in done
        ]
        emit("fix", {"seat": where, "wanted": len(changes), "fixes": data})
        return
    if not changes:
        click.echo(
            _("{seat}: nothing to put right: the reading shows it as it should be.").format(seat=where)
        )
    elif not done:
        click.echo(_("{seat}: nothing was done.").format(seat=where), err=True)
    for one in done:
        _tell(where, one)


def _tell(where: str, one: Fixed) -> None:
    from labcheck.failure import said_by  # noqa: PLC0415

    change, after = one.change.said.said(_), one.after.said(_)
    if one.done:
        text = _("{seat}: DONE: {change}. Read again: {after}.")
    else:
        text = _("{seat}: NOT DONE: {change}. Read again: {after}.")
    click.echo(text.format(seat=where, change=change, after=after))
    if one.why is not None:
        click.echo(f"{said_by(one.why).said(_)} {_(one.why.remedy)}", err=True)
