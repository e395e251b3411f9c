"""Which workstations a command means, and what has to be typed to log in to them."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from provision.cli.interrupts import break_off
from provision.labroom import Secrets, asks_password, is_named, labs, stations_of
from provision.ledger import Ledger
from provision.locale import gettext as _
from provision.secret import Secret
from provision.site.model import Room, Workstation
from provision.site.site import Site, open_site


@dataclass(frozen=True, slots=True)
class Meant:
    """The site, and the workstations meant in it: rooms in the inventory's order."""

    site: Site
    stations: tuple[tuple[Room, tuple[Workstation, ...]], ...]
    partly: bool
    """Whether seats were named."""


def meant(folder: Path, rooms: Sequence[str], seats: Sequence[str], *, every: bool) -> Meant:
    """What the options name. Raises UsageError, NoWorkstations, NoSuchSeat, ProblemsError."""
    if every and rooms:
        raise click.UsageError(_("Say --room or --all, not both."))
    site = open_site(folder)
    if not (rooms or every):
        rooms = _rooms_of(site, seats)
    chosen = labs(site, rooms)
    found = stations_of(chosen, seats)
    return Meant(site, tuple((r, found[r.number]) for r in chosen if r.number in found), bool(seats))


def one_station(meant: Meant, name: str) -> tuple[Room, Workstation]:
    """The one workstation that a seat's name means. Raises UsageError when there are several."""
    found = [(room, w) for room, some in meant.stations for w in some if is_named(name, room.number, w.seat)]
    if len(found) != 1:
        names = ", ".join(f"{room.number}-{station.seat}" for room, station in found)
        raise click.UsageError(_("Which one? {seats}").format(seats=names))
    return found[0]


def _rooms_of(site: Site, seats: Sequence[str]) -> list[str]:
    """The room where none is named: that of seats like 204-1А, or the only lab there is."""
    numbers = [room.number for room in labs(site, ())]
    named = {number for number in numbers for seat in seats if seat.startswith(f"{number}-")}
    if seats and len(numbers) == 1:
        return numbers
    if seats and all(any(seat.startswith(f"{number}-") for number in numbers) for seat in seats):
        return [number for number in numbers if number in named]
    raise click.UsageError(
        _("Which lab? Say --room N, or --all; there are: {rooms}").format(rooms=", ".join(numbers))
    )


def typed(meant: Meant, *, ask_passphrase: bool) -> Secrets:
    """What a person types without showing it; nothing where nobody can type or nothing is needed."""
    if not sys.stdin.isatty():
        return Secrets()
    passphrase = password = None
    if ask_passphrase:
        passphrase = Secret(_prompt(_("Passphrase of the SSH key")))
    if any(asks_password(room) for room, _stations in meant.stations):
        users = sorted({station.user for _room, stations in meant.stations for station in stations})
        text = _("Password of the account {user} at the workstations").format(user=", ".join(users))
        password = Secret(_prompt(text))
    return Secrets(password, passphrase)


def _prompt(text: str) -> str:
    return str(click.prompt(text, hide_input=True, err=True, default="", show_default=False))


@contextlib.contextmanager
def opened_ledger(site: Site) -> Iterator[Ledger]:
    """The site's record, proved to be whole."""
    ledger = Ledger(site.state, site.clock)
    try:
        ledger.verify()
        yield ledger
    finally:
        ledger.close()


@contextlib.contextmanager
def orderly_stop() -> Iterator[threading.Event]:
    """The first Ctrl-C sets the event; the second breaks off."""
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            break_off(number, frame)
            return
        stop.set()
        click.echo(_("Stopping: what is under way is let end. Ctrl-C again breaks off."), err=True)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
