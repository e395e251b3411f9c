"""When a step is due: moments of an exam day in the school's zone. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from provision.runbook.model import MIDNIGHT, Named, Step, When
from provision.site.site import Site


@dataclass(frozen=True, slots=True)
class Day:
    """An exam day: its date, the school's zone, and the times that the inventory gives it."""

    date: dt.date
    zone: ZoneInfo
    specialist_start: dt.time
    ready_before: dt.timedelta
    starts: tuple[dt.time, ...]
    """Of the day's exams, in any order, at least one."""

    def at(self, when: When) -> dt.datetime:
        """The moment on the school's clock."""
        date = self.date + dt.timedelta(days=when.days)
        match when.at:
            case Named.SPECIALIST_START:
                found = self._local(date, self.specialist_start)
            case Named.READY:
                found = self._later(self._local(date, min(self.starts)), -self.ready_before)
            case Named.FIRST_START:
                found = self._local(date, min(self.starts))
            case Named.LAST_START:
                found = self._local(date, max(self.starts))
            case time:
                found = self._local(date, time)
        return self._later(found, dt.timedelta(minutes=when.minutes))

    def deadline(self, step: Step) -> dt.datetime:
        """When the step must be done at the latest."""
        return self.at(step.by)

    def begin(self, step: Step) -> dt.datetime:
        """From when on it is a step for now, never after its deadline."""
        deadline = self.deadline(step)
        if step.begin is None:
            return self._local(deadline.date(), MIDNIGHT)
        return min(self.at(step.begin), deadline, key=dt.datetime.timestamp)

    def _local(self, date: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(date, time, self.zone)

    def _later(self, moment: dt.datetime, by: dt.timedelta) -> dt.datetime:
        """By so much real time, whatever the clocks on the wall do between."""
        return (moment.astimezone(dt.UTC) + by).astimezone(self.zone)


def day_of(site: Site, date: dt.date) -> Day:
    """An exam day of the site, which has an exam on that date."""
    profile = site.inventory.profile
    return Day(
        date,
        site.zone,
        profile.specialist_start,
        dt.timedelta(minutes=profile.ready_before_minutes),
        tuple(exam.start for exam in site.inventory.exams if exam.date == date),
    )
