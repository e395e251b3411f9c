"""No paper stays on a print server: a job goes, document and history, when its end is on record.

A job whose fate is unknown stays until a person has decided: the server's history may help to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from printing.dispatch import OnEvent, Progress
from printing.errors import QueueError
from printing.journal import Entry
from printing.queues.spool import Ended, Spool
from provision.ledger import LedgerJournal


@contextmanager
def tidied(journal: LedgerJournal, printer: str, queue: Spool, on_event: OnEvent) -> Iterator[OnEvent]:
    """Gives ``on_event`` as one that also removes each job that has ended, and at the end all that are left
    of ``printer``. A server that does not let us is left as it is: 'provision printers' tells."""

    def told(step: Progress) -> None:
        on_event(step)
        if step.state.delivered or step.state.may_send:
            _purge(queue, [journal.latest()[step.work.key]])

    try:
        yield told
    finally:
        sweep(journal, printer, queue)


def sweep(journal: LedgerJournal, printer: str, queue: Spool) -> None:
    """Remove every job of ``printer`` whose end is on record, as far as the server lets us."""
    _purge(queue, (entry for entry in journal.entries() if entry.attempt.queue == printer))


def _purge(queue: Spool, entries: Iterable[Entry]) -> None:
    ended = [
        Ended(entry.attempt.id, entry.reference)
        for entry in entries
        if entry.state.delivered or entry.state.may_send
    ]
    with suppress(QueueError):
        queue.purge(ended)
