"""The recovery sheet handed out: on a printer, once, or as a file that was asked for in so many words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from printing.dispatch import Dispatcher, OnEvent, Work
from printing.documents.recovery import recovery_sheet
from printing.journal import Delivery
from printing.queues.base import PrintOptions
from printing.queues.open import open_queue
from provision.errors import N_
from provision.ledger import Ledger, LedgerJournal
from provision.locale import translator
from provision.lock import exclusive
from provision.secret import Secret
from provision.site.model import Printer
from provision.site.site import Site
from provision.tidy import tidied
from provision.vault.errors import PlaceRefused
from provision.vault.words import words_of

_PREFIX = "vault/recovery/"


def sheet(site: Site, paper: Secret) -> bytes:
    """The sheet as a PDF, in the site's language."""
    school = site.inventory.school
    translate = translator(school.language)
    return recovery_sheet(
        school.name, words_of(paper).reveal().split(), paper.reveal(), translate, when=site.now()
    )


def check_printer(printer: Printer) -> None:
    """Raises PlaceRefused for one that keeps what it prints as a file."""
    if printer.queue.startswith("folder:"):
        raise PlaceRefused(N_("printer {name} is a folder: the key would stay there"), name=printer.name)


def print_sheet(site: Site, paper: Secret, printer: Printer, on_event: OnEvent) -> Delivery:
    """Print it and follow it to its end; the print server's copy is removed then.

    Raises PlaceRefused, what the queue refuses, and AnotherRun while something is printing."""
    check_printer(printer)
    with exclusive(site.state):
        journal = LedgerJournal(Ledger(site.state))
        before = sum(entry.attempt.work.startswith(_PREFIX) for entry in journal.entries())
        page = sheet(site, paper)

        def write(out: BinaryIO) -> None:
            out.write(page)

        key = f"{_PREFIX}{before + 1}"
        work = Work(key, f"{key}.pdf", 1, (), PrintOptions(), write)
        queue = open_queue(printer.queue, printer.name, site.root)
        try:
            queue.check(work.options)
            with tidied(journal, printer.name, queue, on_event) as told:
                Dispatcher(queue, journal).deliver([work], told)
        finally:
            queue.close()
        return journal.latest()[key].state


def write_sheet(site: Site, paper: Secret, target: Path) -> None:
    """Write it as a file (0600) that is not there yet. Raises OSError."""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(sheet(site, paper))
