"""What the record proves of a step, and what it does not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from provision.intake.model import Catalog
from provision.ledger import Ledger
from provision.ledger.audit import KIND, record
from provision.runbook.board import Level
from provision.runbook.facts import Look, fact
from provision.runbook.model import Proof, When
from tests.unit.provision.runbook.test_clock import day, step

AUDITED = step(When(at=dt.time(18)), When(at=dt.time(7)), proof=Proof.AUDIT)


@pytest.mark.parametrize(
    ("leaks", "risks", "not_checked", "level"),
    [(0, 0, 0, Level.PROVED), (1, 0, 0, Level.OPEN), (0, 1, 0, Level.OPEN), (0, 0, 1, Level.OPEN)],
)
def test_an_audit_proves_only_what_it_looked_at(
    tmp_path: Path, leaks: int, risks: int, not_checked: int, level: Level
) -> None:
    begin = day().begin(AUDITED)
    ledger = Ledger(tmp_path, lambda: begin + dt.timedelta(hours=1))
    record(ledger, {"leaks": leaks, "risks": risks, "not_checked": not_checked}, {})
    events = list(ledger.events([KIND]))
    look = Look(day(), (), Catalog((), ()), frozenset(), (), (), (), events, None, software=False)
    ledger.close()
    assert fact(AUDITED, look).level is level


def test_an_audit_of_before_proves_nothing(tmp_path: Path) -> None:
    begin = day().begin(AUDITED)
    ledger = Ledger(tmp_path, lambda: begin - dt.timedelta(hours=1))
    record(ledger, {"leaks": 0, "risks": 0, "not_checked": 0}, {})
    events = list(ledger.events([KIND]))
    look = Look(day(), (), Catalog((), ()), frozenset(), (), (), (), events, None, software=False)
    ledger.close()
    assert fact(AUDITED, look).level is Level.OPEN
