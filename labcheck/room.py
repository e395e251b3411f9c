"""A room at once: a visit to each workstation, so many under way at a time, and none that holds up the rest.

Every seat ends with exactly one result. Whatever hangs is given up when its phase is over and some grace,
whatever stops the run: its connection is cut, and its thread is left behind.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Protocol

from labcheck.failure import LATE, STOPPED
from labcheck.transport.base import Endpoint
from labcheck.visit import Connect, Phase, Task, Visit, Visited, not_begun

AT_ONCE = 32
"""Workstations under way at a time. More only wait for the processor here."""
GRACE_SECONDS = 10.0
"""A phase that is over by so much, or a run that was stopped so long ago, is cut."""
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
) -> tuple[Visited, ...]:
    """Visit all; results in the order given. Seats must differ.

    When ``stop`` is set nothing new is begun, and what is under way may end its phase, for GRACE_SECONDS at
    most; who was not visited is NOT_CHECKED. Raises only what ``observer`` does."""
    return _Room(endpoints, task, connect, observer, stop or threading.Event(), at_once).run()


_Message = tuple[Visit, Phase | Visited, str, int, int]


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
    ) -> None:
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
            while self._waiting or self._running:
                self._start()
                self._hear()
                self._give_up()
        finally:
            for visit in self._running:
                visit.cut()
        return tuple(self._results[seat] for seat in self._order)

    def _start(self) -> None:
        if self._stop.is_set():
            self._stopped = self._stopped or monotonic()
            self._end(*(not_begun(endpoint.seat) for endpoint in self._waiting))
            self._waiting.clear()
        while self._waiting and len(self._running) < self._at_once:
            visit = Visit(self._waiting.popleft(), self._task, self._connect, self._stop)
            self._running.add(visit)
            threading.Thread(
                target=self._visit, args=(visit,), name=f"visit {visit.endpoint.seat}", daemon=True
            ).start()

    def _visit(self, visit: Visit) -> None:
        """In the visit's own thread."""

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
        self, visit: Visit, what: Phase | Visited, step: str, done: int, size: int, ended: list[Visited]
    ) -> None:
        if visit not in self._running:  # given up before
            return
        if isinstance(what, Visited):
            self._running.remove(visit)
            ended.append(what)
        elif self._observer is not None:
            if step:
                self._observer.step(visit.endpoint.seat, step, done, size)
            else:
                self._observer.phase(visit.endpoint.seat, what)

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
