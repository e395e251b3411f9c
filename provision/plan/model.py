"""What must be: per exam and room who sits where, with which code, variant and kit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from printing.kit import Kit
from provision.errors import N_, Phrase, ProvisionError
from provision.secret import Secret
from provision.site.model import Exam


@dataclass(frozen=True, slots=True)
class Pupil:
    """A participant as the plan sees one: ``ref`` is a keyed hash that the ledger may hold."""

    ref: str
    class_name: str
    name: Secret
    row: int
    room: str | None = None
    seat: str | None = None
    code: str | None = field(default=None, repr=False)
    large_print: bool = False
    absent: bool = False


@dataclass(frozen=True, slots=True)
class ListedCode:
    """A participant code of the downloaded list; ``ref`` is a keyed hash that the ledger may hold."""

    ref: str
    code: str = field(repr=False)
    place: str | Phrase
    """Where it stands in the list, for messages in place of the code."""


@dataclass(frozen=True, slots=True)
class Materials:
    """What of an exam's materials the plan depends on. ``variants`` maps label to page count; None when the
    archive was not opened: then the exam is not planned, but its pupils' codes are kept for them.
    ``sources`` maps label to a digest of the variant's content."""

    codes: tuple[ListedCode, ...]
    variants: Mapping[str, int] | None
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One kit as it was planned and recorded. It is never changed, only added to.

    ``pupil`` and ``code`` are keyed hashes; a spare kit has no pupil, a pupil of an oral exam no
    variant and no seat. ``index`` is unique in the exam, ``number`` in the room and session.
    """

    exam: str
    pupil: str
    room: str
    seat: str
    code: str
    variant: str
    index: int
    number: str
    large_print: bool = False
    source: str = ""
    """Digest of the variant's content; "" in an oral exam."""


@dataclass(frozen=True, slots=True)
class Place:
    """One kit to be, with all that its paper says. ``pupil`` is None for a spare kit."""

    assignment: Assignment
    pupil: Pupil | None
    kit: Kit = field(repr=False)

    @property
    def number(self) -> str:
        """The kit's number, as people say it."""
        return self.assignment.number


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """One exam in one room: ``places`` in seat order, then ``spares``."""

    exam: Exam
    room: str
    printer: str
    a3_printer: str
    places: tuple[Place, ...]
    spares: tuple[Place, ...]
    pages: Mapping[str, int]
    """Pages of each variant."""
    void: tuple[str, ...] = ()
    """Kits that are on paper for the room, or may be, and hold no longer."""

    @property
    def kits(self) -> tuple[Place, ...]:
        """Every place that has a kit of paper, in bundle order. An oral exam has none."""
        return () if self.exam.oral else self.places + self.spares

    @property
    def kit_sheets(self) -> int:
        """Sheets of paper of all kits."""
        return sum(self.pages[place.kit.variant] for place in self.kits)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know that stops nothing. English template and parameters."""

    template: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ExamPlan:
    """One exam: its rooms, and what was recorded for it so far or is to be."""

    exam: Exam
    batch: str
    rooms: tuple[RoomPlan, ...]
    spare_codes: int
    """Codes of the list that neither a pupil nor a spare kit has."""
    new: tuple[Assignment, ...]
    """Assignments that the ledger does not hold yet."""
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why an exam cannot be planned. English template, its cure, and parameters."""

    exam: str
    template: str
    cure: str
    params: Mapping[str, object]


class PlanRefused(ProvisionError):
    """An exam cannot be planned; all reasons at once."""

    code = "plan-refused"
    remedy = N_(
        "Correct what each line names, then run the command again. Nothing was printed for this exam."
    )

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        """Carry all the reasons."""
        self.refusals = tuple(refusals)
        super().__init__(
            N_("{exam} cannot be planned: {count} reasons"),
            exam=", ".join(sorted({r.exam for r in self.refusals})),
            count=len(self.refusals),
        )


@dataclass(frozen=True, slots=True)
class PrinterLoad:
    """What one printer has to do for one session, and the latest moment to begin."""

    printer: str
    session: dt.datetime
    """The exams' start, local time without zone."""
    sheets: int
    jobs: int
    minutes: float
    latest_start: dt.datetime
