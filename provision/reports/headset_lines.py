"""The headsets in the readiness protocol: a line for each, and who heard whom."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from labcheck.finding import HEADSET, Check, Finding
from labcheck.outcome import Outcome
from printing.documents.lab import Headset, Heard
from printing.documents.marks import Mark
from printing.documents.room import Translate
from provision.errors import N_
from provision.labstatus import LabStatus

if TYPE_CHECKING:  # brings numpy
    from labcheck.headset.test import RoomResult

MARKS = {
    Outcome.PASS: Mark.READY,
    Outcome.WARN: Mark.REMARKS,
    Outcome.NOT_CHECKED: Mark.NOT_CHECKED,
    Outcome.FAIL: Mark.NOT_READY,
    Outcome.TIMED_OUT: Mark.TIMED_OUT,
    Outcome.UNREACHABLE: Mark.UNREACHABLE,
    Outcome.UNTRUSTED: Mark.UNTRUSTED,
}
_PLAIN = "{value}"
_TOLD = {
    Check.CHANNELS: _PLAIN,
    Check.STILLNESS: _PLAIN,
    Check.SOUND_QUALITY: _PLAIN,
    Check.NEIGHBOURS: N_("other seats: {value}"),
}
"""What stands in the line of a good one."""


def headset_lines(status: LabStatus, made: dt.datetime, translate: Translate) -> tuple[Headset, ...]:
    """A line for each seat of a room whose headsets were tested by what is demanded now; none where they were
    not."""
    lines = tuple(_lines(status, made, translate))
    return lines if any(line.tested for line in lines) else ()


def heard_by_all(result: RoomResult, order: Sequence[str], at: dt.datetime) -> Heard | None:
    """Who heard whom, in the ``order`` of the room's seats; None where one seat was tested by itself."""
    numbers = {seat.seat: seat.number for seat in result.seats}
    seats = tuple(seat for seat in order if seat in numbers)
    if len(seats) < 2:
        return None
    rows = []
    for seat in seats:
        row = result.matrix.row(numbers[seat])
        levels = tuple(_known(row.levels_db[numbers[other]]) for other in seats)
        rows.append(None if math.isnan(row.least_db) else levels)
    return Heard(at, seats, tuple(rows))


def _known(level: float) -> float | None:
    return None if math.isnan(level) else level


def _lines(status: LabStatus, made: dt.datetime, translate: Translate) -> Iterator[Headset]:
    from labcheck.headset.plain import explain  # noqa: PLC0415 - brings numpy

    _ = translate
    for seat in status.seats:
        checked = seat.checked if seat.counts else None
        said = explain(checked.result.findings if checked else ())
        name = seat.station.seat
        if checked is None or not any(one.check in HEADSET for one in said.findings):
            yield Headset(name, Mark.NOT_CHECKED, _("not tested"))
            continue
        at = (checked.headset_at or checked.at).astimezone(made.tzinfo)
        words = "; ".join(_measured(said.findings, name, translate))
        if said.points:
            first = said.points[0]
            code = f" [{first.finding.cause.value}]" if first.finding.cause else ""
            words = first.heard.said(_) + code
        yield Headset(name, MARKS[said.outcome], words, at)


def _measured(findings: Sequence[Finding], seat: str, translate: Translate) -> Iterator[str]:
    by_check = {finding.check: finding for finding in findings}
    for check, words in _TOLD.items():
        if check in by_check:
            yield translate(words).format(value=by_check[check].said_at(seat, translate))
