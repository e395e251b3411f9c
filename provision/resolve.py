"""A person's word on paper: of unknown fate, or claimed to be printed, without a barcode, and not there."""

from __future__ import annotations

from pathlib import Path

from printing.journal import Delivery, Entry
from provision.errors import N_, ProvisionError
from provision.ledger import Ledger, LedgerJournal
from provision.lock import exclusive
from provision.site.site import STATE, private_folder
from provision.work import What, parts_of

_UNMARKED = frozenset(What) - {What.KITS}
"""What has no barcode: a kit that is not there is replaced by a copy, which makes the first one void."""


class NothingToResolve(ProvisionError):
    """The work named is not one whose fate is unknown, nor a lost document without a barcode."""

    code = "nothing-to-resolve"
    remedy = N_("'provision status' lists what is unknown.")


def resolve(site: Path, work: str, *, printed: bool) -> tuple[str, Delivery]:
    """Record the person's word on ``work``: a document's key, or EXAM/ROOM/cover (briefing, protocol, codes),
    which means the last that was printed of these. Returns the document's key and its state.

    Raises NothingToResolve; AnotherRun while something is printing."""
    state = private_folder(site / STATE)
    with exclusive(state):
        ledger = Ledger(state)
        ledger.verify()
        journal = LedgerJournal(ledger)
        entry = _entry(journal, work)
        if entry is None or not (entry.state is Delivery.UNKNOWN or (not printed and _is_lost(entry))):
            raise NothingToResolve(N_("the fate of {work} is not unknown"), work=work)
        said = Delivery.PRINTED_SAYS_PERSON if printed else Delivery.NOT_PRINTED_SAYS_PERSON
        journal.advance(entry.attempt.id, said)
    return entry.attempt.work, said


def _entry(journal: LedgerJournal, work: str) -> Entry | None:
    latest = journal.latest()
    start, _slash, what = work.rpartition("/")
    if what not in _UNMARKED or "/" not in start:
        return latest.get(work)
    lying = [e for key, e in latest.items() if key.startswith(f"{work}/") and not e.state.may_send]
    return lying[-1] if lying else None


def _is_lost(entry: Entry) -> bool:
    """Whether a person may say that it is not there although somebody called it printed."""
    parts = parts_of(entry.attempt.work)
    return entry.state.delivered and parts is not None and parts.what in _UNMARKED
