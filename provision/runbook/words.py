"""The words of the runbook, for the screen and for paper alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from provision.errors import N_
from provision.locale import gettext
from provision.runbook.board import State
from provision.runbook.model import Phase, Who

WHO_WORDS = {
    Who.SPECIALIST: N_("technical specialist"),
    Who.COORDINATOR: N_("coordinator"),
    Who.INVIGILATOR: N_("invigilator"),
    Who.EVERYBODY: N_("everybody"),
}

_DEPUTY = N_("deputy")


def role_words(role: str) -> str:
    """A role as the record has it: those of the procedure, and the deputy's."""
    return next((words for who, words in WHO_WORDS.items() if who.value == role), _DEPUTY)


STATE_WORDS = {
    State.PROVED: N_("proved"),
    State.SIGNED: N_("signed"),
    State.LATE: N_("late"),
    State.NOW: N_("now"),
    State.NEXT: N_("ahead"),
    State.NEEDLESS: N_("not needed"),
}

PHASE_WORDS = {
    Phase.BEFORE: N_("Before"),
    Phase.DAY: N_("On the day"),
    Phase.ALWAYS: N_("Always"),
    Phase.AFTER: N_("After"),
}

_HOUR, _DAY = 60, 24 * 60


def duration(span: dt.timedelta, translate: Callable[[str], str] = gettext) -> str:
    """A length of time as people say it: "40 min", "2 h 5 min", "3 d"."""
    _ = translate
    minutes = int(span.total_seconds()) // 60
    if minutes >= 2 * _DAY:
        return _("{n} d").format(n=minutes // _DAY)
    if minutes >= _HOUR:
        whole = _("{n} h").format(n=minutes // _HOUR)
        rest = minutes % _HOUR
        return whole + " " + _("{n} min").format(n=rest) if rest else whole
    return _("{n} min").format(n=minutes)
