"""The print journal, kept in the ledger."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from printing.journal import Attempt, Delivery, Entry
from provision.ledger.store import Draft, Event, Ledger

KIND = "delivery"


class LedgerJournal:
    """:class:`printing.journal.Journal` on a ledger: one event per state of an attempt."""

    def __init__(self, ledger: Ledger) -> None:
        """Read what was recorded so far."""
        self._ledger = ledger
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._by_work: dict[str, list[str]] = {}
        for event in ledger.events([KIND]):
            self._apply(event)

    def intend(self, attempt: Attempt) -> None:
        """Record, before anything is sent, that it is going to be."""
        body = {
            "work": attempt.work,
            "queue": attempt.queue,
            "sheets": attempt.sheets,
            "covers": list(attempt.covers),
            "state": Delivery.SUBMITTING.value,
        }
        self._ledger.append(Draft(KIND, attempt.id, body))
        with self._lock:
            self._note(Entry(attempt, Delivery.SUBMITTING))

    def advance(
        self, attempt_id: str, state: Delivery, *, reference: str = "", reasons: Sequence[str] = ()
    ) -> None:
        """Record a new state of an attempt."""
        body = {"state": state.value, "reference": reference, "reasons": list(reasons)}
        self._ledger.append(Draft(KIND, attempt_id, body))
        with self._lock:
            self._note(_advanced(self._entries[attempt_id], state, reference, tuple(reasons)))

    def latest(self) -> Mapping[str, Entry]:
        """The latest attempt of every piece of work, by work key."""
        with self._lock:
            return {work: self._entries[ids[-1]] for work, ids in self._by_work.items()}

    def entries(self) -> tuple[Entry, ...]:
        """Every attempt in its latest state, in the order they were begun."""
        with self._lock:
            return tuple(self._entries.values())

    def _apply(self, event: Event) -> None:
        body = event.body
        state = Delivery(body["state"])
        if "work" in body:
            covers = tuple(str(kit) for kit in body["covers"])
            attempt = Attempt(event.subject, body["work"], body["queue"], int(body["sheets"]), covers)
            self._note(Entry(attempt, state))
        else:
            before = self._entries[event.subject]
            self._note(_advanced(before, state, body["reference"], tuple(body["reasons"])))

    def _note(self, entry: Entry) -> None:
        if entry.attempt.id not in self._entries:
            self._by_work.setdefault(entry.attempt.work, []).append(entry.attempt.id)
        self._entries[entry.attempt.id] = entry


def _advanced(before: Entry, state: Delivery, reference: str, reasons: tuple[str, ...]) -> Entry:
    return Entry(before.attempt, state, reference or before.reference, reasons)
