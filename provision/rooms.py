"""``provision rooms``: plan - ledger = work, done printer by printer. May be killed at any time and run again."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from printing.dispatch import Dispatcher, Progress, Work
from printing.errors import PrintingError
from printing.queues import open_queue
from printing.queues.base import PrintOptions, Queue
from provision.errors import ProvisionError
from provision.ledger import assignments
from provision.papers import Papers
from provision.plan.forecast import loads
from provision.plan.model import ExamPlan, PrinterLoad, RoomPlan
from provision.site.model import Exam, Inventory
from provision.survey import Survey
from provision.work import Item, RoomWork, Standing, What

Failure = ProvisionError | PrintingError


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the work is meant: exams (ids), rooms (None: all), kinds of document."""

    exams: frozenset[str]
    rooms: frozenset[str] | None = None
    what: frozenset[What] = frozenset(What)

    def has(self, room: RoomPlan) -> bool:
        """Whether a room of the plan is meant."""
        return room.exam.id in self.exams and (self.rooms is None or room.room in self.rooms)


@dataclass(frozen=True, slots=True)
class Todo:
    """One document that is going to be printed, and its sheets."""

    item: Item
    sheets: int


@dataclass(frozen=True, slots=True)
class RoomState:
    """One exam in one room, set against the ledger."""

    room: RoomPlan
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: sheets and documents sent, and what stopped a printer (by its name)."""

    documents: int
    sheets: int
    failures: Mapping[str, Failure]


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

    @property
    def plans(self) -> tuple[ExamPlan, ...]:
        """The plans of the exams in scope, in the order of the day."""
        found = (self.survey.plan.exams.get(exam.id) for exam in self.survey.exams)
        return tuple(plan for plan in found if plan is not None)

    def states(self) -> tuple[RoomState, ...]:
        """Every room in scope, and how far each of its pieces has come."""
        return tuple(RoomState(room, self._work(room).standings()) for room in self._rooms())

    def todo(self) -> tuple[Todo, ...]:
        """What still has to be sent. Makes the small documents to count their sheets."""
        kits_per_job = self.survey.site.inventory.profile.kits_per_job
        items = [
            item for room in self._rooms() for item in self._work(room).items(self.scope.what, kits_per_job)
        ]
        return tuple(Todo(item, self.papers.sheets(item)) for item in items)

    def forecast(self, todo: Sequence[Todo]) -> tuple[PrinterLoad, ...]:
        """How long each printer has to work, and when it must begin at the latest."""
        work: dict[tuple[str, Exam], tuple[int, int]] = {}
        for one in todo:
            key = (one.item.printer, one.item.room.exam)
            sheets, jobs = work.get(key, (0, 0))
            work[key] = (sheets + one.sheets, jobs + 1)
        return loads(self.survey.site.inventory, work)

    def settle(self, on_progress: Callable[[Progress], None]) -> None:
        """Find out what became of what an earlier run left on its way, before anything new is sent."""
        for name in sorted({entry.attempt.queue for entry in self.survey.journal.entries()}):
            if name in self._printers:
                queue = self._queue(name)
                try:
                    Dispatcher(queue, self.survey.journal).settle(on_progress)
                finally:
                    queue.close()

    def prove(self, todo: Sequence[Todo]) -> None:
        """Make everything once, and let the second reader agree, before the first sheet is sent."""
        rooms: dict[tuple[str, str], list[Item]] = {}
        for one in todo:
            if one.item.what is What.KITS:
                rooms.setdefault((one.item.room.exam.id, one.item.room.room), []).append(one.item)
        for (exam_id, _room), items in rooms.items():
            self.survey.presses[exam_id].kits([place.kit for item in items for place in item.places])

    def run(
        self, todo: Sequence[Todo], on_progress: Callable[[Progress], None], stop: threading.Event
    ) -> Outcome:
        """Record the plan, then send everything, all printers at once, each in bundle order."""
        ledger = self.survey.ledger
        in_scope = {one.item.room.exam.id for one in todo}
        new = [a for plan in self.plans if plan.exam.id in in_scope for a in plan.new]
        assignments.record(ledger, new)
        by_printer: dict[str, list[Todo]] = {}
        for one in todo:
            by_printer.setdefault(one.item.printer, []).append(one)
        counter = _Counter(on_progress)
        failures: dict[str, Failure] = {}

        def work(name: str) -> None:
            try:
                self._deliver(name, by_printer[name], counter, stop)
            except (ProvisionError, PrintingError) as error:
                failures[name] = error

        with ThreadPoolExecutor(max_workers=max(1, len(by_printer))) as pool:
            list(pool.map(work, by_printer))
        return Outcome(counter.documents, counter.sheets, failures)

    def folders(self) -> tuple[Path, ...]:
        """Where the folder queues of the rooms in scope put their files, for the person to open."""
        names = sorted({room.printer for room in self._rooms()})
        queues = (self._printers[name].queue.partition(":") for name in names)
        root = self.survey.site.root
        return tuple(dict.fromkeys(root / path for kind, _colon, path in queues if kind == "folder"))

    def _deliver(
        self, name: str, todo: Sequence[Todo], on_progress: Callable[[Progress], None], stop: threading.Event
    ) -> None:
        queue = self._queue(name)
        try:
            for media in {one.item.media for one in todo}:
                queue.check(PrintOptions(media))
            works = [self._work_of(one) for one in todo]
            Dispatcher(queue, self.survey.journal).deliver(works, on_progress, stop)
        finally:
            queue.close()

    def _work_of(self, one: Todo) -> Work:
        item = one.item

        def write(out: BinaryIO) -> None:
            out.write(self.papers.make(item))

        covers = tuple(place.number for place in item.places)
        return Work(item.key, item.path, one.sheets, covers, PrintOptions(item.media), write)

    def _queue(self, name: str) -> Queue:
        return open_queue(self._printers[name].queue, name, self.survey.site.root)

    def _rooms(self) -> tuple[RoomPlan, ...]:
        return tuple(room for plan in self.plans for room in plan.rooms if self.scope.has(room))

    def _work(self, room: RoomPlan) -> RoomWork:
        briefing = self.papers.briefing_edition(room.exam.id)
        return RoomWork(room, self.survey.journal.entries(), briefing, tuple(self._printers))


class _Counter:
    """Counts what went through, and passes it on; called from every printer's thread."""

    def __init__(self, on_progress: Callable[[Progress], None]) -> None:
        self._on_progress, self._lock = on_progress, threading.Lock()
        self.documents = self.sheets = 0

    def __call__(self, progress: Progress) -> None:
        with self._lock:
            if progress.state.delivered:
                self.documents += 1
                self.sheets += progress.work.sheets
            self._on_progress(progress)


def exams_of(inventory: Inventory, ids: Collection[str], date: dt.date | None) -> frozenset[str]:
    """The exams that a command means: those named, else all of a date, else (None) all."""
    if ids:
        return frozenset(ids)
    return frozenset(exam.id for exam in inventory.exams if date is None or exam.date == date)
