"""Dispatch on the real CUPS, a real IPP printer and the real ledger: count what the printer received."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from printing.dispatch import Dispatcher, Progress, Work
from printing.journal import Delivery
from printing.queues.base import PrintOptions
from printing.queues.open import open_queue
from provision.ledger.journal import LedgerJournal
from provision.ledger.store import Ledger
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.paper import writer
from tests.services.process import until

COUNT = 12
PAGES = 3


def works(count: int = COUNT) -> list[Work]:
    """``count`` kits of three pages that say which they are."""
    return [
        Work(
            key=f"exam/204/kit/{number}",
            path=f"{number}.pdf",
            sheets=PAGES,
            covers=(str(number),),
            options=PrintOptions(),
            write=writer([f"kit {number} page {page}" for page in range(PAGES)]),
        )
        for number in range(count)
    ]


def deliver(uri: str, folder: Path) -> None:
    """Deliver the works as the application does, in this process."""
    ledger = Ledger(folder)
    queue = open_queue(uri, "Room 204", folder)
    try:
        Dispatcher(queue, LedgerJournal(ledger), poll=0.05).deliver(works(), _nothing)
    finally:
        queue.close()
        ledger.close()


def _nothing(_: Progress) -> None:
    pass


def states(folder: Path) -> dict[str, tuple[Delivery, tuple[str, ...]]]:
    ledger = Ledger(folder)
    try:
        entries = LedgerJournal(ledger).latest()
        return {key: (entry.state, entry.reasons) for key, entry in entries.items()}
    finally:
        ledger.close()


def received(printer: VirtualPrinter) -> Counter[tuple[str, ...]]:
    return Counter(document.pages for document in printer.received())


def kit(number: int) -> tuple[str, ...]:
    return tuple(f"kit {number} page {page}" for page in range(PAGES))


def test_every_work_reaches_the_printer_once(
    print_server: PrintServer, printer: VirtualPrinter, tmp_path: Path
) -> None:
    uri = print_server.uri(printer.name)
    deliver(uri, tmp_path)
    documents = printer.received()
    assert [document.pages for document in documents] == [kit(number) for number in range(COUNT)]
    assert all(document.printed for document in documents)
    assert {document.options["sides"] for document in documents} == {"one-sided"}
    assert {state for state, _ in states(tmp_path).values()} == {Delivery.CLAIMED}
    deliver(uri, tmp_path)
    assert printer.received_count() == COUNT


def test_killed_in_the_middle_and_run_again_nothing_comes_twice(
    print_server: PrintServer, printer: VirtualPrinter, tmp_path: Path
) -> None:
    uri = print_server.uri(printer.name)
    with subprocess.Popen([sys.executable, "-m", __name__, uri, str(tmp_path)]) as child:
        until(lambda: printer.received_count() == 4, "the fourth document at the printer")
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert len(states(tmp_path)) < COUNT, "it must be killed in the middle"
    deliver(uri, tmp_path)
    counts = received(printer)
    assert max(counts.values()) == 1, "nothing twice"
    for number, (state, reasons) in enumerate(states(tmp_path).values()):
        if state is Delivery.UNKNOWN:  # killed between the intent and the server's taking the job
            assert reasons == ("vpr-not-found",)
        else:
            assert state is Delivery.CLAIMED
            assert counts[kit(number)] == 1
    assert sum(state is Delivery.UNKNOWN for state, _ in states(tmp_path).values()) <= 1


_HALF_SENT = """
import os, signal, sys
from dataclasses import replace
from tests.e2e import test_dispatch
def write(out):
    out.write(b"%PDF-1.4 the first half of a document" * 1000)
    os.kill(os.getpid(), signal.SIGKILL)
every = test_dispatch.works()
every[1] = replace(every[1], write=write)
test_dispatch.works = lambda: every
test_dispatch.deliver(sys.argv[1], test_dispatch.Path(sys.argv[2]))
"""


def test_killed_while_it_hands_over_the_document_is_sent_again_whole(
    print_server: PrintServer, printer: VirtualPrinter, tmp_path: Path
) -> None:
    uri = print_server.uri(printer.name)
    command = [sys.executable, "-c", _HALF_SENT, uri, str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert [state for state, _ in states(tmp_path).values()][-1] is Delivery.SUBMITTING
    deliver(uri, tmp_path)
    assert received(printer) == {kit(number): 1 for number in range(COUNT)}
    assert {state for state, _ in states(tmp_path).values()} == {Delivery.CLAIMED}


if __name__ == "__main__":
    deliver(sys.argv[1], Path(sys.argv[2]))
