"""The print journal on the ledger: what was recorded is what a later run reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from printing.journal import Attempt, Delivery, Entry, Journal
from provision.ledger import Ledger, LedgerJournal


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path)) as made:
        yield made


def filled(ledger: Ledger) -> LedgerJournal:
    journal = LedgerJournal(ledger)
    journal.intend(Attempt("a1", "ma/204/kit/204-01", "П1", 8, ("204-01",)))
    journal.advance("a1", Delivery.ACCEPTED, reference="urn:uuid:1")
    journal.advance("a1", Delivery.FAILED, reasons=["media-jam-error"])
    journal.intend(Attempt("a2", "ma/204/kit/204-01", "П2", 8, ("204-01",)))
    journal.intend(Attempt("a3", "ma/204/cover", "П2", 1))
    journal.advance("a3", Delivery.STORED, reference="/out/x.pdf")
    return journal


def test_the_latest_attempt_of_every_work_counts(ledger: Ledger) -> None:
    latest = filled(ledger).latest()
    assert {work: (entry.attempt.id, entry.state) for work, entry in latest.items()} == {
        "ma/204/kit/204-01": ("a2", Delivery.SUBMITTING),
        "ma/204/cover": ("a3", Delivery.STORED),
    }


def test_a_later_run_reads_what_an_earlier_one_wrote(ledger: Ledger, tmp_path: Path) -> None:
    before: Journal = filled(ledger)
    with closing(Ledger(tmp_path)) as again:
        after = LedgerJournal(again)
        assert after.latest() == before.latest()
        first = after.entries()[0]
    assert first == Entry(
        Attempt("a1", "ma/204/kit/204-01", "П1", 8, ("204-01",)),
        Delivery.FAILED,
        "urn:uuid:1",
        ("media-jam-error",),
    )
