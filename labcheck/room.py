"""A room at once: a visit to each workstation, so many under way at a time, and none that holds up the rest.

Every seat ends with exactly one result. Whatever hangs is given up when its phase is over and some grace,
whatever stops the run: its connection is cut, and its thread is left behind. Once all visits have ended, or
wait for the others, all headsets are tested together.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from labcheck.failure import LATE, STOPPED, finding_of
from labcheck.finding import Check, Finding
from labcheck.requirements import Requirements
from labcheck.transport.base import Endpoint
from labcheck.transport.core import share_core
from labcheck.visit import Connect, Phase, Task, Visit, Visited, not_begun

if TYPE_CHECKING:  # most commands need no numpy
    from labcheck.headset.crew import Crew
    from labcheck.headset.test import RoomResult, Sink

AT_ONCE = 32
"""Workstations under way at a time. More only wait for the processor here."""
GRACE_SECONDS = 10.0
"""A phase that is over by so much, or a run that was stopped so long ago, is cut."""
PROVE_GRACE_SECONDS = 15.0
"""What plays when the run is stopped may play to its end, and be measured."""
_TICK = 0.25


class Observer(Protocol):
    """Is told how it goes, always from the thread that called :func:`visit_all`."""

    def phase(self, seat: str, phase: Phase) -> None:
        """A phase begins."""
        ...

    def step(self, seat: str, step: str, done: int, size: int) -> None:
        """An installation came further; bytes done and in all, both 0 where nothing is counted."""
        ...

    def ended(self, *visited: Visited) -> None:
        """The results of seats are there; those that came at the same time come together."""
        ...


def visit_all(
    endpoints: Sequence[Endpoint],
    task: Task,
    connect: Connect,
    observer: Observer | None = None,
    *,
    stop: threading.Event | None = None,
    at_once: int = AT_ONCE,
    sink: Sink | None = None,
) -> tuple[Visited, ...]:
    """Visit all; results in the order given. Seats must differ.

    When ``stop`` is set nothing new is begun, and what is under way may end its phase, for GRACE_SECONDS at
    most; who was not visited is NOT_CHECKED. ``sink`` is given what the test of the headsets has brought,
    recordings and all. Raises only what ``observer`` and ``sink`` do."""
    return _Room(endpoints, task, connect, observer, stop or threading.Event(), at_once, sink).run()


_Message = tuple[Visit, Phase | Visited | None, str, int, int]


class _Room:
    """A run of it."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        task: Task,
        connect: Connect,
        observer: Observer | None,
        stop: threading.Event,
        at_once: int,
        sink: Sink | None,
    ) -> None:
        self._sink = sink
        self._joined: list[Visit] = []
        self._crew: Future[Crew] = Future()
        self._proving = False
        self._places = itertools.count()
        self._order = [endpoint.seat for endpoint in endpoints]
        self._waiting = deque(endpoints)
        self._task, self._connect, self._observer = task, connect, observer
        self._stop, self._at_once = stop, at_once
        self._stopped: float | None = None
        self._running: set[Visit] = set()
        self._messages: SimpleQueue[_Message] = SimpleQueue()
        self._results: dict[str, Visited] = {}

    def run(self) -> tuple[Visited, ...]:
        """Until every seat has its result."""
        try:
            if self._task.proves:
                threading.Thread(target=_gather, args=(len(self._order), self._crew), daemon=True).start()
            while self._waiting or self._running:
                self._start()
                self._hear()
                self._give_up()
                for visit in self._joined:
                    visit.keep()
            if self._joined:
                self._prove()
        finally:
            for visit in (*self._running, *self._joined):
                visit.cut()
            if self._task.proves and not self._proving:
                threading.Thread(target=_dismiss, args=(self._crew,), daemon=True).start()
        return tuple(self._results[seat] for seat in self._order)

    def _start(self) -> None:
        if self._stop.is_set():
            self._stopped = self._stopped or monotonic()
            self._end(*(not_begun(endpoint.seat) for endpoint in self._waiting))
            self._waiting.clear()
        while self._waiting and len(self._running) < self._at_once:
            visit = Visit(self._waiting.popleft(), self._task, self._connect, self._stop, self._places)
            self._running.add(visit)
            threading.Thread(
                target=self._visit, args=(visit,), name=f"visit {visit.endpoint.seat}", daemon=True
            ).start()

    def _visit(self, visit: Visit) -> None:
        """In the visit's own thread."""
        share_core()

        def tell(phase: Phase, step: str, done: int, size: int) -> None:
            self._messages.put((visit, phase, step, done, size))

        self._messages.put((visit, visit.run(tell), "", 0, 0))

    def _hear(self) -> None:
        """Wait a moment for the next message, and take all that are there."""
        if not self._running:
            return
        ended: list[Visited] = []
        try:
            message = self._messages.get(timeout=_TICK)
            while True:
                self._take(*message, ended)
                message = self._messages.get_nowait()
        except Empty:
            self._end(*ended)

    def _take(
        self,
        visit: Visit,
        what: Phase | Visited | None,
        step: str,
        done: int,
        size: int,
        ended: list[Visited],
    ) -> None:
        if visit not in self._running:  # given up before
            return
        if what is None:
            self._running.remove(visit)
            self._joined.append(visit)
        elif isinstance(what, Visited):
            self._running.remove(visit)
            ended.append(what)
        elif self._observer is not None:
            if step:
                self._observer.step(visit.endpoint.seat, step, done, size)
            else:
                self._observer.phase(visit.endpoint.seat, what)

    def _prove(self) -> None:
        """Test the headsets of all who have joined, in a thread of its own: it may hang like any other."""
        told: SimpleQueue[tuple[str, Phase] | tuple[RoomResult, ...] | Exception] = SimpleQueue()
        given = (self._joined, self._task.wanted, self._stop, told, self._crew)
        threading.Thread(target=_hold, args=given, daemon=True).start()
        self._proving = True
        while True:
            if self._stop.is_set():
                self._stopped = self._stopped or monotonic()
            try:
                what = told.get(timeout=_TICK)
            except Empty:
                if self._stopped is not None and monotonic() > self._stopped + PROVE_GRACE_SECONDS:
                    break
                continue
            if isinstance(what, Exception):
                self._end_joined({}, finding_of(what, Check.SOUND_PATH))
                return
            if isinstance(what[0], str):
                if self._observer is not None:
                    self._observer.phase(*what)
                continue
            results = what
            self._end_joined({one.seat: one.findings for room in results for one in room.seats}, STOPPED)
            if self._sink is not None:
                for room in results:
                    self._sink(room)
            return
        self._end_joined({}, STOPPED)

    def _end_joined(self, findings: Mapping[str, Sequence[Finding]], otherwise: Finding) -> None:
        """Let go of all who have joined, each with what was found."""
        joined, self._joined = self._joined, []
        self._end(*(visit.end(findings.get(visit.endpoint.seat, (otherwise,))) for visit in joined))

    def _give_up(self) -> None:
        """Whatever its own deadlines did not end."""
        now = monotonic()
        for visit in list(self._running):
            if now > visit.phase_ends + GRACE_SECONDS:
                self._abandon(visit, visit.result(LATE))
            elif self._stopped is not None and now > self._stopped + GRACE_SECONDS:
                self._abandon(visit, visit.result(STOPPED))

    def _abandon(self, visit: Visit, result: Visited) -> None:
        self._running.remove(visit)
        visit.cut()
        self._end(result)

    def _end(self, *ended: Visited) -> None:
        self._results.update((visited.seat, visited) for visited in ended)
        if ended and self._observer is not None:
            self._observer.ended(*ended)


def _gather(seats: int, crew: Future[Crew]) -> None:
    """What the headsets' test needs, fetched while connections are made: numpy and scipy take a second here,
    and those who measure need two."""
    try:
        from labcheck.headset import test  # noqa: PLC0415

        crew.set_result(test.gather(seats))
    except Exception as failed:  # noqa: BLE001 - becomes a finding of every seat
        crew.set_exception(failed)
    else:
        test.warm(seats)


def _dismiss(crew: Future[Crew]) -> None:
    """Nobody has joined, so there is nothing to measure."""
    with contextlib.suppress(Exception):  # then there are none
        crew.result().close()


def _hold(
    joined: Sequence[Visit],
    wanted: Requirements,
    stop: threading.Event,
    told: SimpleQueue[Any],
    gathered: Future[Crew],
) -> None:
    from labcheck.headset import test  # noqa: PLC0415

    def tell(seat: str, step: test.Step) -> None:
        told.put((seat, _PHASE_OF[step.value]))

    try:
        with gathered.result() as crew:
            there = sorted(
                ((visit.endpoint.seat, *visit.join()) for visit in joined), key=lambda one: one[2].place
            )
            links = {seat: link for seat, link, _ready in there}
            ready = {seat: ready for seat, _link, ready in there}
            told.put(test.hold(links, test.plan_of(wanted), ready=ready, tell=tell, stop=stop, crew=crew))
    except Exception as failed:  # noqa: BLE001 - becomes a finding of every seat
        told.put(failed)


_PHASE_OF = {"prepare": Phase.SOUND, "play": Phase.PLAY, "measure": Phase.MEASURE}
