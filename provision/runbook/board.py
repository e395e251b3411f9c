"""How every step of the procedure stands at a moment. Pure: times, facts and signatures in, rows out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from provision.errors import Phrase
from provision.ledger.signoffs import PASSPHRASE, Signoff
from provision.runbook.clock import Day
from provision.runbook.model import Each, Procedure, Step, Who


class Level(StrEnum):
    """How much a fact says."""

    PROVED = "proved"
    """The software knows: a record, or what it sees."""
    SAID = "said"
    """A person's word, that another record holds."""
    OPEN = "open"
    """Not done, or not whole: ``said`` tells what is there."""
    UNKNOWN = "unknown"
    """The software cannot know."""
    NEEDLESS = "needless"
    """There is nothing to do here on this day."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What the software knows of a step. ``at``: since when it is done, if that is known."""

    level: Level
    said: Phrase | None = None
    at: dt.datetime | None = None


UNKNOWN = Fact(Level.UNKNOWN)


class State(StrEnum):
    """Of a step."""

    PROVED = "proved"
    SIGNED = "signed"
    LATE = "late"
    NOW = "now"
    NEXT = "next"
    NEEDLESS = "not-applicable"

    @property
    def open(self) -> bool:
        """Whether there is still something to do."""
        return self in {State.LATE, State.NOW, State.NEXT}


@dataclass(frozen=True, slots=True)
class Row:
    """A step as it stands. ``done``: when it was, if that is known; ``waits``: a second signature is still
    missing."""

    id: str
    step: Step
    state: State
    begin: dt.datetime
    deadline: dt.datetime
    fact: Fact
    signed: tuple[Signoff, ...]
    done: dt.datetime | None
    waits: bool

    @property
    def late_by(self) -> dt.timedelta:
        """By how much it was done after its deadline; nothing for one that is open or was in time."""
        return max(dt.timedelta(), self.done - self.deadline) if self.done else dt.timedelta()


def subject_of(name: str, step: Step, date: dt.date) -> str:
    """What a signature of the step is for: one for all days where it is done once."""
    return name if step.each is Each.ONCE else f"{name}@{date}"


def rows(
    procedure: Procedure,
    day: Day,
    facts: Mapping[str, Fact],
    signed: Mapping[str, Sequence[Signoff]],
    now: dt.datetime,
) -> tuple[Row, ...]:
    """Every step of the procedure, in its order."""
    return tuple(
        _row(name, step, day, facts.get(name, UNKNOWN), signed, now) for name, step in procedure.items()
    )


def _row(
    name: str,
    step: Step,
    day: Day,
    fact: Fact,
    signed: Mapping[str, Sequence[Signoff]],
    now: dt.datetime,
) -> Row:
    given = tuple(signed.get(subject_of(name, step, day.date), ()))
    begin, deadline = day.begin(step), day.deadline(step)
    waits = second_missing(step, given)
    done: dt.datetime | None = None
    if step.skip or fact.level is Level.NEEDLESS:
        state = State.NEEDLESS
    elif fact.level is Level.PROVED and not (step.second and waits):
        state, done = State.PROVED, fact.at
    elif _signed(step, given) or (fact.level is Level.SAID and not demands(step)):
        state, done = State.SIGNED, max((one.at for one in given), default=fact.at)
    elif now > deadline:
        state = State.LATE
    else:
        state = State.NOW if now >= begin else State.NEXT
    return Row(name, step, state, begin, deadline, fact, given, done and done.astimezone(day.zone), waits)


def demands(step: Step) -> bool:
    """Whether a word is no signature: the procedure asks for a passphrase, or for two persons."""
    return step.passphrase or step.second is not None


def _signed(step: Step, given: Sequence[Signoff]) -> bool:
    """Whether somebody signed in the role whose step it is, and somebody else in the second one's."""
    own = first_of(step, given)
    if step.second is None:
        return bool(own)
    return any(one.person != other.person for one in own for other in _seconds(step, given))


def first_of(step: Step, given: Sequence[Signoff]) -> tuple[Signoff, ...]:
    """The signatures that count of the role whose step it is."""
    return tuple(
        one
        for one in given
        if (step.who is Who.EVERYBODY or one.role == step.who.value)
        and (one.way == PASSPHRASE or not demands(step))
    )


def second_missing(step: Step, given: Sequence[Signoff]) -> bool:
    """Whether a step of two persons lacks the second one's signature."""
    return step.second is not None and not _seconds(step, given)


def _seconds(step: Step, given: Sequence[Signoff]) -> list[Signoff]:
    wanted = step.second.value if step.second else ""
    return [one for one in given if one.role == wanted and one.way == PASSPHRASE]


def now_and_next(found: Sequence[Row]) -> tuple[tuple[Row, ...], tuple[Row, ...], tuple[Row, ...]]:
    """What is late, what is to be done now, and what comes next, each by deadline; of the last, only those
    steps that begin first on the same day."""
    late, present, coming = (
        sorted((row for row in found if row.state is state), key=lambda row: (row.deadline, row.begin))
        for state in (State.LATE, State.NOW, State.NEXT)
    )
    coming.sort(key=lambda row: (row.begin, row.deadline))
    first = [row for row in coming if row.begin.date() == coming[0].begin.date()]
    return tuple(late), tuple(present), tuple(first)
