"""From work to paper, each piece once: intent before sending, the queue's word after, the journal between.

What was left open by an earlier run, killed anywhere, is looked up first and followed to its end; only what
surely left nothing on paper is sent again. What nobody can know is UNKNOWN, and a person's to resolve.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from printing.errors import QueueUnreachable, SubmitUncertain
from printing.journal import Attempt, Delivery, Journal
from printing.queues.base import Job, JobHandle, JobReport, JobState, PrintOptions, Queue

PATIENCE = 60.0
"""Seconds that a print server may stay silent before following its jobs is left to the next run."""


@dataclass(frozen=True, slots=True)
class Work:
    """A document to deliver; ``key`` names it for ever, ``write`` streams the PDF and may be called again."""

    key: str
    path: str
    sheets: int
    covers: tuple[str, ...]
    options: PrintOptions
    write: Callable[[BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """A piece of work has come to ``state``, or its printer has changed its ``reasons`` (keywords for
    :func:`printing.queues.reasons.describe`)."""

    work: Work
    state: Delivery
    reasons: tuple[str, ...] = ()


OnEvent = Callable[[Progress], None]


@dataclass(slots=True)
class _Flight:
    """A job that the queue has accepted and that has not ended."""

    work: Work
    handle: JobHandle
    state: Delivery
    reasons: tuple[str, ...] = ()


class Dispatcher:
    """Delivers work through one queue, in order, with at most ``in_flight`` jobs at the printer.

    ``poll`` seconds pass between two looks at the jobs; ``wait`` and ``now`` replace the clock in tests.
    """

    def __init__(
        self,
        queue: Queue,
        journal: Journal,
        *,
        in_flight: int = 3,
        poll: float = 0.5,
        wait: Callable[[float], object] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use ``queue`` and ``journal``; nothing is sent yet."""
        self._queue = queue
        self._journal = journal
        self._in_flight = in_flight
        self._poll = poll
        self._wait = wait
        self._now = now
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Send nothing more; :meth:`deliver` returns when what is in flight has ended. For another thread
        or a signal handler."""
        self._stopping.set()

    def deliver(self, works: Iterable[Work], on_event: OnEvent) -> None:
        """Deliver what the journal does not show as delivered, and follow it to its end.

        An error (the queue's, or one that ``write`` raised) stops the sending; it is raised when the jobs
        in flight have ended. The first Ctrl-C does the same, a second leaves at once: the next run then
        takes up what is open.
        """
        run = _Run(self._queue, self._journal, tuple(works), on_event)
        try:
            run.take_up()
            self._carry_out(run)
        except KeyboardInterrupt:
            # It may have struck anywhere: what the journal shows as open is looked up afresh.
            self.stop()
            run.take_up()
            self._carry_out(run)
            raise

    def _carry_out(self, run: _Run) -> None:
        failure: Exception | None = None
        while True:
            while run.waiting and failure is None and not self._stopping.is_set():
                if len(run.flying) >= self._in_flight:
                    break
                try:
                    run.send_next()
                except Exception as error:  # noqa: BLE001 - raised below, when what is in flight has ended
                    failure = error
            self._look(run)
            if not run.flying and (failure is not None or self._stopping.is_set() or not run.waiting):
                break
            if run.flying:
                self._wait(self._poll)
        if failure is not None:
            raise failure

    def _look(self, run: _Run) -> None:
        """Look at the jobs in flight, with patience for a server that is away for a moment."""
        silent_since = None
        while True:
            try:
                run.look()
            except QueueUnreachable:
                silent_since = self._now() if silent_since is None else silent_since
                if self._now() - silent_since >= PATIENCE:
                    raise
                run.server_silent()
                self._wait(self._poll)
            else:
                return


class _Run:
    """One call of :meth:`Dispatcher.deliver`: what waits and what is in flight."""

    def __init__(self, queue: Queue, journal: Journal, works: tuple[Work, ...], on_event: OnEvent) -> None:
        self.waiting: deque[Work] = deque()
        self.flying: list[_Flight] = []
        self._works = works
        self._queue = queue
        self._journal = journal
        self._on_event = on_event

    def take_up(self) -> None:
        """Compare the work with the journal: pass over what is done, look up what was left open."""
        flying = {flight.handle.name for flight in self.flying}
        self.waiting.clear()
        entries = self._journal.latest()
        for work in self._works:
            entry = entries.get(work.key)
            if entry is None or entry.state.may_send:
                self.waiting.append(work)
            elif entry.state is Delivery.UNKNOWN:
                self._on_event(Progress(work, entry.state, entry.reasons))
            elif not entry.state.delivered and entry.attempt.id not in flying:
                if entry.attempt.queue != self._queue.name:
                    self._on_event(Progress(work, entry.state, ("vpr-other-queue",)))
                elif self._take_up(work, entry.attempt.id, entry.state, entry.reference) is Delivery.FAILED:
                    self.waiting.append(work)

    def send_next(self) -> None:
        """Send the first of what waits. Raises the queue's refusal, or what ``write`` raised."""
        work = self.waiting[0]
        self._queue.check(work.options)
        self.waiting.popleft()
        attempt = Attempt(secrets.token_hex(8), work.key, self._queue.name, work.sheets, work.covers)
        self._journal.intend(attempt)
        self._on_event(Progress(work, Delivery.SUBMITTING))
        try:
            handle = self._queue.submit(Job(attempt.id, work.path, work.sheets, work.write, work.options))
        except SubmitUncertain:
            self._on_event(Progress(work, Delivery.SUBMITTING, ("vpr-hand-over-broken",)))
            if self._take_up(work, attempt.id, Delivery.SUBMITTING, "") is Delivery.FAILED:
                raise
            return
        except Exception:
            self._end(work, attempt.id, Delivery.FAILED, ("vpr-not-sent",))
            raise
        self._accepted(work, handle)

    def look(self) -> None:
        """Ask the queue about every job in flight, oldest first."""
        for flight in tuple(self.flying):
            report = self._queue.report(flight.handle)
            state, reasons = _meaning(report, flight.state)
            if state.delivered or state in {Delivery.FAILED, Delivery.UNKNOWN}:
                self.flying.remove(flight)
                self._end(flight.work, flight.handle.name, state, reasons)
            elif (state, reasons) != (flight.state, flight.reasons):
                if state is not flight.state:
                    self._journal.advance(flight.handle.name, state, reasons=reasons)
                flight.state, flight.reasons = state, reasons
                self._on_event(Progress(flight.work, state, reasons))

    def server_silent(self) -> None:
        """Say once of every job in flight that nothing is heard of it."""
        for flight in self.flying:
            if flight.reasons != ("vpr-server-silent",):
                flight.reasons = ("vpr-server-silent",)
                self._on_event(Progress(flight.work, flight.state, flight.reasons))

    def _take_up(self, work: Work, attempt: str, state: Delivery, reference: str) -> Delivery:
        """Look up a job that may or may not have been accepted; returns how far it is now.

        When it cannot be looked up (QueueUnreachable), the journal keeps it open for the next run.
        """
        handle = JobHandle(attempt, reference) if reference else self._queue.find(attempt)
        report = JobReport(JobState.UNKNOWN) if handle is None else self._queue.report(handle)
        if handle is None or report.state is JobState.UNKNOWN:
            # A file that was stored and is gone was taken by somebody; one never stored was never there.
            lost = not self._queue.loses_nothing or state is not Delivery.SUBMITTING
            end, reason = (Delivery.UNKNOWN, "vpr-not-found") if lost else (Delivery.FAILED, "vpr-not-sent")
            self._end(work, attempt, end, report.reasons or (reason,))
            return end
        if "job-incoming" in report.reasons:
            self._queue.cancel(handle)  # whoever was sending the document is gone
            report = self._queue.report(handle)
        if _meaning(report, state)[0] is Delivery.FAILED:
            self._end(work, attempt, *_meaning(report, state))
            return Delivery.FAILED
        if state is Delivery.SUBMITTING:
            self._accepted(work, handle)
        else:
            self.flying.append(_Flight(work, handle, state))
        return self.flying[-1].state

    def _accepted(self, work: Work, handle: JobHandle) -> None:
        self._journal.advance(handle.name, Delivery.ACCEPTED, reference=handle.reference)
        self.flying.append(_Flight(work, handle, Delivery.ACCEPTED))
        self._on_event(Progress(work, Delivery.ACCEPTED))

    def _end(self, work: Work, attempt: str, state: Delivery, reasons: tuple[str, ...]) -> None:
        self._journal.advance(attempt, state, reasons=reasons)
        self._on_event(Progress(work, state, reasons))


def _meaning(report: JobReport, before: Delivery) -> tuple[Delivery, tuple[str, ...]]:
    """What a queue's word means for the delivery."""
    match report.state:
        case JobState.CLAIMED:
            return Delivery.CLAIMED, report.reasons
        case JobState.STORED:
            return Delivery.STORED, report.reasons
        case JobState.PRINTING:
            return Delivery.PRINTING, report.reasons
        case JobState.PENDING | JobState.HELD | JobState.STOPPED:
            return before, report.reasons
        case JobState.CANCELLED | JobState.FAILED if not report.began:
            return Delivery.FAILED, report.reasons or ("vpr-not-sent",)
        case _:
            return Delivery.UNKNOWN, report.reasons or ("vpr-not-found",)
