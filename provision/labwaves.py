"""The use case behind ``labcheck waves``: the classes of a lab's oral exams, in waves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from labcheck.waves import Group, Waves, plan
from provision.errors import N_, ProvisionError
from provision.labexam import exams_in
from provision.site.model import Exam, Room
from provision.site.site import Site


class NoOralExam(ProvisionError):
    """No oral exam is held in a lab."""

    code = "no-oral-exam"
    remedy = N_("Add 'oral: true' to the exam in inventory.yaml, or say another --room.")


class NoSuchTime(ProvisionError):
    """A time that is none."""

    code = "no-such-time"
    remedy = N_("Write the time as 13:30.")


def waves_in(
    site: Site, room: Room, minutes: float, change: float, broken: int
) -> tuple[Sequence[Group], Waves]:
    """The waves of the room's oral exams, from the earliest start on; classes in the order of their exams.

    Raises NoOralExam, WavesImpossible."""
    exams = sorted(exams_in(site, room), key=lambda exam: (exam.start, exam.id))
    if not exams:
        raise NoOralExam(N_("no oral exam is in room {room}"), room=room.number)
    groups = [Group(exam.class_name, _pupils(site, room, exam)) for exam in exams]
    main = sum(not station.reserve for station in room.workstations)
    reserves = len(room.workstations) - main
    begins = site.starts(exams[0])
    return groups, plan(groups, main, reserves, begins, minutes, change, broken=broken)


def _pupils(site: Site, room: Room, exam: Exam) -> int:
    """Who takes part here: not the absent, and not those who are pinned to another room."""
    here = (p for p in site.roster.of_class(exam.class_name) if not p.absent)
    return sum(p.room in {None, room.number} for p in here)


def limit_of(found: Waves, text: str | None) -> dt.datetime | None:
    """The moment of that day that ``text`` means; None when nothing was said. Raises NoSuchTime."""
    if text is None or not found.waves:
        return None
    try:
        time = dt.time.fromisoformat(text)
    except ValueError:
        raise NoSuchTime(N_("'{text}' is no time"), text=text) from None
    begins = found.waves[0].begins
    return dt.datetime.combine(begins.date(), time, begins.tzinfo)
