"""Every printer as it is now, set against what it has to do. Looks and tidies up; prints nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from printing.errors import PrintingError
from printing.journal import Delivery
from printing.kit import Media
from printing.queues.base import PrintOptions
from printing.queues.facts import Contact, InspectedQueue, PrinterFacts
from printing.queues.ipp import PrinterSilent
from printing.queues.open import open_queue
from printing.queues.reasons import Reason, Severity, describe
from printing.queues.spool import SpoolReport
from provision.errors import N_
from provision.ledger import Ledger, LedgerJournal
from provision.ledger.judged import Judgement, judgements
from provision.rooms import Morning
from provision.site.model import Printer
from provision.site.site import Site
from provision.tidy import sweep


@dataclass(frozen=True, slots=True)
class Load:
    """Sheets of the exams in scope: ``sent`` to the printer so far, and ``left`` to send. ``minutes`` is how
    long those will take, ``latest_start`` (local time) when the first session's must begin."""

    sent: int = 0
    left: int = 0
    minutes: float = 0
    latest_start: dt.datetime | None = None
    media: frozenset[Media] = frozenset()


@dataclass(frozen=True, slots=True)
class Sighting:
    """One printer. ``refusal`` is why it cannot be used; ``facts`` and ``spool`` are None where not even
    they could be had. ``doubtful`` jobs lie on the server until a person resolves them."""

    printer: Printer
    load: Load
    facts: PrinterFacts | None
    refusal: PrintingError | None
    spool: SpoolReport | None
    doubtful: tuple[str, ...]
    judged: Judgement | None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What the printer says of itself, in plain words."""
        return tuple(describe(word) for word in self.facts.reasons) if self.facts else ()

    @property
    def usable(self) -> bool:
        """Whether it would print now."""
        return self.refusal is None and all(r.severity is not Severity.ERROR for r in self.reasons)

    @property
    def a3(self) -> bool | None:
        """Whether the queue offers A3; None when nobody knows."""
        if self.facts is None or not self.facts.offered:
            return None
        return Media.A3.value in self.facts.offered["media"]


def look(site: Site, morning: Morning | None) -> tuple[Sighting, ...]:
    """Look at every printer of the inventory, all at once; ``morning`` None: nobody knows their work.

    What has ended and is on record is removed from the print servers first.
    """
    ledger = Ledger(site.state)
    journal = LedgerJournal(ledger)
    load = loads(morning) if morning is not None else {}
    judged = judgements(ledger)

    def one(printer: Printer) -> Sighting:
        return _sight(site, printer, journal, load.get(printer.name, Load()), judged.get(printer.name))

    printers = site.inventory.printers
    with ThreadPoolExecutor(max_workers=len(printers)) as pool:
        return tuple(pool.map(one, printers))


def loads(morning: Morning) -> Mapping[str, Load]:
    """What each printer has done and has to do for the exams in scope."""
    todo = morning.todo()
    found: dict[str, Load] = {}
    exams = {exam.id for exam in morning.survey.exams}
    for printer in morning.survey.site.inventory.printers:
        mine = [one for one in todo if one.item.printer == printer.name]
        forecast = [load for load in morning.forecast(mine) if load.printer == printer.name]
        sent = sum(
            entry.attempt.sheets
            for entry in morning.survey.journal.entries()
            if entry.attempt.queue == printer.name
            and entry.attempt.work.partition("/")[0] in exams
            and not entry.state.may_send
        )
        found[printer.name] = Load(
            sent,
            sum(one.sheets for one in mine),
            sum(load.minutes for load in forecast),
            min((load.latest_start for load in forecast), default=None),
            frozenset(one.item.media for one in mine),
        )
    return found


def _sight(
    site: Site, printer: Printer, journal: LedgerJournal, load: Load, judged: Judgement | None
) -> Sighting:
    facts: PrinterFacts | None = None
    spool: SpoolReport | None = None
    refusal: PrintingError | None = None
    mine = [entry for entry in journal.entries() if entry.attempt.queue == printer.name]
    queue = open_queue(printer.queue, printer.name, site.root)
    try:
        facts = queue.facts()
        sweep(journal, printer.name, queue)
        spool = queue.spool({entry.attempt.id for entry in mine})
        _check(queue, facts, load.media or {Media.A4})
    except PrintingError as error:
        refusal = error
    finally:
        queue.close()
    unknown = {entry.attempt.id for entry in mine if entry.state is Delivery.UNKNOWN}
    doubtful = tuple(name for name in spool.kept if name in unknown) if spool else ()
    return Sighting(printer, load, facts, refusal, spool, doubtful, judged)


def _check(queue: InspectedQueue, facts: PrinterFacts, media: Collection[Media]) -> None:
    """Refuse what a run would refuse, and a printer that is not heard."""
    for each in sorted(media):
        queue.check(PrintOptions(each))
    if facts.contact is Contact.SILENT:
        raise PrinterSilent(N_("the printer behind queue '{queue}' does not answer"), queue=queue.name)
