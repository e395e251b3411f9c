"""The site of a rehearsal: the example school, and its language lab is the one of labcheck.rehearsal."""

from __future__ import annotations

import getpass
import hashlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from labcheck.rehearsal import examprogram
from labcheck.rehearsal.examprogram import NAME, PROCESS, STEPS, VERSION
from labcheck.rehearsal.faults import Fault
from labcheck.rehearsal.headset import MODEL
from labcheck.rehearsal.lab import LOGIN_KEY, Lab, host_keys
from labcheck.rehearsal.programs import namespaces
from labcheck.rehearsal.seat import Place
from labcheck.rehearsal.sshserver import free_port
from provision.errors import N_, ProvisionError
from provision.example.build import FolderNotEmpty, build
from provision.lab import requirements_of
from provision.lock import exclusive
from provision.site.model import SEAT_LETTERS, Room, Workstation
from provision.site.names import normal_seat
from provision.site.pins import pin
from provision.site.site import INVENTORY, Site, open_site

ROOM = "204"
COLUMNS, ROWS = 4, 6
"""Of that room in the example school."""
MOST_SEATS = COLUMNS * ROWS
KEYS = "keys"
SOFTWARE = "software"
MARK = ".rehearsal"
"""Stands only in folders that a rehearsal has made, which may be made anew."""


class OtherSeats(ProvisionError):
    """The folder has a rehearsal with another number of seats. ``params``: folder, seats."""

    code = "other-seats"
    remedy = N_("Leave --seats and --reserves away to go on with it, or add --fresh to begin anew.")


class NotARehearsal(ProvisionError):
    """A folder that no rehearsal has made is never replaced. ``params``: folder."""

    code = "not-a-rehearsal"
    remedy = N_("Name another folder with --site.")


def prepare(folder: Path, seats: int | None, reserves: int | None, *, fresh: bool) -> Site:
    """The rehearsal's site in ``folder``, made when it is not there; ``fresh`` makes it anew.

    Raises FolderNotEmpty, NotARehearsal, OtherSeats, ProblemsError, AnotherRun, OSError."""
    if fresh and folder.exists():
        if not (folder / MARK).exists() and any(folder.iterdir()):
            raise NotARehearsal(N_("The folder {folder} was not made by a rehearsal"), folder=folder)
        with running(folder) if (folder / MARK).exists() else nullcontext():
            shutil.rmtree(folder)
    if not (folder / MARK).exists():
        _make(folder, 12 if seats is None else seats, 2 if reserves is None else reserves)
        return open_site(folder)
    site = open_site(folder)
    stations = lab_room(site).workstations
    spare = sum(station.reserve for station in stations)
    there = (len(stations) - spare, spare)
    if any(wanted not in (None, has) for wanted, has in zip((seats, reserves), there, strict=True)):
        message = N_("The rehearsal in {folder} has {seats} seats and {reserves} reserves")
        raise OtherSeats(message, folder=folder, seats=there[0], reserves=there[1])
    return site


def running(folder: Path) -> AbstractContextManager[None]:
    """While a rehearsal runs in ``folder``, no other does, and nobody makes it anew. Raises AnotherRun."""
    return exclusive(folder, MARK)


def lab_room(site: Site) -> Room:
    """The room of the virtual lab. Raises NotARehearsal when somebody took it out of the inventory."""
    for room in site.inventory.rooms:
        if room.number == ROOM and room.workstations:
            return room
    raise NotARehearsal(N_("The folder {folder} was not made by a rehearsal"), folder=site.root)


def lab_of(site: Site) -> Lab:
    """The virtual lab of the site; nothing is started yet."""
    offset = requirements_of(site.inventory, site.now()).utc_offset_minutes or 0
    return Lab(_places(lab_room(site)), site.root / KEYS, utc_offset_minutes=offset)


def pin_keys(site: Site, faults: Mapping[str, Iterable[Fault]], *, every: bool) -> None:
    """Write into the inventory the keys that ``labcheck trust`` would have: of the seats whose key has
    changed since, and with ``every`` of all. Those that are pinned stay. Raises PinRefused, OSError."""
    room = lab_room(site)
    keys = host_keys(site.root / KEYS, _places(room))
    wanted = {
        (room.number, station.seat): keys[station.seat]
        for station in room.workstations
        if station.host_key is None and (every or Fault.CHANGED_KEY in set(faults.get(station.seat, ())))
    }
    if wanted:
        pin(site.inventory_file, wanted)


def seat_named(room: Room, text: str) -> str:
    """The seat that a person means: 2В, 204-2В, 204-07 (the seventh computer) or 204-R1 (the first reserve).

    A name that fits none is given back as it is."""
    name = text.strip().removeprefix(f"{room.number}-")
    mains = [station.seat for station in room.workstations if not station.reserve]
    reserves = [station.seat for station in room.workstations if station.reserve]
    counted = reserves if name[:1] in "RrРр" and name[1:].isdigit() else mains
    number = name.lstrip("RrРр") if counted is reserves else name
    if number.isdigit():
        return counted[int(number) - 1] if 0 < int(number) <= len(counted) else text
    return normal_seat(name) or text


def _places(room: Room) -> list[Place]:
    return [Place(station.seat, station.host, station.port) for station in room.workstations]


# Making it --------------------------------------------------------------------------------------------------


def _make(folder: Path, seats: int, reserves: int) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise FolderNotEmpty(N_("The folder {folder} is not empty"), folder=folder)
    build(folder)
    software = folder / SOFTWARE
    software.mkdir()
    contents = examprogram.files()
    for path, data in contents.items():
        (software / path).write_bytes(data)
    stations = [_station(number, reserve=number > seats) for number in range(1, seats + reserves + 1)]
    inventory = folder / INVENTORY
    text = inventory.read_text(encoding="utf-8")
    text = _with_block(text, "  lab:", _rules(contents))
    text = _with_block(text, "    workstations:", _workstations(stations))
    inventory.write_text(text, encoding="utf-8")
    (folder / MARK).touch()


def _station(number: int, *, reserve: bool) -> Workstation:
    row, column = divmod(number - 1, COLUMNS)
    host = f"127.0.{ROOM}.{number}"
    port = free_port(host)  # one that is always the same would be found free by two that begin at once
    return Workstation(
        seat=f"{row + 1}{SEAT_LETTERS[column]}",
        host=host,
        port=port,
        user=getpass.getuser(),
        reserve=reserve,
    )


def _with_block(text: str, first: str, block: Sequence[str]) -> str:
    """The example's inventory with the block that begins so, and ends at an empty line, replaced."""
    lines = text.split("\n")
    start = next(number for number, line in enumerate(lines) if line.startswith(first))
    end = lines.index("", start)
    return "\n".join([*lines[:start], *block, *lines[end:]])


def _workstations(stations: Iterable[Workstation]) -> list[str]:
    lines = [
        "    workstations:               # виртуальные компьютеры: они работают, пока идёт labcheck rehearse",
    ]
    for one in stations:
        spare = ", reserve: true" if one.reserve else ""
        lines.append(
            f"      - {{seat: {one.seat}, host: {one.host}, port: {one.port}, user: {one.user}{spare}}}"
        )
    return [*lines, "    access:", f"      key: {KEYS}/{LOGIN_KEY}      # ключ, с которым на них входят"]


def _rules(contents: Mapping[str, bytes]) -> list[str]:
    """What is demanded of virtual computers: all that is theirs, and nothing that is this computer's."""
    isolated = bool(namespaces())
    programs = "[zoom, skype, teams, discord, telegram, obs64]" if isolated else "[]"
    lines = [
        "  lab:                          # требования к учебному кабинету",
        "    # Процессор, память, экран, питание и вход в систему у виртуальных компьютеров общие с этим",
        "    # компьютером, поэтому их здесь не проверяют. Для настоящего кабинета верните эти требования.",
        "    systems: [{system: linux}]",
        "    processors: []",
        "    memory_gb: 0",
        "    free_disk_gb: 0.5",
        '    screen: ""',
        "    clock_seconds: 5",
        "    mains: false",
        "    battery_percent: 0",
        "    sleep_allowed: true",
        "    updates_allowed: true",
        f"    forbidden_programs: {programs}",
        f"    remote_control_allowed: {'false' if isolated else 'true'}",
        "    virtual_allowed: true",
        "    network_ms: 200",
        "    headset: true",
        f"    headset_models: ['{MODEL}']",
        "    headset_boom: left",
        "    microphone_level: 40-100",
        "    volume: 30-90",
        "    exam_session: false",
        "    software:                   # учебная программа: ставится по-настоящему",
        f"      name: {NAME}",
        f"      version: '{VERSION}'",
        f"      folder: {SOFTWARE}",
        "      files:",
    ]
    for path, data in contents.items():
        lines.append(f"        - {{path: {path}, sha256: {hashlib.sha256(data).hexdigest()}}}")
    steps = {"install": STEPS.install, "check": STEPS.check, "uninstall": STEPS.uninstall}
    if isolated:  # elsewhere a program that is ended at one seat would end at all
        steps["start"] = STEPS.start
    lines.append("      linux:")
    for name, words in steps.items():
        quoted = ", ".join(f"'{word}'" for word in words)
        lines.append(f"        {name}: [{quoted}]")
    return [*lines, f"        answers: {STEPS.answers}", f"      process: {PROCESS}"]
