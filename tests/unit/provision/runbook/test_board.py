"""How a step stands: a machine of signatures, facts and a clock, set against the sentences that say it."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from provision.errors import Phrase
from provision.ledger import Ledger
from provision.ledger.signoffs import initials, record, signoffs, withdraw
from provision.runbook.board import Fact, Level, Row, State, now_and_next, rows, subject_of
from provision.runbook.model import Each, When
from tests.unit.provision.runbook.test_clock import day, step

BEGIN, DEADLINE = dt.time(7, 30), dt.time(8, 20)
ONE = step(When(at=DEADLINE), When(at=BEGIN))
TWO = step(When(at=DEADLINE), When(at=BEGIN), second="coordinator")
START = dt.datetime(2027, 4, 15, 7, 0, tzinfo=day().zone)


class StepMachine(RuleBasedStateMachine):
    """Two steps, one of two persons, over a real ledger."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = START
        self.ledger = Ledger(Path(self.folder.name), lambda: self.now)
        self.level = Level.UNKNOWN
        self.first = self.second = False
        self.firsts: set[str] = set()

    def teardown(self) -> None:
        self.ledger.verify()
        self.ledger.close()
        self.folder.cleanup()

    @rule(minutes=st.integers(1, 30))
    def wait(self, minutes: int) -> None:
        self.now += dt.timedelta(minutes=minutes)

    @rule(level=st.sampled_from(Level))
    def look(self, level: Level) -> None:
        self.level = level

    @rule()
    def sign(self) -> None:
        for name in ("ONE", "TWO"):
            record(self.ledger, f"{name}@2027-04-15", "specialist", "П.А.", "word")
        self.first = True

    @rule(person=st.sampled_from(["11", "22"]))
    def sign_with_passphrase(self, person: str) -> None:
        for name in ("ONE", "TWO"):
            record(self.ledger, f"{name}@2027-04-15", "specialist", "П.А.", "passphrase", person)
        self.first = True
        self.firsts.add(person)

    @rule(person=st.sampled_from(["", "22"]))
    def sign_second(self, person: str) -> None:
        way = "passphrase" if person else "word"
        record(self.ledger, "TWO@2027-04-15", "coordinator", "И.И.", way, person)
        self.second = self.second or bool(person)

    @precondition(lambda self: self.first)
    @rule()
    def withdraw(self) -> None:
        for name in ("ONE", "TWO"):
            withdraw(self.ledger, f"{name}@2027-04-15", "specialist", "П.А.")
        self.first = self.second = False
        self.firsts = set()

    @invariant()
    def stands_as_it_is_said(self) -> None:
        facts = dict.fromkeys(("ONE", "TWO"), Fact(self.level, Phrase("x", {}), START))
        signed = signoffs(self.ledger)
        one, two = rows({"ONE": ONE, "TWO": TWO}, day(), facts, signed, self.now)
        said = self.first or self.level is Level.SAID
        assert one.state is self.expected(second=True, signed=said)
        # of a step of two, the same person in both roles is one; and a word counts for neither
        assert two.state is self.expected(second=self.second, signed="11" in self.firsts)
        assert two.waits is not self.second

    def expected(self, *, second: bool, signed: bool) -> State:
        if self.level is Level.NEEDLESS:
            return State.NEEDLESS
        if second and self.level is Level.PROVED:
            return State.PROVED
        if second and signed:
            return State.SIGNED
        wall = self.now.timetz().replace(tzinfo=None)
        if wall > DEADLINE or self.now.date() > START.date():
            return State.LATE
        return State.NOW if wall >= BEGIN else State.NEXT


StepMachine.TestCase.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
TestSteps = StepMachine.TestCase


def row_of(fact: Fact, now: dt.datetime = START) -> Row:
    (row,) = rows({"D2": ONE}, day(), {"D2": fact}, {}, now)
    return row


def test_a_step_done_too_late_stays_visible_as_late() -> None:
    at = dt.datetime(2027, 4, 15, 8, 31, tzinfo=day().zone)
    assert row_of(Fact(Level.PROVED, None, at)).late_by == dt.timedelta(minutes=11)
    assert not row_of(Fact(Level.PROVED, None, START)).late_by
    assert not row_of(Fact(Level.PROVED)).late_by


def test_a_word_is_never_shown_as_proof() -> None:
    assert row_of(Fact(Level.SAID)).state is State.SIGNED
    assert row_of(Fact(Level.OPEN)).state is State.NEXT


def test_what_is_done_once_is_signed_for_all_days() -> None:
    once = ONE.model_copy(update={"each": Each.ONCE})
    assert subject_of("P1", once, dt.date(2027, 4, 15)) == "P1"
    assert subject_of("D1", ONE, dt.date(2027, 4, 15)) == "D1@2027-04-15"


def test_late_now_and_next_are_by_deadline_and_next_is_one_day() -> None:
    procedure = {
        "A": step(When(at=dt.time(9)), When(at=dt.time(7))),
        "B": step(When(at=dt.time(8)), When(at=dt.time(7))),
        "C": step(When(at=dt.time(7, 30))),
        "D": step(When(days=1, at=dt.time(9))),
        "E": step(When(days=2, at=dt.time(9))),
    }
    now = dt.datetime(2027, 4, 15, 7, 31, tzinfo=day().zone)
    groups = now_and_next(rows(procedure, day(), {}, {}, now))
    assert [[row.id for row in group] for group in groups] == [["C"], ["B", "A"], ["D"]]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Петрова Анна Ивановна", "П.А.И."),
        ("петрова а.и.", "П.А.И."),
        ("ПАИ", "П.А.И."),
        ("Салтыкова-Щедрина Ольга", "С.О."),
        ("  Ким  ", "К."),
    ],
)
def test_the_record_keeps_initials_only(name: str, kept: str) -> None:
    assert initials(name) == kept


@pytest.mark.parametrize("name", ["", "  ", "123", "…"])
def test_a_signature_needs_a_name(name: str) -> None:
    assert not initials(name)
