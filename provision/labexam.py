"""A language lab during the exam, from the inventory's side: what is watched there, and where answers are."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from labcheck.collect import Station, Way
from labcheck.finding import Check
from labcheck.incidents import Incident
from labcheck.looks import Limits
from labcheck.naming import folder_name
from labcheck.phrase import Phrase
from labcheck.requirements import Requirements
from labcheck.transport.base import Credentials, Transport
from labcheck.watch import LISTEN_SECONDS, Target
from provision.labroom import endpoint_of
from provision.ledger import Ledger
from provision.ledger.lab import latest
from provision.site.labrules import LabRules
from provision.site.model import Exam, Room, Workstation
from provision.site.site import Site, private_folder

ANSWERS = "answers"
"""The folder in the site's state where collected answers lie; the vault has encrypted copies."""
CONNECT_SECONDS = 20.0


def way(room: Room, station: Workstation, credentials: Credentials) -> Way:
    """How to get there, again and again."""
    return functools.partial(_connect, room, station, credentials)


def _connect(room: Room, station: Workstation, credentials: Credentials) -> Transport:
    from labcheck.transport import ssh  # noqa: PLC0415 - most commands of a lab reach no workstation

    return ssh.connect(endpoint_of(room, station), credentials, deadline=CONNECT_SECONDS)


def answers_of(wanted: Requirements) -> Mapping[str, str]:
    """System -> the folder that answers are recorded into, by the profile."""
    software = wanted.software
    return {} if software is None else {system: steps.answers for system, steps in software.steps.items()}


def stations(
    room: Room, some: Sequence[Workstation], wanted: Requirements, credentials: Credentials
) -> tuple[Station, ...]:
    """Workstations as they are collected from."""
    process = wanted.software.process if wanted.software else ""
    return tuple(Station(w.seat, way(room, w, credentials), answers_of(wanted), process) for w in some)


def targets(
    room: Room,
    some: Sequence[Workstation],
    wanted: Requirements,
    rules: LabRules,
    credentials: Credentials,
    lasting: Mapping[str, tuple[Incident, ...]],
    answer_minutes: float | None,
    noises: Mapping[str, float] = MappingProxyType({}),
    listen_s: float = LISTEN_SECONDS,
) -> tuple[Target, ...]:
    """Workstations as they are watched; ``rules`` are the profile's. By seat: ``lasting`` is what an earlier
    watch left open, ``noises`` what the check found of microphones, dBFS."""
    process = wanted.software.process if wanted.software else ""
    limits = Limits(
        min_free_disk_mb=rules.watch_disk_mb,
        min_battery_percent=rules.watch_battery_percent,
        mains=wanted.ac_power,
        headset_usb_ids=wanted.headset_usb_ids,
        headset=wanted.headset,
        session=wanted.exam_session,
        program=bool(process),
        answers=bool(answers_of(wanted)),
        answer_s=None if answer_minutes is None else 60 * answer_minutes,
        test_percent=rules.test_microphone_level,
    )
    if rules.headset_limits.hum_dbfs is not None:
        limits = replace(limits, hum_dbfs=rules.headset_limits.hum_dbfs)
    return tuple(
        Target(
            station.seat,
            way(room, station, credentials),
            replace(limits, noise_dbfs=noises.get(station.seat)),
            answers_of(wanted),
            process,
            wanted.exam_user,
            lasting.get(station.seat, ()),
            listen_s,
        )
        for station in some
    )


def noises_of(ledger: Ledger, room: Room) -> Mapping[str, float]:
    """Seat -> the noise of its microphone as the last check found it, dBFS; only where it says so."""
    found = {}
    for (number, seat), checked in latest(ledger).items():
        for finding in checked.result.findings if number == room.number else ():
            said = finding.measured.params.get("noise")
            value = said.params.get("value") if isinstance(said, Phrase) else None
            if finding.check is Check.STILLNESS and isinstance(value, int):
                found[seat] = float(value)
    return found


def kept_in(site: Site, room: Room) -> Path:
    """Where the answers of a room are kept on this computer, open to its owner alone."""
    return private_folder(private_folder(site.state / ANSWERS) / folder_name(room.number))


def exams_in(site: Site, room: Room) -> tuple[Exam, ...]:
    """The oral exams of a room on the day that is nearest to today; none when it has none at all."""
    today = site.now().date()
    here = [exam for exam in site.inventory.exams if exam.oral and room.number in exam.rooms]
    nearest = min((exam.date for exam in here), key=lambda day: (abs(day - today), day), default=None)
    return tuple(exam for exam in here if exam.date == nearest)
