"""Results of workstations in the ledger: what is written comes back whole, and the latest counts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from labcheck.finding import HEADSET, Check, Finding
from labcheck.outcome import Outcome, worst
from labcheck.phrase import NOTHING, phrase
from labcheck.verdict import judge, not_reached
from provision.ledger import Ledger
from provision.ledger.lab import SeatResult, latest, record, record_headsets
from tests.unit.labcheck.workstations import EVERYTHING, SEEN, changed, good

NOW = dt.datetime(2027, 4, 15, 4, 52, tzinfo=dt.UTC)


def result(facts: object, outcome: Outcome, seat: str = "1А") -> SeatResult:
    return SeatResult(seat, outcome, judge(facts, EVERYTHING, SEEN), "0123456789abcdef")


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, clock=lambda: NOW)
    well, ill = result(good(), Outcome.PASS), result(changed("disk.free_mb", 1), Outcome.FAIL, "2Б")
    record(ledger, "204", [well, ill])
    found = latest(ledger)
    assert found["204", "1А"].at == NOW
    assert found["204", "2Б"].result.outcome is Outcome.FAIL
    for written in (well, ill):
        back = found["204", written.seat].result
        assert back.terms == written.terms
        for one, other in zip(back.findings, written.findings, strict=True):
            assert (one.check, one.outcome) == (other.check, other.outcome)
            assert (one.measured, one.limit, one.remedy) == (other.measured, other.limit, other.remedy)
            assert (one.margin is None) == (other.margin is None)
    ledger.verify()


def test_the_latest_of_a_seat_counts_even_when_it_is_worse(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    record(ledger, "2/04", [result(good(), Outcome.PASS)])
    gone = not_reached(Outcome.UNREACHABLE, phrase("no answer"), NOTHING)
    record(ledger, "2/04", [SeatResult("1А", Outcome.UNREACHABLE, (gone,), "x")])
    assert latest(ledger)["2/04", "1А"].result.outcome is Outcome.UNREACHABLE
    assert list(latest(ledger)) == [("2/04", "1А")]


MEMORY = Finding(Check.MEMORY, Outcome.PASS, phrase("8 GB"))


def heard(outcome: Outcome, *, neighbours: Outcome | None = None) -> tuple[Finding, ...]:
    """What a test of a headset found of it; ``neighbours``: several seats were tested together."""
    alone = tuple(Finding(check, outcome, phrase("heard")) for check in HEADSET[:-1])
    return alone if neighbours is None else (*alone, Finding(HEADSET[-1], neighbours, phrase("near")))


def seat(*findings: Finding, terms: str = "x") -> SeatResult:
    return SeatResult("1А", worst(finding.outcome for finding in findings), findings, terms)


def test_of_a_headset_the_newer_test_counts(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)

    def now(room: str) -> Outcome:
        return latest(ledger)[room, "1А"].result.outcome

    record(ledger, "1", [seat(MEMORY, *heard(Outcome.PASS, neighbours=Outcome.FAIL))])
    record_headsets(ledger, "1", [seat(*heard(Outcome.PASS))])
    assert now("1") is Outcome.FAIL, "a test alone says nothing of the neighbours"
    gone = not_reached(Outcome.UNREACHABLE, phrase("no answer"), NOTHING)
    record_headsets(ledger, "1", [seat(gone)])
    assert now("1") is Outcome.UNREACHABLE, "the newest, even when it is worse"
    record_headsets(ledger, "1", [seat(*heard(Outcome.PASS, neighbours=Outcome.PASS))])
    assert now("1") is Outcome.PASS
    assert latest(ledger)["1", "1А"].headset_at is not None
    checks = [finding.check for finding in latest(ledger)["1", "1А"].result.findings]
    assert checks == [Check.MEMORY, *HEADSET]
    record(ledger, "1", [seat(MEMORY, *heard(Outcome.FAIL))])
    assert now("1") is Outcome.FAIL
    assert latest(ledger)["1", "1А"].headset_at is None


def test_a_headset_alone_makes_no_seat_ready(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    record_headsets(ledger, "1", [seat(*heard(Outcome.PASS))])
    assert not latest(ledger), "it was never checked as a whole"
    bad = Finding(Check.MEMORY, Outcome.FAIL, phrase("1 GB"))
    stopped = SeatResult("1А", Outcome.NOT_CHECKED, (MEMORY,), "x")
    for whole, expected in ((seat(bad), Outcome.FAIL), (stopped, Outcome.NOT_CHECKED)):
        record(ledger, "1", [whole])
        record_headsets(ledger, "1", [seat(*heard(Outcome.PASS))])
        assert latest(ledger)["1", "1А"].result.outcome is expected
    record(ledger, "1", [seat(MEMORY, *heard(Outcome.FAIL))])
    record_headsets(ledger, "1", [seat(*heard(Outcome.PASS), terms="y")])
    assert latest(ledger)["1", "1А"].result.outcome is Outcome.FAIL, "of another computer it says nothing"


def test_hostile_words_do_no_harm_there(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    facts = {
        **good(),
        "remote_control": ["\ud83d\x1b[2J{0}{seat}" * 500],
        "memory": {"unavailable": "\udcff"},
    }
    record(ledger, "204", [result(facts, Outcome.FAIL)])
    (checked,) = latest(ledger).values()
    assert checked.result.findings
    ledger.verify()
