"""``provision rooms``: plan - ledger = work, done printer by printer. May be killed and run again at will."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from printing.feed import Work
from printing.journal import HELD, Delivery, Entry
from printing.kit import Kit
from printing.queues.base import PrintOptions
from provision.bundles import Bundles
from provision.ledger import assignments
from provision.papers import Papers
from provision.plan.forecast import loads
from provision.plan.model import ExamPlan, PrinterLoad, RoomPlan
from provision.site.model import Exam, Failover, Inventory
from provision.survey import Survey
from provision.work import Item, RoomWork, Standing, What, by_room

if TYPE_CHECKING:
    from printing.dispatch import Progress
    from provision.crew import Crew, Ended, OnProgress, Watch
    from provision.station import Failure


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the work is meant: exams (ids), rooms (None: all), kinds of document; ``works`` narrows it to
    single documents by their keys."""

    exams: frozenset[str]
    rooms: frozenset[str] | None = None
    what: frozenset[What] = frozenset(What)
    works: frozenset[str] | None = None

    def has(self, room: RoomPlan) -> bool:
        """Whether a room of the plan is meant."""
        return self.names(room.exam.id, room.room)

    def names(self, exam: str, room: str) -> bool:
        """Whether an exam in a room is meant."""
        return exam in self.exams and (self.rooms is None or room in self.rooms)


@dataclass(frozen=True, slots=True)
class Todo:
    """One document that is going to be printed, and its sheets."""

    item: Item
    sheets: int


@dataclass(frozen=True, slots=True)
class RoomState:
    """One exam in one room, set against the ledger."""

    room: RoomPlan
    printer: str
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: sheets and documents printed or, in their way, held at the server; what stopped a
    printer (by its name), and whose work went elsewhere."""

    documents: int
    sheets: int
    held: int
    failures: Mapping[str, Failure]
    moved: frozenset[str]


def next_day(inventory: Inventory, today: dt.date) -> dt.date | None:
    """The day that a command without a date means: the next one with an exam, today included."""
    return min((exam.date for exam in inventory.exams if exam.date >= today), default=None)


class Morning:
    """The use case: a survey, a scope, and what follows from the two."""

    def __init__(self, survey: Survey, scope: Scope) -> None:
        """Nothing is done yet."""
        self.survey, self.scope = survey, scope
        self.papers = Papers(survey.site, survey.catalog, survey.presses)
        self._printers = {printer.name: printer for printer in survey.site.inventory.printers}
        self._crew: Crew | None = None
        self._stopped = False

    @property
    def plans(self) -> tuple[ExamPlan, ...]:
        """The plans of the exams in scope, in the order of the day."""
        found = (self.survey.plan.exams.get(exam.id) for exam in self.survey.exams)
        return tuple(plan for plan in found if plan is not None)

    def work(self, room: RoomPlan) -> RoomWork:
        """The pieces of a room, set against what was done so far."""
        entries = by_room(self.survey.journal.entries())
        return self._room_work(room, entries.get((room.exam.id, room.room), ()))

    def states(self) -> tuple[RoomState, ...]:
        """Every room in scope, and how far each of its pieces has come."""
        return tuple(RoomState(room, work.printer, work.standings()) for room, work in self._works())

    def todo(self) -> tuple[Todo, ...]:
        """What still has to be sent. Makes the small documents to count their sheets."""
        kits_per_job = self.survey.site.inventory.profile.kits_per_job
        items = [item for _room, work in self._works() for item in work.items(self.scope.what, kits_per_job)]
        meant = self.scope.works
        return tuple(Todo(i, self.papers.sheets(i)) for i in items if meant is None or i.key in meant)

    def forecast(self, todo: Sequence[Todo]) -> tuple[PrinterLoad, ...]:
        """How long each printer has to work, and when it must begin at the latest."""
        work: dict[tuple[str, Exam], tuple[int, int]] = {}
        for one in todo:
            key = (one.item.printer, one.item.room.exam)
            sheets, jobs = work.get(key, (0, 0))
            work[key] = (sheets + one.sheets, jobs + 1)
        return loads(self.survey.site.inventory, work)

    def stop(self) -> None:
        """Send nothing more; what is on its way is let end. For a signal handler."""
        self._stopped = True
        if self._crew is not None:
            self._crew.stop()

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stopped

    def settle(self, on_progress: OnProgress, watch: Watch) -> Mapping[str, Failure]:
        """Follow what an earlier run left on its way to its end, before anything new is sent; what is held
        at the server stays so."""
        open_work: dict[str, list[Work]] = {}
        for entry in self.survey.journal.latest().values():
            if not (entry.state.delivered or entry.state.may_send or entry.state is Delivery.UNKNOWN):
                open_work.setdefault(entry.attempt.queue, []).append(_left_behind(entry))
        return self._at_work(on_progress).follow(open_work, watch).failures

    def prove(self, todo: Sequence[Todo]) -> None:
        """Make a kit of every kind, and let the second reader agree, before the first sheet is sent.

        What is wrong with a variant or the stamp shows in any of its kits. Each kit is read again by itself
        before it goes; all of them beforehand would keep the printers waiting.
        """
        tried: dict[str, dict[tuple[object, ...], Kit]] = {}
        for one in todo:
            for kit in (place.kit for place in one.item.places if one.item.what is What.KITS):
                kinds = tried.setdefault(one.item.room.exam.id, {})
                kinds.setdefault((kit.variant, kit.media, kit.copy > 1), kit)
        for exam_id, kinds in tried.items():
            self.survey.presses[exam_id].kits(list(kinds.values()))

    def run(
        self,
        todo: Sequence[Todo],
        on_progress: OnProgress,
        watch: Watch,
        failover: Failover | None = None,
        *,
        hold: bool = False,
    ) -> Outcome:
        """Record the plan, then send everything, all printers at once, each in bundle order. ``failover``
        overrules the profile's; ``hold`` keeps everything at the server until :meth:`release`."""
        in_scope = {one.item.room.exam.id for one in todo}
        new = [a for plan in self.plans if plan.exam.id in in_scope for a in plan.new]
        assignments.record(self.survey.ledger, new)
        bundles = Bundles(self.survey.site.inventory, self.survey.journal.entries())
        for one in todo:
            bundles.add(one.item, self._work_of(one, hold=hold))
        counter = _Counter(on_progress)
        failover = failover or self.survey.site.inventory.profile.failover
        ended = self._at_work(counter).serve(bundles.planned(stealing=not hold), watch, failover)
        return counter.outcome(ended)

    def release(self, on_progress: OnProgress, watch: Watch) -> Outcome:
        """Let everything in scope go that is held at the server, in bundle order, and follow it."""
        bundles = Bundles(self.survey.site.inventory, ())
        for entry in self.survey.journal.latest().values():
            exam, room = entry.attempt.work.split("/")[:2]
            if entry.held and self.scope.names(exam, room):
                bundles.put(exam, room, entry.attempt.queue, _left_behind(entry))
        counter = _Counter(on_progress)
        ended = self._at_work(counter).serve(
            bundles.planned(stealing=False), watch, Failover.NEVER, release=True
        )
        return counter.outcome(ended)

    def folders(self) -> tuple[Path, ...]:
        """Where the folder queues of the rooms in scope put their files, for the person to open."""
        names = sorted({work.printer for _room, work in self._works()})
        queues = (self._printers[name].queue.partition(":") for name in names)
        root = self.survey.site.root
        return tuple(dict.fromkeys(root / path for kind, _colon, path in queues if kind == "folder"))

    def _at_work(self, on_progress: OnProgress) -> Crew:
        from provision.crew import Crew  # noqa: PLC0415 - most commands look, and have no printer at work

        survey = self.survey
        self._crew = Crew(survey.site, survey.ledger, survey.journal, on_progress)
        if self._stopped:
            self._crew.stop()
        return self._crew

    def _work_of(self, one: Todo, *, hold: bool) -> Work:
        item = one.item

        def write(out: BinaryIO) -> None:
            out.write(self.papers.make(item))

        covers = tuple(place.number for place in item.places)
        return Work(item.key, item.path, one.sheets, covers, PrintOptions(item.media, hold), write)

    def _rooms(self) -> tuple[RoomPlan, ...]:
        return tuple(room for plan in self.plans for room in plan.rooms if self.scope.has(room))

    def _works(self) -> Iterator[tuple[RoomPlan, RoomWork]]:
        entries = by_room(self.survey.journal.entries())
        for room in self._rooms():
            yield room, self._room_work(room, entries.get((room.exam.id, room.room), ()))

    def _room_work(self, room: RoomPlan, entries: Sequence[Entry]) -> RoomWork:
        editions = self.papers.editions(room)
        return RoomWork(room, entries, editions, tuple(self._printers), self.survey.copies)


class _Counter:
    """Counts what went through, and passes it on."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self.documents = self.sheets = self.held = 0

    def __call__(self, printer: str, step: Progress) -> None:
        self.held += HELD in step.reasons
        if step.state.delivered:
            self.documents += 1
            self.sheets += step.work.sheets
        self._on_progress(printer, step)

    def outcome(self, ended: Ended) -> Outcome:
        return Outcome(self.documents, self.sheets, self.held, ended.failures, ended.moved)


def _left_behind(entry: Entry) -> Work:
    """What an earlier run left on its way, to be followed; never to be written again."""

    def never(_out: BinaryIO) -> None:
        msg = "what is only followed is not sent"
        raise AssertionError(msg)

    attempt = entry.attempt
    return Work(attempt.work, "", attempt.sheets, attempt.covers, PrintOptions(), never)


def exams_of(inventory: Inventory, ids: Collection[str], date: dt.date | None) -> frozenset[str]:
    """The exams that a command means: those named, else all of a date, else (None) all."""
    if ids:
        return frozenset(ids)
    return frozenset(exam.id for exam in inventory.exams if date is None or exam.date == date)
