"""How the exams in scope stand, from the plan and the ledger alone. Pure over a survey."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from printing.journal import Delivery
from provision.errors import N_
from provision.evidence.bundle import bundle_of
from provision.evidence.heard import heard
from provision.evidence.voices import Gain, Voices, gains, listen
from provision.intake.model import Kind, Missing
from provision.labstatus import LabState, LabStatus, lab_status
from provision.ledger.evidence import Said, meter_runs, said
from provision.ledger.lab import Checked, latest
from provision.work import Standing, What, totals

if TYPE_CHECKING:  # the words of verdicts are wanted where nothing is surveyed
    from provision.plan.model import Notice, Refusal
    from provision.rooms import Morning, RoomState
    from provision.site.model import Exam
    from provision.survey import Survey, Trouble


class Verdict(StrEnum):
    """What can be said of one exam in one room. READY is said on evidence only."""

    NOBODY = "nobody"
    READY = "ready"
    LAB = "lab"
    CLAIMED = "claimed"
    MOVING = "moving"
    HELD = "held"
    UNKNOWN = "unknown"
    DISAGREE = "disagree"
    SPOILED = "spoiled"
    TODO = "todo"
    REFUSED = "refused"
    BLOCKED = "blocked"


NEXT = {
    Verdict.NOBODY: N_("Nothing: no pupil of this exam sits there."),
    Verdict.READY: N_("Nothing: the bundle is complete."),
    Verdict.LAB: N_("Check the lab on the day of the exam: 'labcheck --room N'. Its papers are complete."),
    Verdict.CLAIMED: N_(
        "Scan or count the sheets: 'provision confirm --room N'. The printer's own word is no proof."
    ),
    Verdict.MOVING: N_("Wait, or run 'provision rooms' again to see what became of it."),
    Verdict.HELD: N_("Let it go when it is time: 'provision release --room N'."),
    Verdict.UNKNOWN: N_(
        "Scan all papers of the room: 'provision confirm --room N --complete'. What has no barcode, look for "
        "in the tray and run 'provision resolve'."
    ),
    Verdict.DISAGREE: N_("Do what the lines marked ✗ say, kit by kit; then scan or count again."),
    Verdict.SPOILED: N_("Order the additional print: 'provision reprint KIT'."),
    Verdict.TODO: N_("Run 'provision rooms'."),
    Verdict.REFUSED: N_("Correct what is named above, then run 'provision rooms'."),
    Verdict.BLOCKED: N_("See 'provision intake': put what is missing into the inbox."),
}
"""What the person does next."""


@dataclass(frozen=True, slots=True)
class RoomStatus:
    """One exam in one room: ``done`` maps a kind of document to (delivered, planned); ``spoiled`` are kits
    with pages that must be printed again; ``voices`` is the evidence, ``lab`` how the computers of an oral
    exam stand."""

    room: str
    printer: str
    verdict: Verdict
    done: Mapping[What, tuple[int, int]]
    unknown: tuple[Standing, ...]
    spoiled: tuple[Standing, ...]
    voices: Voices
    lab: LabStatus | None = None


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


def verdict_of(standings: Iterable[Standing], voices: Voices) -> Verdict:
    """The verdict on a room: the least good of its pieces', and of what the voices say of it as a whole."""
    order = list(Verdict).index
    worst = max((_verdict(standing) for standing in standings), key=order, default=Verdict.READY)
    if voices.doubts:
        return max(worst, Verdict.DISAGREE, key=order)
    if worst in {Verdict.READY, Verdict.CLAIMED}:
        return Verdict.READY if voices.ready else Verdict.CLAIMED
    return worst


def _verdict(standing: Standing) -> Verdict:
    state = standing.state
    if state is None or state.may_send:
        return Verdict.TODO
    if state is Delivery.UNKNOWN:
        return Verdict.UNKNOWN
    if standing.spoiled:
        return Verdict.SPOILED
    if not state.delivered:
        return Verdict.HELD if standing.held else Verdict.MOVING
    return Verdict.READY if state is Delivery.STORED else Verdict.CLAIMED


def status_of(morning: Morning) -> tuple[ExamStatus, ...]:
    """The status of every exam in scope, in the order of the day."""
    survey = morning.survey
    states = morning.states()
    evidence = _Evidence(survey)
    labs = latest(survey.ledger)
    found = []
    for exam in survey.exams:
        plan = survey.plan.exams.get(exam.id)
        refused = survey.plan.refused.get(exam.id)
        rooms = tuple(_room(state, evidence) for state in states if state.room.exam.id == exam.id)
        if exam.oral:
            rooms = tuple(_with_lab(room, exam, survey, labs) for room in rooms)
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


class _Evidence:
    """What the ledger holds besides deliveries, read once for all rooms."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._said: Mapping[tuple[str, str], Sequence[Said]] = said(survey.ledger)
        self._entries = survey.journal.entries()
        self._meter: tuple[Gain, ...] = gains(meter_runs(survey.ledger), self._entries)

    def voices(self, state: RoomState) -> Voices:
        """What each voice says of a room."""
        bundle = bundle_of(state, self._entries, self._survey.copies)
        told = self._said.get((state.room.exam.id, state.room.room), ())
        return listen(bundle, heard(told), self._meter)


def _with_lab(
    room: RoomStatus, exam: Exam, survey: Survey, results: Mapping[tuple[str, str], Checked]
) -> RoomStatus:
    """The room with its lab: complete papers make no oral exam ready."""
    inventory = survey.site.inventory
    lab = lab_status(inventory, inventory.room(room.room), results, survey.site.starts(exam))
    verdict = room.verdict
    if verdict is Verdict.READY and lab.state is not LabState.READY:
        verdict = Verdict.LAB
    return dataclasses.replace(room, verdict=verdict, lab=lab)


def _room(state: RoomState, evidence: _Evidence) -> RoomStatus:
    voices = evidence.voices(state)
    return RoomStatus(
        room=state.room.room,
        printer=state.printer,
        verdict=verdict_of(state.standings, voices),
        done=totals(state.standings),
        unknown=tuple(s for s in state.standings if s.state is Delivery.UNKNOWN),
        spoiled=tuple(s for s in state.standings if s.spoiled),
        voices=voices,
    )


KIND_WORDS = {
    Kind.TASKS: N_("tasks"),
    Kind.CIPHER: N_("cipher"),
    Kind.CODES: N_("codes"),
    Kind.PROTOCOL: N_("protocol template"),
    Kind.BRIEFING: N_("briefing"),
    Kind.INSTRUCTIONS: N_("instructions"),
    Kind.CRITERIA: N_("criteria"),
    Kind.REPORT: N_("statistical report"),
    Kind.FORM: N_("form"),
    Kind.UNKNOWN: N_("not recognised"),
}
"""What a kind of material is called."""
