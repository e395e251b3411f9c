"""The use case behind ``labcheck``: a lab as the inventory has it, made ready and written down.

Every result goes to the ledger the moment it is there, so that a run that is killed has lost nothing.
"""

from __future__ import annotations

import getpass
import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labcheck import deploy
from labcheck.bundle import Bundle, Bundles
from labcheck.deploy import Package, Plan, check_sources
from labcheck.each import ask_each
from labcheck.errors import LabcheckError, NoWorkstations
from labcheck.finding import Check, Finding
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from labcheck.push import start, start_without_trace
from labcheck.requirements import Requirements
from labcheck.room import Observer, visit_all
from labcheck.transport.base import Credentials, Endpoint, HasReveal, Platform, Transport
from labcheck.visit import LIMITS, Phase, Task, Visited
from provision.errors import N_, ProvisionError
from provision.lab import headset_test_of, requirements_of, terms_of
from provision.labstatus import LabStatus, lab_status
from provision.ledger import Ledger
from provision.ledger.lab import SeatResult, latest, record, record_headsets
from provision.site.model import Room, Workstation
from provision.site.names import normal_seat
from provision.site.site import Site

if TYPE_CHECKING:  # brings numpy
    from labcheck.headset.test import RoomResult, Sink
    from labcheck.headset.test import SeatResult as HeadsetResult

_OFF = Finding(
    Check.SOFTWARE,
    Outcome.NOT_CHECKED,
    phrase(N_("the exam program was taken off after the check ('labcheck uninstall')")),
    remedy=phrase(N_("Check the workstation again: that installs the program.")),
)
JUMP = "jump"
"""What stands for the seat of a jump host, in messages."""


class NoSuchSeat(ProvisionError):
    """A command names a seat where no workstation stands."""

    code = "no-such-seat"
    remedy = N_("See inventory.yaml for the seats (rooms: workstations), or say the right --room.")


class NoHeadsets(ProvisionError):
    """The headsets of a lab that needs none are to be tested."""

    code = "no-headsets"
    remedy = N_("Set 'headset: true' in inventory.yaml (profile: lab) if the exam needs headsets.")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What was typed for this run; None: nothing was asked."""

    password: HasReveal | None = None
    passphrase: HasReveal | None = None


# What is meant ------------------------------------------------------------------------------------------


def labs(site: Site, numbers: Sequence[str]) -> tuple[Room, ...]:
    """The language labs of those numbers, all of them when none is given. Raises NoWorkstations."""
    rooms = {room.number: room for room in site.inventory.rooms if room.workstations}
    missing = [number for number in numbers if number not in rooms]
    if missing or not rooms:
        raise NoWorkstations(
            N_("room {room} has no workstations in the inventory"), room=", ".join(missing) or "—"
        )
    return tuple(rooms[number] for number in dict.fromkeys(numbers)) if numbers else tuple(rooms.values())


def stations_of(rooms: Sequence[Room], seats: Sequence[str]) -> dict[str, tuple[Workstation, ...]]:
    """Room number -> its workstations; with ``seats`` ("1А", or "204-1А") those alone. Raises NoSuchSeat."""
    if not seats:
        return {room.number: room.workstations for room in rooms}
    found: dict[str, list[Workstation]] = {}
    for name in seats:
        here = [(r.number, w) for r in rooms for w in r.workstations if is_named(name, r.number, w.seat)]
        if not here:
            numbers = ", ".join(room.number for room in rooms)
            raise NoSuchSeat(N_("there is no workstation {seat} in room {rooms}"), seat=name, rooms=numbers)
        for number, station in here:
            if station not in found.setdefault(number, []):
                found[number].append(station)
    return {number: tuple(stations) for number, stations in found.items()}


def is_named(name: str, room: str, seat: str) -> bool:
    """Whether "1А" or "204-1А" means that seat."""
    return normal_seat(name.removeprefix(f"{room}-")) == seat


def not_ready(site: Site, ledger: Ledger, room: Room) -> tuple[Workstation, ...]:
    """The workstations without a good result that counts today."""
    return tuple(seat.station for seat in status_of(site, ledger, room).seats if not seat.outcome.good)


def status_of(site: Site, ledger: Ledger, room: Room) -> LabStatus:
    """How the lab stands now."""
    return lab_status(site.inventory, room, latest(ledger), site.now())


# How to get there ----------------------------------------------------------------------------------------


def endpoint_of(room: Room, station: Workstation) -> Endpoint:
    """How to reach a workstation."""
    return Endpoint(station.seat, station.host, station.port, station.user, station.host_key, jump_of(room))


def jump_of(room: Room) -> Endpoint | None:
    """How to reach the computer that its workstations are behind."""
    jump = room.access.jump
    return None if jump is None else Endpoint(JUMP, jump.host, jump.port, jump.user, jump.host_key)


def credentials_of(site: Site, room: Room, secrets: Secrets) -> Credentials:
    """What may be tried to log in."""
    access = room.access
    keys = () if access.key is None else (site.root / Path(access.key).expanduser(),)
    return Credentials(keys, access.agent, secrets.password, secrets.passphrase)


def asks_password(room: Room) -> bool:
    """Whether nothing but a password is left to log in with, and some workstation would be sent it."""
    nothing = room.access.key is None and not room.access.agent
    return nothing and any(station.host_key for station in room.workstations)


class Connections:
    """Connects to the workstations of a room, see labcheck.visit.Connect."""

    def __init__(self, credentials: Credentials) -> None:
        """What may be tried to log in."""
        self._credentials = credentials

    def __call__(self, endpoint: Endpoint, *, deadline: float) -> Transport:
        """A connection that is logged in."""
        from labcheck.transport import ssh  # noqa: PLC0415 - most commands of a lab reach no workstation

        return ssh.connect(endpoint, self._credentials, deadline=deadline)


# What is done there --------------------------------------------------------------------------------------


def cache() -> Path:
    """Where bundles and the wheels that they are made of are kept: they are no site's own."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "vpr-morning"


def bundles() -> Bundles:
    """The agent's bundles of this computer."""
    return Bundles(cache() / "bundles", cache() / "wheels")


class _AskedOnce:
    """Bundles that are looked up once in a run and not once for each workstation."""

    def __init__(self, source: Bundles) -> None:
        self._source = source
        self._found: dict[tuple[str, str], Bundle] = {}
        self._lock = threading.Lock()

    def of(self, platform: Platform) -> Bundle:
        key = (platform.system, platform.machine)
        with self._lock:
            if key not in self._found:
                self._found[key] = self._source.of(platform)
            return self._found[key]


def package_of(site: Site, wanted: Requirements) -> Package | None:
    """The exam program with its files here. Raises SourceMissing, SourceChanged."""
    rule = site.inventory.profile.lab.software
    if wanted.software is None or rule is None:
        return None
    sources = {str(file.path): site.root / rule.folder / file.path for file in rule.files}
    package = Package(wanted.software, sources)
    check_sources(package)
    return package


def owner() -> str:
    """Who is at work, for others that meet our lock."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def headsets_of(site: Site) -> Task:
    """The test of the headsets alone. Raises NoHeadsets."""
    wanted = requirements_of(site.inventory, site.now())
    if not wanted.headset:
        raise NoHeadsets(N_("the profile demands no headsets"))
    wanted = replace(wanted, headset_test=wanted.headset_test or headset_test_of(site.inventory))
    return Task(wanted, _AskedOnce(bundles()), None, owner(), only_headsets=True)


def calibrating_task(site: Site) -> Task:
    """The test of a headset that is to be the measure of others, and is measured by none. Raises
    NoHeadsets."""
    task = headsets_of(site)
    test = task.wanted.headset_test
    assert test is not None  # noqa: S101 - told to mypy: headsets_of() has set it
    return replace(task, wanted=replace(task.wanted, headset_test=replace(test, models=())))


def task_of(site: Site) -> Task:
    """What is done at every workstation. Raises SourceMissing, SourceChanged."""
    wanted = requirements_of(site.inventory, site.now())
    return Task(wanted, _AskedOnce(bundles()), package_of(site, wanted), owner())


def check_room(
    ledger: Ledger,
    room: Room,
    stations: Sequence[Workstation],
    task: Task,
    credentials: Credentials,
    observer: Observer,
    stop: threading.Event,
    sink: Sink | None = None,
) -> tuple[Visited, ...]:
    """Visit those workstations of a room, and write down what came of each that was visited."""
    terms = {station.seat: terms_of(task.wanted, station) for station in stations}
    writer = _Recorder(partial(record, ledger, room.number), terms, observer)
    endpoints = [endpoint_of(room, station) for station in stations]
    return visit_all(endpoints, task, Connections(credentials), writer, stop=stop, sink=sink)


def prove_headsets(
    ledger: Ledger,
    site: Site,
    room: Room,
    stations: Sequence[Workstation],
    task: Task,
    credentials: Credentials,
    observer: Observer,
    stop: threading.Event,
    sink: Sink | None = None,
) -> tuple[Visited, ...]:
    """Test the headsets of those workstations and nothing else, and write down what came of each that was
    visited: it counts for what the whole check demands now."""
    wanted = requirements_of(site.inventory, site.now())
    terms = {station.seat: terms_of(wanted, station) for station in stations}
    writer = _Recorder(partial(record_headsets, ledger, room.number), terms, observer)
    endpoints = [endpoint_of(room, station) for station in stations]
    return visit_all(endpoints, task, Connections(credentials), writer, stop=stop, sink=sink)


def hear_headset(
    room: Room,
    station: Workstation,
    task: Task,
    credentials: Credentials,
    observer: Observer,
    stop: threading.Event,
) -> tuple[Visited, tuple[HeadsetResult, ...]]:
    """Test the headset of one workstation by itself; what was found, and what was measured. Nothing is
    written down."""
    heard: list[HeadsetResult] = []

    def keep(result: RoomResult) -> None:
        heard.extend(result.seats)

    connect = Connections(credentials)
    (visited,) = visit_all([endpoint_of(room, station)], task, connect, observer, stop=stop, sink=keep)
    return visited, tuple(heard)


class _Recorder:
    """Writes results down before they are shown. A seat that was not visited keeps the result it has."""

    def __init__(
        self, write: Callable[[Sequence[SeatResult]], None], terms: dict[str, str], observer: Observer
    ) -> None:
        self._write, self._terms, self._observer = write, terms, observer

    def phase(self, seat: str, phase: Phase) -> None:
        self._observer.phase(seat, phase)

    def step(self, seat: str, step: str, done: int, size: int) -> None:
        self._observer.step(seat, step, done, size)

    def ended(self, *visited: Visited) -> None:
        results = [
            SeatResult(one.seat, one.outcome, one.findings, self._terms[one.seat])
            for one in visited
            if one.begun
        ]
        self._write(results)
        self._observer.ended(*visited)


# Beside the main job -------------------------------------------------------------------------------------

_LOOK_SECONDS = 60.0
_REMOVE_SECONDS = 900.0


def plan_room(
    room: Room, stations: Sequence[Workstation], package: Package, connect: Connections
) -> Mapping[str, Plan | LabcheckError]:
    """Seat -> what would be installed there. Nothing is written, here or there."""

    def look(to: Endpoint) -> Plan:
        with closing(connect(to, deadline=LIMITS[Phase.CONNECT])) as transport:
            link = start_without_trace(transport)
            return deploy.plan(link, package, deadline=_LOOK_SECONDS)

    return ask_each([endpoint_of(room, station) for station in stations], look)


def uninstall_room(
    room: Room, stations: Sequence[Workstation], package: Package, connect: Connections, ledger: Ledger
) -> Mapping[str, bool | LabcheckError]:
    """Seat -> whether there was anything to take off. What was found of them before counts no longer, from
    before the first is touched."""
    source = _AskedOnce(bundles())
    found = latest(ledger)
    checked = [found[room.number, one.seat].result for one in stations if (room.number, one.seat) in found]
    record(ledger, room.number, [replace(one, outcome=_OFF.outcome, findings=(_OFF,)) for one in checked])

    def remove(to: Endpoint) -> bool:
        with closing(connect(to, deadline=LIMITS[Phase.CONNECT])) as transport:
            link = start(transport, source, deadline=LIMITS[Phase.AGENT])
            return deploy.uninstall(link, package, owner=owner(), deadline=_REMOVE_SECONDS)

    return ask_each([endpoint_of(room, station) for station in stations], remove)
