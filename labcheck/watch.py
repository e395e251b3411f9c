"""A room watched during the exam: looks from every workstation, over connections that are made anew.

One thread for each workstation only asks and passes on; what the looks mean is in labcheck.incidents, and is
worked out in the thread that calls :meth:`Watch.next`. Nothing on a workstation is changed.
"""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from labcheck import incidents, looks
from labcheck.collect import Way
from labcheck.errors import LabcheckError
from labcheck.failure import outcome_of, said_by
from labcheck.incidents import Incident
from labcheck.looks import Limits, Watched
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING, Phrase
from labcheck.push import PUSH_SECONDS, Source, start
from labcheck.transport.core import share_core

EVERY_SECONDS = 5.0
LISTEN_SECONDS = 20.0
"""Between two times of listening to a microphone for two seconds."""
LATE_SECONDS = 15.0
"""A look may be so late, beside its interval, before the workstation is silent."""
PAUSES = (1.0, 15.0)
"""Seconds before a workstation that is silent is called again, at first and at most."""
END_SECONDS = 5.0
"""Threads have so long to end; who hangs longer is left behind."""


@dataclass(frozen=True, slots=True)
class Target:
    """A workstation to watch. ``answers`` maps its system to the answers folder; ``lasting`` are incidents of
    an earlier watch that had not ended; ``listen_s``: how often its microphone is listened to, 0: never."""

    seat: str
    way: Way
    limits: Limits
    answers: Mapping[str, str]
    process: str = ""
    exam_user: str = ""
    lasting: tuple[Incident, ...] = ()
    listen_s: float = LISTEN_SECONDS


@dataclass(frozen=True, slots=True)
class News:
    """What one look, or its absence, changed at a seat."""

    state: Watched
    changed: tuple[Incident, ...]
    look: Mapping[str, Any] | None
    """The look itself; untrusted. None: silent."""


@dataclass(frozen=True, slots=True)
class _Said:
    seat: str
    at: float
    look: Mapping[str, Any] | None = None
    why: Phrase | None = None
    untrusted: bool = False


class Watch:
    """A context manager: threads run inside it."""

    def __init__(self, targets: Sequence[Target], bundles: Source, *, every: float = EVERY_SECONDS) -> None:
        """``every``: seconds between two looks at a workstation."""
        self._targets, self._bundles, self._every = targets, bundles, every
        self._said: SimpleQueue[_Said] = SimpleQueue()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._began = (dt.datetime.now(dt.UTC), monotonic())
        self.states = {t.seat: looks.resumed(t.seat, t.limits, t.lasting) for t in targets}
        self.over: dict[str, list[Incident]] = {t.seat: [] for t in targets}

    def __enter__(self) -> Watch:
        """Begin to call."""
        for target in self._targets:
            thread = threading.Thread(
                target=_Caller(target, self._bundles, self._every, self._said, self._stop).run,
                name=f"watch {target.seat}",
                daemon=True,
            )
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_error: object) -> None:
        """End the looks; nothing over there is left running."""
        self._stop.set()
        until = monotonic() + END_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))

    def now(self) -> dt.datetime:
        """The controller's time; it never jumps while the watch runs."""
        return self._at(monotonic())

    def next(self, timeout: float) -> News | None:
        """What the next look shows; None when none came in time."""
        try:
            said = self._said.get(timeout=timeout)
        except Empty:
            return None
        at = self._at(said.at)
        state = self.states[said.seat]
        if said.look is not None:
            state, changed = looks.look(state, at, said.look)
        else:
            why = said.why or NOTHING
            state, changed = looks.silent(state, at, why, untrusted=said.untrusted)
        self.states[said.seat] = state
        self.over[said.seat] += [incident for incident in changed if incident.ended is not None]
        return News(state, changed, said.look)

    def incidents(self) -> tuple[Incident, ...]:
        """All of this watch, what lasts first."""
        every: list[Incident] = []
        for seat, state in self.states.items():
            every += [*state.open.values(), *self.over[seat]]
        return incidents.ranked(every)

    def lost(self, seat: str) -> dt.timedelta:
        """The time that the pupil at a seat may have lost until now."""
        return incidents.lost([*self.states[seat].open.values(), *self.over[seat]], self.now())

    def _at(self, tick: float) -> dt.datetime:
        began, then = self._began
        return began + dt.timedelta(seconds=tick - then)


class _Caller:
    """One workstation's thread."""

    def __init__(
        self,
        target: Target,
        bundles: Source,
        every: float,
        said: SimpleQueue[_Said],
        stop: threading.Event,
    ) -> None:
        self._target, self._bundles, self._every = target, bundles, every
        self._said, self._stop = said, stop
        self._looked = False

    def run(self) -> None:
        """Until told to stop: connect, watch, and when that breaks say so and connect again."""
        share_core()
        first, most = PAUSES
        pause = first
        while not self._stop.is_set():
            self._looked = False
            try:
                self._visit()
            except LabcheckError as broken:
                untrusted = outcome_of(broken) is Outcome.UNTRUSTED
                self._tell(why=said_by(broken), untrusted=untrusted)
            pause = first if self._looked else min(most, 2 * pause)
            self._stop.wait(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret

    def _visit(self) -> None:
        transport = self._target.way()
        try:
            link = start(transport, self._bundles, deadline=PUSH_SECONDS)
            wanted = {
                "every_s": self._every,
                "answers": self._target.answers.get(transport.system, ""),
                "process": self._target.process,
                "exam_user": self._target.exam_user,
                "listen_s": self._target.listen_s if self._target.limits.headset else 0.0,
            }
            late = self._every + LATE_SECONDS
            for look in link.watch(wanted, stop=self._stop, deadline=late):
                self._looked = True
                self._tell(look)
        finally:
            transport.close()

    def _tell(
        self, look: Mapping[str, Any] | None = None, why: Phrase | None = None, *, untrusted: bool = False
    ) -> None:
        if not self._stop.is_set():
            self._said.put(_Said(self._target.seat, monotonic(), look, why, untrusted))


def lasting(every: Iterable[Incident]) -> dict[str, tuple[Incident, ...]]:
    """Seat -> what has not ended there."""
    found: dict[str, tuple[Incident, ...]] = {}
    for incident in every:
        if incident.ended is None:
            found[incident.seat] = (*found.get(incident.seat, ()), incident)
    return found
