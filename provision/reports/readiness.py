"""A lab's status in the words of its papers: the readiness protocol and the seat map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from labcheck import soundpath
from labcheck.finding import TITLES, Check, Finding
from labcheck.judges.base import Seen
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from labcheck.verdict import judge
from printing.documents.lab import Fault, Heard, Lab, Station
from printing.documents.room import Translate
from provision.errors import N_
from provision.lab import requirements_of
from provision.labstatus import LabStatus, SeatStatus
from provision.reports.headset_lines import MARKS, headset_lines
from provision.site.model import Inventory

_VALUES = (
    Check.SYSTEM,
    Check.PROCESSOR,
    Check.MEMORY,
    Check.SCREEN,
    Check.DISK,
    Check.CLOCK,
    Check.INSTALL,
    Check.SOFTWARE,
    Check.HEADSET,
    Check.INPUT_VOLUME,
    Check.OUTPUT_VOLUME,
    Check.SOUND_PATH,
)
"""What is written out for every workstation; the rest only where it is not well."""
_DONE = frozenset({Check.INSTALL, Check.SOUND_PATH})
"""What was done there: where it failed, the error is no value."""
_NEVER = Seen(0.0, 0.0)


def on_paper(
    status: LabStatus,
    inventory: Inventory,
    made: dt.datetime,
    record: tuple[int, str],
    translate: Translate,
    heard: tuple[Heard, ...] = (),
) -> Lab:
    """What the papers show of a lab at the moment ``made`` (on the school's clock); ``record`` is the
    ledger's number of events and last hash; ``heard``: who heard whom in tests of this moment."""
    room = status.room
    columns = {label: (row, column) for row, column, label in room.grid()}
    taken = {station.seat for station in room.workstations}
    software = inventory.profile.lab.software
    return Lab(
        school=inventory.school.name,
        test=inventory.profile.name,
        room=room.number,
        made=made,
        rows=room.rows,
        columns=room.columns,
        stations=tuple(_station(seat, room.number, columns, made, translate) for seat in status.seats),
        places=tuple((r, c, label) for r, c, label in room.grid() if label not in taken),
        demands=tuple(_demands(inventory, made, translate)),
        software=f"{software.name} {software.version}" if software else "",
        headsets=headset_lines(status, made, translate),
        heard=heard,
        events=record[0],
        last_hash=record[1],
    )


def _demands(inventory: Inventory, made: dt.datetime, translate: Translate) -> Iterator[tuple[str, str]]:
    """Every check that the profile demands, with its limit, in the order in which they are told."""
    wanted = requirements_of(inventory, made)
    limits = {finding.check: finding.limit for finding in judge({}, wanted, _NEVER)}
    if wanted.software is not None:
        program = wanted.software
        limits[Check.INSTALL] = phrase("{name} {version}", name=program.name, version=program.version)
    if wanted.headset:
        limits[Check.SOUND_PATH] = soundpath.LIMIT
    if wanted.headset_test is not None:
        from labcheck.headset.demands import demands  # noqa: PLC0415 - brings numpy

        limits.update(demands(wanted.headset_test))
    for check in sorted(limits, key=list(Check).index):
        yield translate(TITLES[check]), limits[check].said(translate)


def _station(
    seat: SeatStatus,
    room: str,
    places: dict[str, tuple[int, int]],
    made: dt.datetime,
    translate: Translate,
) -> Station:
    station = seat.station
    row, column = places[station.seat]
    checked = seat.checked if seat.counts else None
    findings = checked.result.findings if checked else ()
    return Station(
        seat=station.seat,
        row=row,
        column=column,
        host=station.host,
        reserve=station.reserve,
        mark=MARKS[seat.outcome],
        checked=checked.at.astimezone(made.tzinfo) if checked else None,
        values=", ".join(_values(findings, translate)),
        faults=tuple(_faults(seat, room, findings, translate)),
    )


def _values(findings: tuple[Finding, ...], translate: Translate) -> Iterator[str]:
    by_check = {finding.check: finding for finding in findings}
    sound = by_check.get(Check.SOUND_PATH)
    if sound is not None and sound.outcome is Outcome.PASS:
        by_check.pop(Check.HEADSET, None)  # the trial recording names both devices
    for check in _VALUES:
        finding = by_check.get(check)
        if finding is None or finding.outcome is Outcome.NOT_CHECKED:
            continue
        if check in _DONE and finding.outcome is not Outcome.PASS:
            continue
        said = finding.measured.said(translate)
        short = _SHORT.get(check)
        yield translate(short).format(value=said) if short else said


_SHORT = {
    Check.MEMORY: N_("memory {value}"),
    Check.DISK: N_("free {value}"),
    Check.CLOCK: N_("clock {value}"),
    Check.INSTALL: N_("exam program {value}"),
    Check.INPUT_VOLUME: N_("microphone {value}"),
    Check.OUTPUT_VOLUME: N_("earphones {value}"),
    Check.SOUND_PATH: N_("trial recording: {value}"),
}


def _faults(
    seat: SeatStatus, room: str, findings: tuple[Finding, ...], translate: Translate
) -> Iterator[Fault]:
    _ = translate
    if not seat.counts:
        yield Fault(
            _("Not checked"),
            _("there is an earlier result, which no longer counts") if seat.checked else _("never checked"),
            "",
            _("Check it: labcheck --room {room}.").format(room=room),
        )
    for finding in findings:
        if finding.outcome is not Outcome.PASS:
            measured = finding.said_at(seat.station.seat, _)
            yield Fault(
                _(TITLES[finding.check]),
                f"{measured} [{finding.cause.value}]" if finding.cause else measured,
                finding.limit.said(_),
                finding.remedy.said(_),
            )
