"""One dispatcher's run: what is ready to go, what is in flight, and every step of it in the journal."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from printing.errors import (
    FolderRefused,
    JobRefused,
    QueueClosed,
    QueueError,
    QueueUnreachable,
    SubmitUncertain,
)
from printing.feed import Feed, Work
from printing.journal import HELD, Attempt, Delivery, Entry, Journal
from printing.queues.base import Job, JobHandle, JobReport, JobState, PrintOptions, Queue
from printing.queues.reasons import stops


@dataclass(frozen=True, slots=True)
class Progress:
    """A piece of work has come to ``state``, or its printer has changed its ``reasons`` (keywords for
    :func:`printing.queues.reasons.describe`)."""

    work: Work
    state: Delivery
    reasons: tuple[str, ...] = ()


OnEvent = Callable[[Progress], None]

LEFT_LYING = 20.0
"""Seconds that a job may wait for a printer that does nothing. A restarted print server forgets to print some
of the jobs that it still knows; such a job is withdrawn."""


class ShutOut(Exception):
    """The queue takes nothing now and may take it later; nothing was sent."""

    def __init__(self, error: QueueUnreachable) -> None:
        """``error`` says it in full, ``reasons`` in keywords."""
        self.error = error
        self.reasons = ("paused",) if isinstance(error, QueueClosed) else ("vpr-server-silent",)
        super().__init__(error)


@dataclass(slots=True)
class _Flight:
    """A job that the queue has accepted and that has not ended."""

    work: Work
    handle: JobHandle
    state: Delivery
    reasons: tuple[str, ...] = ()
    lies_since: float | None = None


@dataclass(slots=True)
class _Ready:
    """The next to go: its document, once it was made; the entry of a job that is held and to be let go."""

    work: Work
    document: bytes | None = None
    held: Entry | None = None


class Run:
    """What one call of a dispatcher knows. Pulls from ``feed``; ``release`` lets held jobs go."""

    def __init__(
        self, queue: Queue, journal: Journal, feed: Feed, on_event: OnEvent, *, release: bool = False
    ) -> None:
        """Nothing is pulled yet."""
        self.flying: list[_Flight] = []
        self.sent = 0
        self._queue, self._journal, self._feed, self._on_event = queue, journal, feed, on_event
        self._release = release
        self._pulled: list[Work] = []
        self._ready: _Ready | None = None
        self._shut_out: PrintOptions | None = None
        """What the queue last did not take; it must, before anything is pulled again."""

    def exhausted(self) -> bool:
        """Whether nothing is left to send, now or later."""
        return self._ready is None and self._feed.exhausted()

    def prepare(self) -> None:
        """Have the next document ready in memory before the printer needs it."""
        ready = self._pull()
        if ready is not None and ready.document is None and ready.held is None:
            document = io.BytesIO()
            with suppress(Exception):  # it is made again, and its failure recorded, when its turn comes
                ready.work.write(document)
                ready.document = document.getvalue()

    def send_next(self) -> bool:
        """Send the next document; False when there is none for now.

        Raises ShutOut, the queue's refusal, or what ``write`` raised."""
        if self._shut_out is not None:
            self._check(self._shut_out)
        ready = self._pull()
        if ready is None:
            return False
        self.sent += 1
        if ready.held is not None:
            self._ready = None
            self._let_go(ready.work, ready.held)
            return True
        self._check(ready.work.options)
        self._ready = None
        self._send(ready.work, ready.document)
        return True

    def look(self, now: float) -> None:
        """Ask the queue about every job in flight, oldest first; ``now`` by the dispatcher's clock."""
        for flight in tuple(self.flying):
            report = self._queue.report(flight.handle)
            if _half_sent(report) or _left_lying(flight, report, now):
                self._queue.cancel(flight.handle)
                report = replace(self._queue.report(flight.handle), reasons=("vpr-left-lying",))
            state, reasons = _meaning(report, flight.state)
            if state.delivered or state in {Delivery.FAILED, Delivery.UNKNOWN}:
                self.flying.remove(flight)
                self._end(flight.work, flight.handle.name, state, reasons)
            elif (state, reasons) != (flight.state, flight.reasons):
                if state is not flight.state:
                    self._journal.advance(flight.handle.name, state, reasons=reasons)
                flight.state, flight.reasons = state, reasons
                self._on_event(Progress(flight.work, state, reasons))

    def obstacles(self) -> tuple[str, ...]:
        """What the jobs in flight say that stops the printer until somebody comes."""
        said = dict.fromkeys(reason for flight in self.flying for reason in flight.reasons)
        return tuple(reason for reason in said if stops(reason))

    def server_silent(self) -> None:
        """Say once of every job in flight that nothing is heard of it."""
        for flight in self.flying:
            if flight.reasons != ("vpr-server-silent",):
                flight.reasons = ("vpr-server-silent",)
                self._on_event(Progress(flight.work, flight.state, flight.reasons))

    def withdraw(self) -> None:
        """Give back what lies ready, and what the queue surely has not begun and lets us cancel."""
        back: list[Work] = []
        with suppress(QueueError):
            for flight in tuple(self.flying):
                if self._queue.report(flight.handle).state is not JobState.PENDING:
                    continue
                self._queue.cancel(flight.handle)
                if _meaning(self._queue.report(flight.handle), flight.state)[0] is Delivery.FAILED:
                    self.flying.remove(flight)
                    self._end(flight.work, flight.handle.name, Delivery.FAILED, ("vpr-withdrawn",))
                    back.append(flight.work)
        self._feed.back(back)
        self.give_back()

    def give_back(self) -> None:
        """Give back what was pulled and not sent."""
        if self._ready is not None:
            self._feed.back([self._ready.work])
            self._ready = None

    def take_up(self, work: Work) -> _Ready | None:
        """Set a work against the journal: ready to be sent or let go; None when it is done, in doubt, or now
        in flight."""
        entry = self._journal.latest().get(work.key)
        if entry is None or entry.state.may_send:
            return _Ready(work)
        if entry.state is Delivery.UNKNOWN:
            self._on_event(Progress(work, entry.state, entry.reasons))
        elif not entry.state.delivered and not self._flies(entry):
            if entry.attempt.queue != self._queue.name:
                self._on_event(Progress(work, entry.state, ("vpr-other-queue",)))
            elif entry.held and self._release:
                return _Ready(work, held=entry)
            elif self._look_up(work, entry.attempt.id, entry) is Delivery.FAILED:
                return _Ready(work)
        return None

    def take_up_again(self) -> None:
        """Set all that was pulled against the journal once more; what was not sent is given back."""
        for work in self._pulled:
            entry = self._journal.latest().get(work.key)
            if entry is not None and not entry.state.may_send and not self._flies(entry):
                self.take_up(work)

    def _flies(self, entry: Entry) -> bool:
        return any(flight.handle.name == entry.attempt.id for flight in self.flying)

    def _pull(self) -> _Ready | None:
        while self._ready is None and (work := self._feed.next()) is not None:
            self._pulled.append(work)
            self._ready = self.take_up(work)
        return self._ready

    def _check(self, options: PrintOptions) -> None:
        try:
            self._queue.check(options)
        except (JobRefused, FolderRefused):
            raise
        except QueueUnreachable as error:
            self._shut_out = options
            raise ShutOut(error) from error
        self._shut_out = None

    def _send(self, work: Work, document: bytes | None) -> None:
        attempt = Attempt(secrets.token_hex(8), work.key, self._queue.name, work.sheets, work.covers)
        self._journal.intend(attempt)
        self._on_event(Progress(work, Delivery.SUBMITTING))
        write = work.write if document is None else lambda out: out.write(document)
        try:
            handle = self._queue.submit(Job(attempt.id, work.path, work.sheets, write, work.options))
        except SubmitUncertain:
            self._on_event(Progress(work, Delivery.SUBMITTING, ("vpr-hand-over-broken",)))
            if self._look_up(work, attempt.id, Entry(attempt, Delivery.SUBMITTING)) is Delivery.FAILED:
                raise
            return
        except Exception:
            self._end(work, attempt.id, Delivery.FAILED, ("vpr-not-sent",))
            raise
        self._accepted(work, handle, held=work.options.hold)

    def _let_go(self, work: Work, entry: Entry) -> None:
        """Let a held job print, and follow it; one that is held no more is followed from where it is."""
        handle = JobHandle(entry.attempt.id, entry.reference)
        self._queue.release(handle)
        self._journal.advance(handle.name, Delivery.ACCEPTED)
        self._look_up(work, handle.name, Entry(entry.attempt, Delivery.ACCEPTED, entry.reference))

    def _look_up(self, work: Work, attempt: str, entry: Entry) -> Delivery:
        """Look up a job that may or may not have been accepted; returns how far it is now.

        When it cannot be looked up (QueueUnreachable), the journal keeps it open for the next run.
        """
        state, reference = entry.state, entry.reference
        handle = JobHandle(attempt, reference) if reference else self._queue.find(attempt)
        report = JobReport(JobState.UNKNOWN) if handle is None else self._queue.report(handle)
        if handle is None or report.state is JobState.UNKNOWN:
            # A file that was stored and is gone was taken by somebody; one never stored was never there.
            lost = not self._queue.loses_nothing or state is not Delivery.SUBMITTING
            end, reason = (Delivery.UNKNOWN, "vpr-not-found") if lost else (Delivery.FAILED, "vpr-not-sent")
            self._end(work, attempt, end, report.reasons or (reason,))
            return end
        if _half_sent(report):
            self._queue.cancel(handle)
            report = self._queue.report(handle)
        if _meaning(report, state)[0] is Delivery.FAILED:
            self._end(work, attempt, *_meaning(report, state))
            return Delivery.FAILED
        held = report.state is JobState.HELD and HELD in report.reasons
        if state is Delivery.SUBMITTING or (held and not entry.held):
            self._accepted(work, handle, held=held)
        elif held:
            self._on_event(Progress(work, state, (HELD,)))
        else:
            self.flying.append(_Flight(work, handle, state))
        return state if held else self.flying[-1].state

    def _accepted(self, work: Work, handle: JobHandle, *, held: bool) -> None:
        reasons = (HELD,) if held else ()
        self._journal.advance(handle.name, Delivery.ACCEPTED, reference=handle.reference, reasons=reasons)
        if not held:
            self.flying.append(_Flight(work, handle, Delivery.ACCEPTED))
        self._on_event(Progress(work, Delivery.ACCEPTED, reasons))

    def _end(self, work: Work, attempt: str, state: Delivery, reasons: tuple[str, ...]) -> None:
        self._journal.advance(attempt, state, reasons=reasons)
        self._on_event(Progress(work, state, reasons))


def _half_sent(report: JobReport) -> bool:
    """Whether the document has not arrived in full; nobody is sending it when we look."""
    return not report.state.ended and "job-incoming" in report.reasons


def _left_lying(flight: _Flight, report: JobReport, now: float) -> bool:
    """Whether the job has waited too long for a printer that does nothing; notes since when it waits."""
    if not report.idle:
        flight.lies_since = None
    elif flight.lies_since is None:
        flight.lies_since = now
    return flight.lies_since is not None and now - flight.lies_since >= LEFT_LYING


_UNSAID = {
    JobState.CANCELLED: ("job-canceled-at-device",),
    JobState.FAILED: ("aborted-by-system",),
}
"""Why a job ended when its server says nothing: it names whoever cancels, save the printer's own button."""


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
            return Delivery.UNKNOWN, report.reasons or _UNSAID.get(report.state, ("vpr-not-found",))
