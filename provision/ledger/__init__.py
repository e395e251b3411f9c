"""Recorded state: an append-only, hash-chained ledger, and what is read from it."""

from provision.ledger.journal import LedgerJournal
from provision.ledger.refs import Refs
from provision.ledger.store import Draft, Event, Ledger, LedgerDamaged, LedgerTooNew, LedgerUnusable

__all__ = [
    "Draft",
    "Event",
    "Ledger",
    "LedgerDamaged",
    "LedgerJournal",
    "LedgerTooNew",
    "LedgerUnusable",
    "Refs",
]
