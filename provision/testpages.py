"""Test pages: printed like everything else, through the queue and the journal, and judged by a person."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from printing.dispatch import Dispatcher, OnEvent, Work
from printing.documents.testpage import test_page
from printing.journal import Delivery
from printing.queues.base import PrintOptions
from printing.queues.open import open_queue
from provision.errors import N_, ProvisionError
from provision.ledger import Ledger, LedgerJournal, judged
from provision.locale import translator
from provision.lock import exclusive
from provision.site.model import Inventory, Printer
from provision.site.site import Site, open_site
from provision.tidy import tidied


class NoSuchPrinter(ProvisionError):
    """A command names a printer that the inventory does not have."""

    code = "no-such-printer"
    remedy = N_("Write its name as in inventory.yaml (printers: name), or the beginning of it.")


class NeverTested(ProvisionError):
    """A judgement of a printer that never printed a test page for this site."""

    code = "never-tested"
    remedy = N_("Print one first: 'provision printers test PRINTER'.")


def print_test_page(folder: Path, name: str, on_event: OnEvent) -> tuple[Printer, Delivery]:
    """Print a test page and follow it to its end; returns how that was.

    Raises NoSuchPrinter, what the queue refuses, and AnotherRun while something is printing.
    """
    site = open_site(folder)
    printer = printer_named(site.inventory, name)
    with exclusive(site.state):
        ledger = Ledger(site.state)
        journal = LedgerJournal(ledger)
        work = _test_page(site, printer, 1 + _printed(journal, printer))
        queue = open_queue(printer.queue, printer.name, site.root)
        try:
            queue.check(work.options)
            with tidied(journal, printer.name, queue, on_event) as told:
                Dispatcher(queue, journal).deliver([work], told)
        finally:
            queue.close()
        return printer, journal.latest()[work.key].state


def judge(folder: Path, name: str, *, good: bool, who: str, note: str) -> Printer:
    """Record a person's judgement of the last test page. Raises NoSuchPrinter, NeverTested."""
    site = open_site(folder)
    printer = printer_named(site.inventory, name)
    ledger = Ledger(site.state)
    if not _printed(LedgerJournal(ledger), printer):
        raise NeverTested(N_("printer {name} has printed no test page"), name=printer.name)
    judged.record(ledger, printer.name, good=good, who=who, note=note)
    return printer


def printer_named(inventory: Inventory, name: str) -> Printer:
    """The printer of that name, or the only one whose name begins so. Raises NoSuchPrinter."""
    wanted = name.casefold()
    exact = [p for p in inventory.printers if p.name.casefold() == wanted]
    found = exact or [p for p in inventory.printers if p.name.casefold().startswith(wanted)]
    if len(found) != 1:
        names = ", ".join(printer.name for printer in inventory.printers)
        raise NoSuchPrinter(N_("there is no printer {name}; there are: {names}"), name=name, names=names)
    return found[0]


def _printed(journal: LedgerJournal, printer: Printer) -> int:
    """How many test pages the journal has of a printer."""
    return sum(1 for entry in journal.entries() if entry.attempt.work.startswith(_prefix(printer)))


def _prefix(printer: Printer) -> str:
    return f"printers/{printer.name}/test/"


def _test_page(site: Site, printer: Printer, number: int) -> Work:
    page = test_page(printer.name, translator(site.inventory.school.language), when=site.now())

    def write(out: BinaryIO) -> None:
        out.write(page)

    path = f"test/{number}.pdf"
    return Work(f"{_prefix(printer)}{number}", path, 1, (), PrintOptions(), write)
