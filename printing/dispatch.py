"""From work to paper, each piece once: intent before sending, the queue's word after, the journal between.

Work is pulled, never pushed: few jobs are at the printer, and the next document lies ready in memory. What
was left open by an earlier run, killed anywhere, is looked up and followed to its end; only what surely left
nothing on paper is sent again. What nobody can know is UNKNOWN, and a person's to resolve.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from printing.delivery import OnEvent, Progress, Run, ShutOut
from printing.errors import QueueUnreachable
from printing.feed import Feed, Listed, Work
from printing.journal import Journal
from printing.queues.base import Queue

__all__ = ["PATIENCE", "Dispatcher", "OnEvent", "Progress", "Standstill", "Work"]

PATIENCE = 60.0
"""Seconds that a print server may stay silent, or a queue closed with nothing in it, before the rest is left
to the next run."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """Why a printer gets nothing more for now: ``reasons`` (keywords), and since when by the clock."""

    since: float
    reasons: tuple[str, ...]


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
        poll: float = 0.25,
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
        self._withdrawing = threading.Event()
        self._shut: tuple[str, ...] = ()
        self.standstill: Standstill | None = None
        """Set while the printer needs a person: it then gets nothing more, and goes on by itself after."""

    def stop(self) -> None:
        """Send nothing more; :meth:`serve` returns when what is in flight has ended. For another thread or a
        signal handler."""
        self._stopping.set()

    def withdraw(self) -> None:
        """Give back to the feed what was pulled and what the printer has not begun. For another thread."""
        self._withdrawing.set()

    def deliver(self, works: Iterable[Work], on_event: OnEvent) -> None:
        """:meth:`serve` for works that are known beforehand; each is pulled when it is needed."""
        self.serve(Listed(works), on_event)

    def serve(self, feed: Feed, on_event: OnEvent, *, release: bool = False) -> None:
        """Deliver what ``feed`` gives, and the journal does not show as delivered, and follow it to its end.
        With ``release`` the works are jobs that are held at the server, and are let go.

        An error (the queue's, or one that ``write`` raised) stops the sending; it is raised when the jobs
        in flight have ended. The first Ctrl-C does the same, a second leaves at once: the next run then
        takes up what is open.
        """
        run = Run(self._queue, self._journal, feed, on_event, release=release)
        try:
            self._carry_out(run)
        except KeyboardInterrupt:
            # It may have struck anywhere: what the journal shows as open is looked up afresh.
            self.stop()
            run.take_up_again()
            self._carry_out(run)
            raise
        finally:
            run.give_back()

    def follow(self, works: Iterable[Work], on_event: OnEvent) -> None:
        """Look up works that an earlier run left open and follow them to their end, save those that are held.
        Nothing is sent."""
        run = Run(self._queue, self._journal, Listed(()), on_event)
        for work in works:
            run.take_up(work)
        self._carry_out(run)

    def _carry_out(self, run: Run) -> None:
        failure: Exception | None = None
        while True:
            sent = run.sent
            if self._withdrawing.is_set():
                self._withdrawing.clear()
                run.withdraw()
            if failure is None and not self._stopping.is_set():
                failure = self._send(run)
            self._look(run)
            over = failure is not None or self._stopping.is_set()
            if not run.flying and (over or run.exhausted()):
                break
            if not over and self.standstill is None and len(run.flying) >= self._in_flight:
                run.prepare()
            if run.flying or run.sent == sent:  # a folder keeps nothing in flight
                self._wait(self._poll)
        if failure is not None:
            raise failure

    def _send(self, run: Run) -> Exception | None:
        """Send what the printer takes now; returns what ends the sending."""
        while not run.obstacles() and len(run.flying) < self._in_flight and not self._stopping.is_set():
            try:
                if not run.send_next():
                    break
            except ShutOut as shut:
                self._shut = shut.reasons
                self._stand_still(shut.reasons)
                lasting = self.standstill is not None and self._now() - self.standstill.since >= PATIENCE
                return shut.error if lasting and not run.flying else None
            except Exception as error:  # noqa: BLE001 - raised when what is in flight has ended
                return error
            self._shut = ()
        return None

    def _look(self, run: Run) -> None:
        """Look at the jobs in flight, with patience for a server that is away for a moment."""
        silent_since = None
        while True:
            try:
                run.look(self._now())
            except QueueUnreachable:
                silent_since = self._now() if silent_since is None else silent_since
                if self._now() - silent_since >= PATIENCE:
                    raise
                run.server_silent()
                self._stand_still(("vpr-server-silent",))
                self._wait(self._poll)
            else:
                self._stand_still(run.obstacles() or self._shut)
                return

    def _stand_still(self, reasons: tuple[str, ...]) -> None:
        """Note that the printer stands still for ``reasons``, or that it does not when there are none."""
        before = self.standstill
        if not reasons:
            self.standstill = None
        elif before is None or before.reasons != reasons:
            self.standstill = Standstill(self._now() if before is None else before.since, reasons)
