"""How the exams in scope stand, from the plan and the ledger alone. Pure over a survey."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from printing.journal import Delivery
from provision.errors import N_
from provision.intake.model import Kind, Missing
from provision.plan.model import Notice, Refusal
from provision.rooms import Morning, RoomState
from provision.site.model import Exam
from provision.survey import Trouble
from provision.work import Standing, What, totals


class Verdict(StrEnum):
    """What can be said of one exam in one room. READY is said on evidence only."""

    NOBODY = "nobody"
    READY = "ready"
    CLAIMED = "claimed"
    MOVING = "moving"
    UNKNOWN = "unknown"
    SPOILED = "spoiled"
    TODO = "todo"
    REFUSED = "refused"
    BLOCKED = "blocked"


NEXT = {
    Verdict.NOBODY: N_("Nothing: no pupil of this exam sits there."),
    Verdict.READY: N_("Nothing: the bundle is complete."),
    Verdict.CLAIMED: N_("Count the sheets at the printer: its own word is no proof."),
    Verdict.MOVING: N_("Wait, or run 'provision rooms' again to see what became of it."),
    Verdict.UNKNOWN: N_("Look at the printer, then run 'provision resolve'."),
    Verdict.SPOILED: N_("Order the additional print: 'provision reprint KIT'."),
    Verdict.TODO: N_("Run 'provision rooms'."),
    Verdict.REFUSED: N_("Correct what is named above, then run 'provision rooms'."),
    Verdict.BLOCKED: N_("See 'provision intake': put what is missing into the inbox."),
}
"""What the person does next."""


@dataclass(frozen=True, slots=True)
class RoomStatus:
    """One exam in one room: ``done`` maps a kind of document to (delivered, planned); ``spoiled`` are kits
    with pages that must be printed again."""

    room: str
    printer: str
    verdict: Verdict
    done: Mapping[What, tuple[int, int]]
    unknown: tuple[Standing, ...]
    spoiled: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class ExamStatus:
    """One exam: what is missing, why it cannot be planned, or how its rooms stand."""

    exam: Exam
    missing: tuple[Missing, ...]
    troubles: tuple[Trouble, ...]
    refusals: tuple[Refusal, ...]
    notices: tuple[Notice, ...]
    rooms: tuple[RoomStatus, ...]

    @property
    def verdict(self) -> Verdict:
        """The exam's: what stops it, else the least good of its rooms'."""
        if self.troubles:
            return Verdict.BLOCKED
        if self.refusals:
            return Verdict.REFUSED
        return max((room.verdict for room in self.rooms), key=list(Verdict).index, default=Verdict.NOBODY)


def verdict_of(standings: Iterable[Standing]) -> Verdict:
    """The verdict on a room: the least good of its pieces'. A piece that is not known is not ready."""
    worst = Verdict.READY
    for standing in standings:
        found = _verdict(standing)
        worst = max(worst, found, key=list(Verdict).index)
    return worst


def _verdict(standing: Standing) -> Verdict:
    state = standing.state
    if state is None or state.may_send:
        return Verdict.TODO
    if state is Delivery.UNKNOWN:
        return Verdict.UNKNOWN
    if standing.spoiled:
        return Verdict.SPOILED
    if state is Delivery.CLAIMED:
        return Verdict.CLAIMED
    return Verdict.READY if state.delivered else Verdict.MOVING


def status_of(morning: Morning) -> tuple[ExamStatus, ...]:
    """The status of every exam in scope, in the order of the day."""
    survey = morning.survey
    states = morning.states()
    found = []
    for exam in survey.exams:
        plan = survey.plan.exams.get(exam.id)
        refused = survey.plan.refused.get(exam.id)
        rooms = tuple(_room(state) for state in states if state.room.exam.id == exam.id)
        planned = [state.room for state in states if state.room.exam.id == exam.id]
        found.append(
            ExamStatus(
                exam,
                tuple(m for m in survey.catalog.missing if m.exam == exam.id),
                survey.troubles[exam.id],
                refused.refusals if refused else (),
                (*(plan.notices if plan else ()), *morning.papers.notices(exam.id, planned)),
                rooms,
            )
        )
    return tuple(found)


def _room(state: RoomState) -> RoomStatus:
    unknown = tuple(s for s in state.standings if s.state is Delivery.UNKNOWN)
    spoiled = tuple(s for s in state.standings if s.spoiled)
    return RoomStatus(
        state.room.room, state.printer, verdict_of(state.standings), totals(state.standings), unknown, spoiled
    )


KIND_WORDS = {
    Kind.TASKS: N_("tasks"),
    Kind.CIPHER: N_("cipher"),
    Kind.CODES: N_("codes"),
    Kind.PROTOCOL: N_("protocol template"),
    Kind.BRIEFING: N_("briefing"),
    Kind.INSTRUCTIONS: N_("instructions"),
    Kind.CRITERIA: N_("criteria"),
    Kind.UNKNOWN: N_("not recognised"),
}
"""What a kind of material is called."""
