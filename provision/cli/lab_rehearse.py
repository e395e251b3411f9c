"""``labcheck rehearse``: a virtual language lab on this computer."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from provision.cli.common import fill, guarded, warn
from provision.cli.interrupts import postponed
from provision.cli.words import N_, Command
from provision.locale import gettext as _

if TYPE_CHECKING:  # --help must not pay for the imports
    from labcheck.rehearsal.faults import Fault
    from labcheck.rehearsal.lab import Lab
    from provision.site.model import Room
    from provision.site.site import Site

MOST_SEATS = 24
EXAM, EXAM_SECONDS = "exam", 60
COMMAND_ENDS_SECONDS = 60.0


@click.command(
    "rehearse",
    cls=Command,
    help=N_(
        "Start a virtual language lab on this computer, for practice: real SSH and sound servers on loopback,"
        " a site of its own, faults on request. It runs until Ctrl-C, or while COMMAND runs."
    ),
)
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("rehearsal"),
    metavar="DIR",
    help=N_("Where the rehearsal's site is made, or goes on (default: rehearsal)."),
)
@click.option("--seats", type=click.IntRange(1, MOST_SEATS), metavar="N", help=N_("Seats (default: 12)."))
@click.option(
    "--reserves", type=click.IntRange(0, 8), metavar="N", help=N_("Reserve computers besides (default: 2).")
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="SEAT=FAULT",
    help=N_("What is wrong where: 204-07=muted, 204-R1=dead (repeatable; see --list)."),
)
@click.option("--list", "listing", is_flag=True, help=N_("List the faults that there are, and end."))
@click.option("--trusted", is_flag=True, help=N_("Pin the host keys at once, as 'labcheck trust' does."))
@click.option("--fresh", is_flag=True, help=N_("Throw the former rehearsal in DIR away and begin anew."))
@click.argument("words", nargs=-1, metavar="[-- COMMAND]", type=click.UNPROCESSED)
@guarded
def command(
    site: Path,
    seats: int | None,
    reserves: int | None,
    faults: tuple[str, ...],
    words: tuple[str, ...],
    *,
    listing: bool,
    trusted: bool,
    fresh: bool,
) -> int:
    """Everything that is started is stopped again, however this ends."""
    if listing:
        return _list()
    from labcheck.rehearsal.faults import merged  # noqa: PLC0415
    from labcheck.rehearsal.lab import check_possible  # noqa: PLC0415
    from provision.rehearsal import (  # noqa: PLC0415
        lab_of,
        lab_room,
        pin_keys,
        prepare,
        running,
        seat_named,
    )

    if (seats or 0) + (reserves or 0) > MOST_SEATS:
        raise click.UsageError(_("The room has {count} seats.").format(count=MOST_SEATS))
    asked = merged(faults)
    for wanted in asked.values():
        check_possible(wanted)
    opened = prepare(site, seats, reserves, fresh=fresh)
    room = lab_room(opened)
    of_seats = {seat_named(room, name): wanted for name, wanted in asked.items()}
    with running(site), _stopped_by_signals(), lab_of(opened) as lab:
        lab.start(of_seats)
        pin_keys(opened, of_seats, every=trusted)
        if words:
            return _while_running(words)
        _explain(opened, room, lab)
        with contextlib.suppress(KeyboardInterrupt):
            _obey(opened, room, lab)
        click.echo(_("Ending the rehearsal …"))
    click.echo(_("The virtual lab is gone; the site stays: {folder}").format(folder=site))
    return 0


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal end it as Ctrl-C does; a second signal does not disturb the end."""

    def stop(number: int, frame: FrameType | None) -> None:
        if postponed(number, frame):
            return
        for each in ours:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    ours = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _while_running(words: Sequence[str]) -> int:
    """Run the command in the lab, and give back its exit code. Ctrl-C is the command's."""
    try:
        with subprocess.Popen(words) as process:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                return process.wait()
            except KeyboardInterrupt:  # we were told to end
                process.terminate()
                process.wait(COMMAND_ENDS_SECONDS)
                raise
    except OSError as failed:
        raise click.UsageError(f"{words[0]}: {failed.strerror}") from None


def _obey(site: Site, room: Room, lab: Lab) -> None:
    """Change faults and hold exams as lines come; where none can come, wait."""
    from labcheck.errors import LabcheckError  # noqa: PLC0415

    codes: list[Iterator[str]] = []
    for line in iter(sys.stdin.readline, ""):
        words = line.split()
        if not words:
            continue
        try:
            if words[0] == EXAM:
                codes = codes or [_codes(site, room)]
                click.echo(_exam(lab, codes[0], words[1:]))
            else:
                click.echo(_change(room, lab, line))
        except LabcheckError as error:
            warn(fill(error.template, error.params))
    while True:
        signal.pause()


def _change(room: Room, lab: Lab, line: str) -> str:
    from labcheck.rehearsal.faults import parse  # noqa: PLC0415
    from provision.rehearsal import seat_named  # noqa: PLC0415

    name, wanted = parse(line)
    seat = seat_named(room, name)
    lab.set(seat, wanted)
    return f"{room.number}-{seat}: {_condition(wanted)}"


def _codes(site: Site, room: Room) -> Iterator[str]:
    from provision.labanswers import expected_in  # noqa: PLC0415 - reads the inbox

    return iter(expected_in(site, room).codes or ())


def _exam(lab: Lab, codes: Iterator[str], words: Sequence[str]) -> str:
    """The next wave: each seat where the program is installed takes the next pupil of the plan."""
    seconds = int(words[0]) if words and words[0].isdigit() else EXAM_SECONDS
    speaking = lab.exam(codes, seconds)
    if not speaking:
        return _("Nobody speaks: every pupil had a turn, or the exam program is not installed anywhere yet.")
    return _("{count} pupils speak for {seconds} s: {seats}").format(
        count=len(speaking), seconds=seconds, seats=", ".join(speaking)
    )


def _explain(site: Site, room: Room, lab: Lab) -> None:
    from labcheck.trust import fingerprint  # noqa: PLC0415
    from provision.cli.screen import console, table  # noqa: PLC0415

    rows = []
    reserve = _("reserve")
    for station in room.workstations:
        name = f"{room.number}-{station.seat}" + (f" ({reserve})" if station.reserve else "")
        faults = lab.seats[station.seat].faults or frozenset()
        rows.append((name, fingerprint(lab.seats[station.seat].host_key), _condition(faults)))
    heading = (N_("seat"), N_("fingerprint at the computer itself"), N_("what is wrong"))
    console().print(table(_("Virtual lab"), heading, rows))
    where = f"--room {room.number} --site {site.root}"
    for text, line in (
        (_("Now, in another terminal, pin the host keys:"), f"labcheck trust {where}"),
        (_("then check the lab:"), f"labcheck {where} --pdf {site.root / 'protocol.pdf'}"),
    ):
        click.echo(f"{text}\n  {line}")
    click.echo(_("Here: SEAT=FAULT changes a seat (204-03=unplugged), SEAT=well repairs it;"))
    click.echo(_("'exam 60' lets the next pupils speak for 60 s, to watch and collect; Ctrl-C ends."))


def _condition(faults: frozenset[Fault]) -> str:
    from labcheck.rehearsal.faults import MEANING  # noqa: PLC0415

    return "; ".join(_(MEANING[fault]) for fault in sorted(faults)) or _("nothing")


def _list() -> int:
    from labcheck.rehearsal.errors import RehearsalError  # noqa: PLC0415
    from labcheck.rehearsal.faults import MEANING  # noqa: PLC0415
    from labcheck.rehearsal.lab import check_possible  # noqa: PLC0415
    from provision.cli.screen import console, table  # noqa: PLC0415

    rows = []
    for fault, meaning in MEANING.items():
        note = ""
        try:
            check_possible([fault])
        except RehearsalError as why:
            note = f" — {fill(why.template, why.params)}"
        rows.append((fault.value, _(meaning) + note))
    console().print(table(_("Faults"), (N_("fault"), N_("what is wrong")), rows))
    return 0
