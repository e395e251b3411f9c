"""One printer at work in a thread of its own, and how it stands at any moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from printing.dispatch import Dispatcher, OnEvent, Progress, Standstill
from printing.errors import PrintingError
from printing.journal import HELD, Delivery
from printing.queues.facts import InspectedQueue
from printing.queues.open import open_queue
from provision.errors import N_, ProvisionError
from provision.ledger import Ledger, LedgerJournal
from provision.meter import metered
from provision.site.site import Site
from provision.tidy import tidied

Failure = ProvisionError | PrintingError
Job = Callable[[InspectedQueue, Dispatcher, OnEvent], None]
"""What a printer is to do."""

_MEASURED = 16
"""Sheets after which a printer's own pace says more than its data sheet."""
_USUAL_PPM = 30.0


class PrinterGone(ProvisionError):
    """A printer that still has work of an earlier run is no longer in the inventory."""

    code = "printer-gone"
    remedy = N_("Put it back into inventory.yaml until its work has ended, then run the command again.")


@dataclass(frozen=True, slots=True)
class PrinterNow:
    """How one printer stands. Sheets of this run: ``done``, and ``total`` with those still to come.

    ``at`` is "exam/room" of what it prints, "" when it prints nothing; ``reasons`` are keywords; ``still``:
    it needs a person; ``seconds`` is the time left when nothing holds it up.
    """

    printer: str
    done: int
    total: int
    at: str
    reasons: tuple[str, ...]
    still: bool
    seconds: float


class Station:
    """One printer of a site. Whoever uses it from several threads keeps them apart."""

    def __init__(self, site: Site, ledger: Ledger, journal: LedgerJournal, name: str) -> None:
        """Nothing is connected yet."""
        self.name = name
        self.failure: Failure | None = None
        self.done = 0
        self._site, self._ledger, self._journal = site, ledger, journal
        self._printer = next((each for each in site.inventory.printers if each.name == name), None)
        self._dispatcher: Dispatcher | None = None
        self._thread: threading.Thread | None = None
        self._broken: BaseException | None = None
        self._stopping = False
        self._flying: dict[str, Progress] = {}
        self._active = 0.0

    def begin(self, job: Job, on_event: OnEvent) -> None:
        """Do ``job`` in a thread, which does not outlive the process."""
        self._thread = threading.Thread(target=self._work, args=(job, on_event), name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopping = True
        if self._dispatcher is not None:
            self._dispatcher.stop()

    def withdraw(self) -> None:
        """Give back what surely has not begun."""
        if self._dispatcher is not None:
            self._dispatcher.withdraw()

    @property
    def alive(self) -> bool:
        """Whether it is at work. Raises here what it did not expect there."""
        if self._thread is not None and not self._thread.is_alive() and self._broken is not None:
            raise self._broken
        return self._thread is not None and self._thread.is_alive()

    @property
    def standstill(self) -> Standstill | None:
        """Since when, by the monotonic clock, it needs a person, and why."""
        return self._dispatcher.standstill if self._dispatcher is not None and self.alive else None

    def note(self, step: Progress) -> None:
        """Take in what happened here."""
        over = step.state.delivered or step.state.may_send or step.state is Delivery.UNKNOWN
        self.done += step.work.sheets if step.state.delivered else 0
        if over or HELD in step.reasons or "vpr-other-queue" in step.reasons:
            self._flying.pop(step.work.key, None)
        else:
            self._flying[step.work.key] = step

    def passes(self, seconds: float) -> None:
        """Time passes; what it prints in that gives its pace."""
        if self._flying and self.standstill is None:
            self._active += seconds

    def now(self, waiting: int) -> PrinterNow:
        """How it stands, with so many sheets that wait for it."""
        steps = list(self._flying.values())
        left = waiting + sum(step.work.sheets for step in steps)
        still = self.standstill
        said = [reason for step in steps for reason in step.reasons] + list(still.reasons if still else ())
        at = "/".join(steps[0].work.key.split("/")[:2]) if steps else ""
        return PrinterNow(
            self.name,
            self.done,
            self.done + left,
            at,
            tuple(dict.fromkeys(said)),
            still is not None,
            left / self._pace(),
        )

    def _pace(self) -> float:
        """Sheets in a second."""
        if self.done >= _MEASURED and self._active > 0:
            return self.done / self._active
        return (self._printer.ppm if self._printer is not None else _USUAL_PPM) / 60

    def _queue(self) -> InspectedQueue:
        if self._printer is None:
            raise PrinterGone(N_("the inventory has no printer {name} any more"), name=self.name)
        return open_queue(self._printer.queue, self.name, self._site.root)

    def _work(self, job: Job, on_event: OnEvent) -> None:
        try:
            queue = self._queue()
            try:
                self._dispatcher = dispatcher = Dispatcher(queue, self._journal)
                if self._stopping:
                    dispatcher.stop()
                with (
                    metered(self._ledger, self.name, queue),
                    tidied(self._journal, self.name, queue, on_event) as told,
                ):
                    job(queue, dispatcher, told)
            finally:
                queue.close()
        except (ProvisionError, PrintingError) as error:
            self.failure = error
        except BaseException as error:  # noqa: BLE001 - a mistake of ours, raised where it is seen
            self._broken = error
