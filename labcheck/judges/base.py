"""What a judge is, and the findings that most of them come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labcheck.errors import N_
from labcheck.facts import Facts, NotKnown
from labcheck.finding import Check, Finding
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING, Phrase, phrase
from labcheck.requirements import Requirements

LOOK_YOURSELF = phrase(
    N_(
        "This could not be measured. Check again; if it stays so, see to it at the computer itself, or "
        "seat the pupil at a reserve."
    )
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the controller saw itself: its own clock when it asked for the facts and when they came, seconds
    since 1970, and the time that a question and its answer take, milliseconds (None: not measured)."""

    asked: float
    answered: float
    network_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge says; ``remedy`` is kept only where something is to be done."""

    outcome: Outcome
    measured: Phrase
    margin: float | None = None
    remedy: Phrase = NOTHING


@dataclass(frozen=True, slots=True)
class Judge:
    """One check. ``limit`` gives what is demanded, None when nothing is; ``judge`` may raise NotKnown."""

    check: Check
    limit: Callable[[Requirements], Phrase | None]
    judge: Callable[[Facts, Requirements, Seen], Judged]

    def find(self, facts: Facts, wanted: Requirements, seen: Seen) -> Finding | None:
        """The finding; None when the profile demands nothing."""
        limit = self.limit(wanted)
        if limit is None:
            return None
        try:
            judged = self.judge(facts, wanted, seen)
        except NotKnown as error:
            judged = Judged(Outcome.NOT_CHECKED, error.reason, None, LOOK_YOURSELF)
        remedy = NOTHING if judged.outcome is Outcome.PASS else judged.remedy
        return Finding(self.check, judged.outcome, judged.measured, limit, judged.margin, remedy)


def within(measured: Phrase, margin: float, remedy: Phrase) -> Judged:
    """A measured value: good while its margin is not below 0."""
    return Judged(Outcome.PASS if margin >= 0 else Outcome.FAIL, measured, margin, remedy)


def yes_no(good: bool, measured: Phrase, remedy: Phrase, bad: Outcome = Outcome.FAIL) -> Judged:
    """Something that is so or is not."""
    return Judged(Outcome.PASS if good else bad, measured, None, remedy)


def above(value: float, least: float) -> float:
    """The margin over a lower limit."""
    return value / least - 1 if least > 0 else 1.0


def below(value: float, most: float) -> float:
    """The margin under an upper limit."""
    return 1 - value / most if most > 0 else -value


def when(demanded: bool, limit: Phrase) -> Phrase | None:
    """The limit where it is demanded."""
    return limit if demanded else None
