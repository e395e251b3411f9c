"""``provision rooms``: plan - ledger = work, done printer by printer. May be killed and run again at will."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from printing.dispatch import Dispatcher, Progress, Work
from printing.errors import PrintingError
from printing.journal import Delivery, Entry
from printing.queues.base import PrintOptions
from printing.queues.facts import InspectedQueue
from printing.queues.open import open_queue
from provision.errors import N_, ProvisionError
from provision.ledger import assignments
from provision.meter import metered
from provision.papers import Papers
from provision.plan.forecast import loads
from provision.plan.model import ExamPlan, PrinterLoad, RoomPlan
from provision.site.model import Exam, Inventory
from provision.survey import Survey
from provision.tidy import tidied
from provision.work import Item, RoomWork, Standing, What, by_room

Failure = ProvisionError | PrintingError
OnProgress = Callable[[str, Progress], None]
"""Told the printer's name and what happened there; called from one thread per printer."""


class PrinterGone(ProvisionError):
    """A printer that still has work of an earlier run is no longer in the inventory."""

    code = "printer-gone"
    remedy = N_("Put it back into inventory.yaml until its work has ended, then run the command again.")


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
    printer: str
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
        self._dispatchers: list[Dispatcher] = []
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
        for dispatcher in tuple(self._dispatchers):
            dispatcher.stop()

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stopped

    def settle(self, on_progress: OnProgress) -> Mapping[str, Failure]:
        """Follow what an earlier run left on its way to its end, before anything new is sent."""
        open_work: dict[str, list[Work]] = {}
        for entry in self.survey.journal.latest().values():
            if not (entry.state.delivered or entry.state.may_send or entry.state is Delivery.UNKNOWN):
                open_work.setdefault(entry.attempt.queue, []).append(_left_behind(entry))
        return self._on_printers(open_work, on_progress, send=False)

    def prove(self, todo: Sequence[Todo]) -> None:
        """Make everything once, and let the second reader agree, before the first sheet is sent."""
        rooms: dict[tuple[str, str], list[Item]] = {}
        for one in todo:
            if one.item.what is What.KITS:
                rooms.setdefault((one.item.room.exam.id, one.item.room.room), []).append(one.item)
        for (exam_id, _room), items in rooms.items():
            self.survey.presses[exam_id].kits([place.kit for item in items for place in item.places])

    def run(self, todo: Sequence[Todo], on_progress: OnProgress) -> Outcome:
        """Record the plan, then send everything, all printers at once, each in bundle order."""
        in_scope = {one.item.room.exam.id for one in todo}
        new = [a for plan in self.plans if plan.exam.id in in_scope for a in plan.new]
        assignments.record(self.survey.ledger, new)
        works: dict[str, list[Work]] = {}
        for one in todo:
            works.setdefault(one.item.printer, []).append(self._work_of(one))
        counter = _Counter(on_progress)
        failures = self._on_printers(works, counter, send=True)
        return Outcome(counter.documents, counter.sheets, failures)

    def folders(self) -> tuple[Path, ...]:
        """Where the folder queues of the rooms in scope put their files, for the person to open."""
        names = sorted({work.printer for _room, work in self._works()})
        queues = (self._printers[name].queue.partition(":") for name in names)
        root = self.survey.site.root
        return tuple(dict.fromkeys(root / path for kind, _colon, path in queues if kind == "folder"))

    def _on_printers(
        self, works: Mapping[str, Sequence[Work]], on_progress: OnProgress, *, send: bool
    ) -> Mapping[str, Failure]:
        """Give every printer its works, all at once; what stops one stops no other.

        A second Ctrl-C leaves at once. The threads are daemons for that: a printer that stands still holds
        its thread, and must not hold the program; the next run takes up what was on its way.
        """
        failures: dict[str, Failure] = {}
        mistakes: list[BaseException] = []

        def deliver(name: str) -> None:
            try:
                self._deliver(name, works[name], lambda step: on_progress(name, step), send=send)
            except (ProvisionError, PrintingError) as error:
                failures[name] = error
            except BaseException as error:  # noqa: BLE001 - raised below, in the thread that is asked
                mistakes.append(error)

        threads = [threading.Thread(target=deliver, args=(name,), daemon=True) for name in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for mistake in mistakes:
            raise mistake
        return failures

    def _deliver(
        self, name: str, works: Sequence[Work], on_event: Callable[[Progress], None], *, send: bool
    ) -> None:
        queue = self._queue(name)
        try:
            if send:
                for media in {work.options.media for work in works}:
                    queue.check(PrintOptions(media))
            dispatcher = Dispatcher(queue, self.survey.journal)
            self._dispatchers.append(dispatcher)
            if self._stopped or not send:
                dispatcher.stop()  # it then only follows what is on its way already
            survey = self.survey
            with metered(survey.ledger, name, queue), tidied(survey.journal, name, queue, on_event) as told:
                dispatcher.deliver(works, told)
        finally:
            queue.close()

    def _work_of(self, one: Todo) -> Work:
        item = one.item

        def write(out: BinaryIO) -> None:
            out.write(self.papers.make(item))

        covers = tuple(place.number for place in item.places)
        return Work(item.key, item.path, one.sheets, covers, PrintOptions(item.media), write)

    def _queue(self, name: str) -> InspectedQueue:
        if name not in self._printers:
            raise PrinterGone(N_("the inventory has no printer {name} any more"), name=name)
        return open_queue(self._printers[name].queue, name, self.survey.site.root)

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
    """Counts what went through, and passes it on; called from every printer's thread."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress, self._lock = on_progress, threading.Lock()
        self.documents = self.sheets = 0

    def __call__(self, printer: str, step: Progress) -> None:
        with self._lock:
            if step.state.delivered:
                self.documents += 1
                self.sheets += step.work.sheets
            self._on_progress(printer, step)


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
