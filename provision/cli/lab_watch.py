"""``labcheck watch``: the workstations during the exam, until Ctrl-C."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, lab_options, site_option
from provision.cli.words import N_, Command

if TYPE_CHECKING:
    from labcheck.requirements import Requirements
    from labcheck.watch import Watch
    from provision.cli.lab_scope import Meant
    from provision.labroom import Secrets
    from provision.ledger import Ledger
    from provision.site.model import Room

TICK = 0.1


@click.command(
    "watch",
    cls=Command,
    help=N_(
        "Watch the workstations during the exam, until Ctrl-C: what goes wrong comes first, with the moment"
        " it was noted and what to do. Nothing there is changed."
    ),
)
@lab_options
@click.option(
    "--answer-minutes",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help=N_("How long an answer is recorded: one that stops growing sooner is told of."),
)
@click.option(
    "--every",
    "interval",
    type=click.FloatRange(0.2, 60),
    default=5.0,
    metavar="SECONDS",
    help=N_("How often each workstation is looked at (default: 5)."),
)
@click.option(
    "--listen/--no-listen",
    default=True,
    help=N_(
        "Listen to the microphones beside the exam program, two seconds at a time, for silence, hum and"
        " clipping (default). Only levels leave the computer; no voice is kept."
    ),
)
@click.option(
    "--for", "seconds", type=click.FloatRange(min=0), metavar="SECONDS", help=N_("End after so long.")
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    rooms: tuple[str, ...],
    seats: tuple[str, ...],
    answer_minutes: float | None,
    interval: float,
    seconds: float | None,
    *,
    listen: bool,
    every: bool,
    ask_passphrase: bool,
    as_json: bool,
) -> int:
    """Everything noted is written down before it is shown."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.lab_scope import meant, opened_ledger, orderly_stop, typed  # noqa: PLC0415
    from provision.cli.lab_watching import Watching, watch_json  # noqa: PLC0415
    from provision.lab import requirements_of  # noqa: PLC0415
    from provision.ledger.labincidents import record  # noqa: PLC0415

    wanted = meant(site, rooms, seats, every=every)
    secrets = typed(wanted, ask_passphrase=ask_passphrase)
    demands = requirements_of(wanted.site.inventory, wanted.site.now())
    until = None if seconds is None else time.monotonic() + seconds
    with opened_ledger(wanted.site) as ledger, ExitStack() as stack:
        watches = _watches(wanted, demands, secrets, ledger, answer_minutes, interval, listen=listen)
        stop = stack.enter_context(orderly_stop())
        for _room, watch in watches:
            stack.enter_context(watch)
        shown = stack.enter_context(Watching(watches, wanted.site.zone, quiet=as_json))
        while not stop.is_set() and (until is None or time.monotonic() < until):
            for room, watch in watches:
                while (news := watch.next(TICK)) is not None:
                    record(ledger, room.number, news.changed)
                    shown.tell(room, news)
        shown.end()
    if as_json:
        emit("watch", {"rooms": [watch_json(room, watch) for room, watch in watches]})
    well = all(state.seen and not state.open for _room, watch in watches for state in watch.states.values())
    return Exit.DONE if well else Exit.INCOMPLETE


def _watches(
    wanted: Meant,
    demands: Requirements,
    secrets: Secrets,
    ledger: Ledger,
    answer_minutes: float | None,
    interval: float,
    *,
    listen: bool,
) -> list[tuple[Room, Watch]]:
    from labcheck.watch import LISTEN_SECONDS, Watch, lasting  # noqa: PLC0415
    from provision.labexam import noises_of, targets  # noqa: PLC0415
    from provision.labroom import bundles, credentials_of  # noqa: PLC0415
    from provision.ledger.labincidents import recorded  # noqa: PLC0415

    found, today = [], wanted.site.now().date()
    rules = wanted.site.inventory.profile.lab
    for room, some in wanted.stations:
        credentials = credentials_of(wanted.site, room, secrets)
        noted = recorded(ledger, room.number)
        before = lasting(i for i in noted if i.noted.astimezone(wanted.site.zone).date() == today)
        noises, seconds = noises_of(ledger, room), LISTEN_SECONDS if listen else 0.0
        there = targets(room, some, demands, rules, credentials, before, answer_minutes, noises, seconds)
        found.append((room, Watch(there, bundles(), every=interval)))
    return found
