"""A printer's counter around a run, and what of its jobs is removed from the server."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pytest

from printing.dispatch import Dispatcher, Progress, Work
from printing.errors import N_, QueueError, QueueUnreachable
from printing.journal import Attempt, Delivery
from printing.queues.base import PrintOptions
from printing.queues.facts import Counter, PrinterFacts
from printing.queues.folder import FolderQueue
from printing.queues.open import open_queue
from printing.queues.spool import Ended, SpoolReport
from provision.ledger import Ledger, LedgerJournal
from provision.ledger.evidence import METER, MeterRun, meter_runs
from provision.meter import metered
from provision.tidy import sweep, tidied
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.paper import writer

SHEETS = "printer-media-sheets-completed"


class Printer:
    """Reads out the counters it was given, one after the other."""

    def __init__(self, *counters: Counter | QueueError | None) -> None:
        self._counters = iter(counters)

    def facts(self) -> PrinterFacts:
        raise NotImplementedError

    def counter(self) -> Counter | None:
        found = next(self._counters)
        if isinstance(found, QueueError):
            raise found
        return found


def at(sheets: int, *, idle: bool = True) -> Counter:
    return Counter(SHEETS, sheets, idle)


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path)
    yield ledger
    ledger.close()


def recorded(ledger: Ledger) -> list[tuple[str, int]]:
    return [(event.body["phase"], event.body["sheets"]) for event in ledger.events([METER])]


def test_before_and_after_are_recorded(ledger: Ledger) -> None:
    with metered(ledger, "Room", Printer(at(100), at(108))):
        assert recorded(ledger) == [("before", 100)]
    assert recorded(ledger) == [("before", 100), ("after", 108)]
    assert list(meter_runs(ledger)) == [MeterRun("Room", 8, frozenset())]


def test_a_printer_that_still_works_is_waited_for(ledger: Ledger) -> None:
    waited: list[float] = []
    printer = Printer(at(100), at(107, idle=False), at(108))
    with metered(ledger, "Room", printer, wait=waited.append):
        pass
    assert recorded(ledger) == [("before", 100), ("after", 108)]
    assert len(waited) == 1


def test_a_printer_that_does_not_come_to_rest_says_nothing(ledger: Ledger) -> None:
    clock = iter(range(0, 100, 4))
    printer = Printer(at(100), *[at(107, idle=False)] * 9)
    with metered(ledger, "Room", printer, wait=lambda _: None, now=lambda: float(next(clock))):
        pass
    assert recorded(ledger) == [("before", 100)]


@pytest.mark.parametrize(
    "before", [None, at(100, idle=False), QueueUnreachable(N_("gone"))], ids=["none", "at work", "gone"]
)
def test_without_a_counter_at_rest_there_is_no_reading(
    ledger: Ledger, before: Counter | QueueError | None
) -> None:
    with metered(ledger, "Room", Printer(before)):
        pass
    assert recorded(ledger) == []


def test_after_an_error_sheets_may_still_come(ledger: Ledger) -> None:
    with pytest.raises(QueueUnreachable), metered(ledger, "Room", Printer(at(100))):
        raise QueueUnreachable(N_("gone"))
    assert recorded(ledger) == [("before", 100)]


class Lockers:
    """Notes what is to be removed; refuses when told to."""

    def __init__(self) -> None:
        self.purged: list[Ended] = []
        self.refuses = False

    def purge(self, ended: Collection[Ended]) -> None:
        if self.refuses:
            raise QueueUnreachable(N_("gone"))
        self.purged += ended

    def spool(self, ours: Collection[str]) -> SpoolReport:
        raise NotImplementedError


def works(count: int) -> Sequence[Work]:
    return [
        Work(f"exam/204/kits/{n}", f"{n}.pdf", 2, (str(n),), PrintOptions(), writer([f"{n} a", f"{n} b"]))
        for n in range(count)
    ]


def test_a_job_is_removed_when_its_end_is_recorded_and_not_before(ledger: Ledger, tmp_path: Path) -> None:
    journal, lockers = LedgerJournal(ledger), Lockers()
    seen: list[tuple[Delivery, int]] = []

    def note(step: Progress) -> None:
        seen.append((step.state, len(lockers.purged)))

    with tidied(journal, "Folder", lockers, note) as told:
        Dispatcher(FolderQueue(tmp_path / "out", "Folder"), journal, poll=0).deliver(works(2), told)
    assert [count for state, count in seen if state is Delivery.STORED] == [0, 1]
    names = [entry.attempt.id for entry in journal.entries()]
    assert [each.name for each in lockers.purged] == [*names, *names]  # and once more at the end


def test_a_job_of_unknown_fate_stays_until_a_person_decides(ledger: Ledger) -> None:
    journal, lockers = LedgerJournal(ledger), Lockers()
    journal.intend(Attempt("a1", "exam/204/kits/1", "Room", 2))
    journal.intend(Attempt("b1", "exam/204/kits/2", "Other", 2))
    journal.advance("a1", Delivery.UNKNOWN, reference="urn:uuid:1")
    sweep(journal, "Room", lockers)
    assert lockers.purged == []
    journal.advance("a1", Delivery.PRINTED_SAYS_PERSON)
    journal.advance("b1", Delivery.CLAIMED)
    lockers.refuses = True
    sweep(journal, "Room", lockers)
    lockers.refuses = False
    sweep(journal, "Room", lockers)
    assert lockers.purged == [Ended("a1", "urn:uuid:1")]


def test_on_a_real_printer_counter_and_sheets_agree_and_no_paper_stays(
    print_server: PrintServer, ledger: Ledger
) -> None:
    printer: VirtualPrinter = print_server.printer("metered", counted=500)
    queue = open_queue(print_server.uri("metered"), "Room", Path())
    journal = LedgerJournal(ledger)
    for _run in range(2):
        with (
            metered(ledger, "Room", queue),
            tidied(journal, "Room", queue, lambda _step: None) as told,
        ):
            Dispatcher(queue, journal, poll=0.05).deliver(works(3), told)
    first, second = meter_runs(ledger)
    assert (first.sheets, len(first.attempts)) == (6, 3)
    assert (second.sheets, second.attempts) == (0, frozenset())
    names = {entry.attempt.id for entry in journal.entries()}
    report = queue.spool(names)
    assert (report.kept, report.waiting) == ((), ())
    assert all(queue.find(name) is None for name in names)
    assert {entry.state for entry in journal.entries()} == {Delivery.CLAIMED}
    assert printer.received_count() == 3
    printer.dispose()
