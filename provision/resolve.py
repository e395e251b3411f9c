"""A person's word on a document of which neither printer nor server can tell whether it is on paper."""

from __future__ import annotations

from pathlib import Path

from printing.journal import Delivery
from provision.errors import N_, ProvisionError
from provision.ledger import Ledger, LedgerJournal
from provision.lock import exclusive
from provision.site.site import STATE, private_folder


class NothingToResolve(ProvisionError):
    """The work named is not one whose fate is unknown."""

    code = "nothing-to-resolve"
    remedy = N_("'provision status' lists what is unknown.")


def resolve(site: Path, work: str, *, printed: bool) -> Delivery:
    """Record the person's word. Raises NothingToResolve; AnotherRun while something is printing."""
    state = private_folder(site / STATE)
    with exclusive(state):
        ledger = Ledger(state)
        ledger.verify()
        journal = LedgerJournal(ledger)
        entry = journal.latest().get(work)
        if entry is None or entry.state is not Delivery.UNKNOWN:
            raise NothingToResolve(N_("the fate of {work} is not unknown"), work=work)
        said = Delivery.PRINTED_SAYS_PERSON if printed else Delivery.NOT_PRINTED_SAYS_PERSON
        journal.advance(entry.attempt.id, said)
    return said
