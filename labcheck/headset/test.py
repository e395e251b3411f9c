"""The test of a whole room: every seat plays its own signal at the same moment, and hears.

Prepare, at each workstation: streams open, volumes set; whoever comes early does it while others are still
on their way. Compare clocks. Play, everywhere at once. The recordings come while they are made, and are
listened to for who hears whom; when they are whole they are measured, and judged. Whatever goes wrong at a
seat is that seat's result; a seat whose recording did not come was not checked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from enum import StrEnum
from queue import Empty, SimpleQueue
from types import MappingProxyType
from typing import Protocol, TypeVar

from labcheck.errors import N_
from labcheck.failure import finding_of
from labcheck.finding import Check, Finding
from labcheck.headset import asking
from labcheck.headset.acoustics import Measures
from labcheck.headset.asking import Clock, HeadsetError, Heard, Levels
from labcheck.headset.calibration import calibrations_of
from labcheck.headset.crew import Crew
from labcheck.headset.demands import limits_of
from labcheck.headset.judge import judge
from labcheck.headset.limits import Calibration, Limits
from labcheck.headset.matrix import HeardMatrix, Row, enough, together
from labcheck.headset.path import path, unheard
from labcheck.headset.ready import PREPARE_SECONDS, Ready, get_ready, levels_of
from labcheck.headset.recording import AFTER_SECONDS, BEFORE_SECONDS, RATE, Recording
from labcheck.headset.signals import FRAMES, SEATS
from labcheck.headset.worker import Answer, Unmeasured
from labcheck.link import Link
from labcheck.phrase import phrase
from labcheck.requirements import HeadsetTest, Requirements
from labcheck.transport.core import share_core

LEAD_SECONDS = 0.8
"""From the word to begin to the common start: until the last workstation has heard it, and its recording has
run for half a second."""
PLAY_SECONDS = FRAMES / RATE + BEFORE_SECONDS + AFTER_SECONDS
ANSWER_SECONDS = 20.0
"""How much later than it must a recording may come."""
CLOCK_SECONDS = 10.0
_TICK = 0.1

T = TypeVar("T")


class Step(StrEnum):
    """What the test is at."""

    PREPARE = "prepare"
    PLAY = "play"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class Plan:
    """How the test is held, and what its findings are judged by."""

    limits: Limits = field(default_factory=Limits)
    levels: Levels = field(default_factory=Levels)
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    """USB id -> what narrows the limits of that model."""
    exam_user: str = ""
    models: tuple[str, ...] = ()
    """USB ids of the headsets that will do; empty: any."""


@dataclass(frozen=True, slots=True, eq=False)
class SeatResult:
    """What came of a seat. ``number``: of its stimulus, and its row of the matrix. Without ``heard`` there is
    ``error``; nothing was measured then."""

    seat: str
    number: int
    heard: Heard | None
    error: Exception | None
    measures: Measures | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RoomResult:
    """What came of up to 32 seats that were tested together. The recordings stay in memory for as long as
    this does; whoever wants evidence writes it from here."""

    began: float
    """Seconds since 1970, when everybody began to play; nan where nobody did."""
    seats: tuple[SeatResult, ...]
    matrix: HeardMatrix
    seconds: Mapping[Step, float]
    """What each step took."""


class Sink(Protocol):
    """Takes a room's results, recordings and all, before they are let go of."""

    def __call__(self, result: RoomResult) -> None:
        """Raises nothing."""
        ...


Tell = Callable[[str, Step], None]
"""Is told the seat and what is done with it now; from any thread."""


def hold(
    links: Mapping[str, Link],
    plan: Plan,
    *,
    ready: Mapping[str, Ready] = MappingProxyType({}),
    tell: Tell = lambda _seat, _step: None,
    stop: threading.Event,
    crew: Crew | None = None,
) -> tuple[RoomResult, ...]:
    """Test all seats, in the order given: 32 at a time. Who is ``ready`` for its place in that order need not
    get ready any more. When ``stop`` is set nothing more is begun, and what plays is played to its
    end. ``crew``: who measures, if they are gathered already; whoever gathered them closes it. Raises nothing
    that a seat is to blame for."""
    seats = list(links)
    groups = [seats[first : first + SEATS] for first in range(0, len(seats), SEATS)]
    with nullcontext(crew) if crew else gather(len(seats)) as here:
        return tuple(
            _Group({seat: links[seat] for seat in group}, plan, ready, tell, stop, here).run()
            for group in groups
        )


def gather(seats: int) -> Crew:
    """Who measures a room of so many seats; they need two seconds to be ready. To be closed. Raises
    nothing."""
    return Crew(min(seats, SEATS))


def plan_of(wanted: Requirements) -> Plan:
    """As the profile has it. Raises TypeError for a limit that there is none of."""
    rules = wanted.headset_test or HeadsetTest()
    limits, calibrations = limits_of(rules), calibrations_of(rules)
    return Plan(limits, levels_of(wanted), calibrations, wanted.exam_user, wanted.headset_usb_ids)


def warm(seats: int) -> None:
    """Have ready what takes time and is the same at every run."""
    for number in range(min(seats, SEATS)):
        asking.packed(number)


class Stopped(HeadsetError):
    """The run was stopped before this seat was tested."""

    code = "headset-stopped"
    remedy = N_("Run the same command again with '--retry-failed'.")


class _Group:
    """Seats that play together."""

    def __init__(
        self,
        links: Mapping[str, Link],
        plan: Plan,
        ready: Mapping[str, Ready],
        tell: Tell,
        stop: threading.Event,
        crew: Crew,
    ) -> None:
        self._links, self._plan, self._ready, self._tell, self._stop = links, plan, ready, tell, stop
        self._crew = crew
        crew.begin(len(links))
        self._numbers = {seat: number for number, seat in enumerate(links)}
        self._failed: dict[str, Exception] = {}
        self._seconds: dict[Step, float] = {}
        self._began = float("nan")

    def run(self) -> RoomResult:
        clocks = self._each(Step.PREPARE, list(self._links), self._prepare, PREPARE_SECONDS + CLOCK_SECONDS)
        start = time.time() + LEAD_SECONDS
        if clocks and not self._stop.is_set():
            self._began = start
        heard = self._each(
            Step.PLAY,
            list(clocks),
            lambda seat: self._play(seat, start, clocks[seat]),
            LEAD_SECONDS + PLAY_SECONDS + ANSWER_SECONDS,
        )
        return self._measured(heard)

    def _prepare(self, seat: str) -> Clock:
        link, ready = self._links[seat], self._ready.get(seat)
        number = self._numbers[seat]
        if ready is None or not ready.still(number):
            ready = get_ready(link, number, self._plan.exam_user, self._plan.levels)
        if ready.error is not None:
            raise ready.error
        return asking.clock(link, deadline=CLOCK_SECONDS)

    def _play(self, seat: str, start: float, clock: Clock) -> Heard:
        deadline = start - time.time() + PLAY_SECONDS + ANSWER_SECONDS
        listened = threading.Event()

        def listen(so_far: Recording) -> None:
            if not listened.is_set() and enough(so_far):
                listened.set()
                self._crew.listen(self._numbers[seat], so_far)

        return asking.play(self._links[seat], start, clock, deadline=deadline, early=listen)

    def _each(self, step: Step, seats: Sequence[str], do: Callable[[str], T], seconds: float) -> dict[str, T]:
        """Do it for all of them at once; who fails is noted, and who hangs is left behind."""
        began = time.monotonic()
        answers: SimpleQueue[tuple[str, T | Exception]] = SimpleQueue()
        waiting = set() if self._stop.is_set() else set(seats)
        for seat in set(seats) - waiting:
            self._failed[seat] = Stopped(N_("stopped before everything was checked"))
        for seat in waiting:
            self._tell(seat, step)
            threading.Thread(target=_answer, args=(answers, seat, do), daemon=True).start()
        found: dict[str, T] = {}
        while waiting and time.monotonic() < began + seconds:
            try:
                seat, answer = answers.get(timeout=_TICK)
            except Empty:
                continue
            waiting.discard(seat)
            if not isinstance(answer, Exception):
                found[seat] = answer
            else:
                self._failed[seat] = answer
        for seat in waiting:
            self._failed[seat] = HeadsetError(N_("{seat}: the sound test does not come to an end"), seat=seat)
        self._seconds[step] = time.monotonic() - began
        return {seat: found[seat] for seat in seats if seat in found}

    def _measured(self, heard: Mapping[str, Heard]) -> RoomResult:
        began = time.monotonic()
        for seat in heard:
            self._tell(seat, Step.MEASURE)
        answers = self._crew.answers({self._numbers[seat]: each.recording for seat, each in heard.items()})
        rows = [answers[number].hearing if number in answers else None for number in self._numbers.values()]
        matrix = together(rows)
        alone = len(heard) < 2
        seats = tuple(
            self._result(seat, heard.get(seat), answers.get(number), None if alone else matrix.row(number))
            for seat, number in self._numbers.items()
        )
        self._seconds[Step.MEASURE] = time.monotonic() - began
        return RoomResult(self._began, seats, matrix, dict(self._seconds))

    def _result(self, seat: str, heard: Heard | None, answer: Answer | None, row: Row | None) -> SeatResult:
        number = self._numbers[seat]
        if heard is None:
            error = self._failed[seat]
            return SeatResult(seat, number, None, error, None, (unheard(error),))
        came = path(heard, self._plan.models)
        broken: Exception
        if answer is not None and answer.measures is not None:
            try:
                found = judge(answer.measures, self._plan.limits, row, self._calibration(heard))
                named = (self._with_names(finding) for finding in found)
                return SeatResult(seat, number, heard, None, answer.measures, (came, *named))
            except Exception as mistake:  # noqa: BLE001 - is no reason to lose the others
                broken = mistake
        else:
            broken = Unmeasured(answer.mistake if answer else "")
        return SeatResult(seat, number, heard, broken, None, (came, finding_of(broken, Check.EARS)))

    def _calibration(self, heard: Heard) -> Calibration | None:
        """That of the headset's model; of none where microphone and earphones are not of one headset."""
        model = heard.microphone.usb_id
        return self._plan.calibrations.get(model or "") if heard.earphones.usb_id == model else None

    def _with_names(self, finding: Finding) -> Finding:
        """Another seat by its name, which the judge of one seat does not know."""
        said = finding.measured
        number = said.params.get("seat")
        if said.template not in _BY_NAME or not isinstance(number, int):
            return finding
        seat = list(self._numbers)[number - 1]
        return replace(finding, measured=phrase(_BY_NAME[said.template], **{**said.params, "seat": seat}))


_BY_NAME = {
    "seat number {seat} heard": N_("seat {seat} heard"),
    "seat number {seat} at {level}": N_("seat {seat} at {level}"),
}
"""The judge's words of another seat, and ours."""


def _answer(answers: SimpleQueue[tuple[str, T | Exception]], seat: str, do: Callable[[str], T]) -> None:
    share_core()
    try:
        answers.put((seat, do(seat)))
    except Exception as failed:  # noqa: BLE001 - sorted out by whoever waits
        answers.put((seat, failed))
