"""How long printing takes, and the latest moment to begin. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from provision.plan.model import PrinterLoad
from provision.site.model import Exam, Inventory, Printer, Profile


def minutes_for(printer: Printer, profile: Profile, sheets: int, jobs: int) -> float:
    """Minutes that ``sheets`` in ``jobs`` take: sheets / ppm plus the pause between jobs, times the
    profile's safety factor."""
    return (sheets / printer.ppm + jobs * profile.seconds_per_job / 60) * profile.safety_factor


def latest_start(exam: Exam, profile: Profile, minutes: float) -> dt.datetime:
    """Latest local time at which printing may begin and the room still is ready in time."""
    start = dt.datetime.combine(exam.date, exam.start)
    return start - dt.timedelta(minutes=profile.ready_before_minutes + minutes)


def assign_printers(inventory: Inventory, sheets: Mapping[str, int]) -> dict[str, str]:
    """A printer for every room of one session.

    ``sheets`` maps room to sheets. A room with a printer of its own keeps it; the rooms of a pool are dealt
    largest first to the printer that would be done soonest (longest processing time first, Graham
    1969: at most 4/3 of the best possible for equal printers). Deterministic.
    """
    minutes = dict.fromkeys((printer.name for printer in inventory.printers), 0.0)
    speed = {printer.name: printer.ppm for printer in inventory.printers}
    chosen: dict[str, str] = {}
    pooled: list[tuple[str, Sequence[str]]] = []
    for number in sorted(sheets):
        room = inventory.room(number)
        if room.printer:
            chosen[number] = room.printer
            minutes[room.printer] += sheets[number] / speed[room.printer]
        else:
            pooled.append((number, [p.name for p in inventory.printers if room.pool in p.pools]))
    for number, names in sorted(pooled, key=lambda item: (-sheets[item[0]], item[0])):
        best = min(names, key=lambda name: (minutes[name] + sheets[number] / speed[name], name))
        chosen[number] = best
        minutes[best] += sheets[number] / speed[best]
    return chosen


def loads(inventory: Inventory, work: Mapping[tuple[str, Exam], tuple[int, int]]) -> tuple[PrinterLoad, ...]:
    """What each printer has to do per session. ``work`` maps (printer, exam) to (sheets, jobs)."""
    by_name = {printer.name: printer for printer in inventory.printers}
    grouped: dict[tuple[dt.datetime, str], list[tuple[Exam, int, int]]] = {}
    for (name, exam), (sheets, jobs) in work.items():
        session = dt.datetime.combine(exam.date, exam.start)
        grouped.setdefault((session, name), []).append((exam, sheets, jobs))
    result = []
    for (session, name), parts in sorted(grouped.items()):
        sheets, jobs = sum(p[1] for p in parts), sum(p[2] for p in parts)
        minutes = minutes_for(by_name[name], inventory.profile, sheets, jobs)
        latest = latest_start(parts[0][0], inventory.profile, minutes)
        result.append(PrinterLoad(name, session, sheets, jobs, minutes, latest))
    return tuple(result)
