"""What a person is reminded of between two looks at the clock. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from provision.runbook.board import Row


class Cause(StrEnum):
    """Why a person is reminded."""

    BEGINS = "begins"
    SOON = "soon"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder: of which step, why, and at which moment it fell due."""

    row: Row
    cause: Cause
    at: dt.datetime


def reminders(found: Sequence[Row], after: dt.datetime, until: dt.datetime) -> tuple[Reminder, ...]:
    """Those that fall due later than ``after`` and not later than ``until``, in order.

    Over any division of the time each falls due exactly once, however seldom somebody looks: a computer that
    slept tells on waking what it missed."""
    due = [
        Reminder(row, cause, at)
        for row in found
        if row.state.open
        for cause, at in _moments(row)
        if after < at <= until
    ]
    return tuple(sorted(due, key=lambda one: (one.at, one.row.id)))


def _moments(row: Row) -> tuple[tuple[Cause, dt.datetime], ...]:
    moments = [(Cause.BEGINS, row.begin), (Cause.PASSED, row.deadline)]
    if row.step.remind:
        soon = row.deadline - dt.timedelta(minutes=row.step.remind)
        if soon > row.begin:
            moments.append((Cause.SOON, soon))
    return tuple(moments)
