"""What is known of P7, P8 and A2: filled and proved here is known, uploaded is somebody's word."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from provision.forms.mapping import FormKind, FormMapping
from provision.forms.standing import FormStatus, State
from provision.ledger import Event
from provision.ledger.forms import FormEvent, Step
from provision.runbook.board import UNKNOWN, Fact, Level
from provision.runbook.formfacts import MARKS, form_fact

AT = dt.datetime(2027, 4, 20, 12, 0, tzinfo=dt.UTC)
MATHS, ENGLISH = ("ma-7a", "ma-7b"), ("en-7a",)
STEPS = {State.FILLED: Step.FILLED, State.UPLOADED: Step.UPLOADED, State.ACCEPTED: Step.ACCEPTED}


def form(
    state: State,
    exams: tuple[str, ...] = MATHS,
    *,
    kind: FormKind = FormKind.RESULTS,
    other_file: bool = False,
    by_hand: bool = False,
) -> FormStatus:
    mapping = FormMapping(Path(), f"form-{'-'.join(exams)}", kind, "", "", exams)
    step = STEPS.get(state)
    filled = FormEvent(mapping.key, Step.FILLED, AT, "x", "aa") if step and not by_hand else None
    sha256 = "bb" if other_file or by_hand else "aa"
    last = FormEvent(mapping.key, step, AT + dt.timedelta(hours=1), "x", sha256) if step else None
    return FormStatus(mapping, state, None, last, filled)


def results(*forms: FormStatus, marks_at: dt.datetime | None = None) -> Fact:
    entered = Event(1, marks_at.isoformat(), MARKS, "ma-7b", {}, "") if marks_at else None
    return form_fact(FormKind.RESULTS, {*MATHS, *ENGLISH}, forms, [entered] if entered else [])


@pytest.mark.parametrize("state", [State.WAITING, State.TO_FILL, State.CHANGED, State.FILLED])
def test_open_until_every_form_is_uploaded(state: State) -> None:
    fact = results(form(State.ACCEPTED), form(state, ENGLISH))
    assert (fact.level, fact.at) == (Level.OPEN, None)
    assert "form-en-7a" in str(fact.said)


def test_what_is_known_and_what_was_said_are_told_apart() -> None:
    fact = results(form(State.ACCEPTED), form(State.UPLOADED, ENGLISH, by_hand=True))
    assert (fact.level, fact.at) == (Level.SAID, AT + dt.timedelta(hours=1))
    expected = "forms: 2; filled here, with proof: 1; somebody's word: uploaded 2, accepted 1"
    assert str(fact.said) == expected


def test_another_file_than_the_one_that_was_proved() -> None:
    fact = results(form(State.UPLOADED, (*MATHS, *ENGLISH), other_file=True))
    assert fact.level is Level.SAID
    assert "filled here, with proof: 0" in str(fact.said)
    assert str(fact.said).endswith("another file was uploaded than was filled here")


def test_an_exam_without_a_form_is_left_to_a_persons_word() -> None:
    fact = results(form(State.ACCEPTED))
    assert fact.level is Level.UNKNOWN
    assert str(fact.said).endswith("no form is known here for 1 of the exams")
    assert results(form(State.ACCEPTED, ())).level is Level.SAID  # for every exam
    assert results() is UNKNOWN
    # an application is the school's: nothing is counted by exams
    application = form(State.UPLOADED, MATHS, kind=FormKind.APPLICATION)
    assert form_fact(FormKind.APPLICATION, {*MATHS, *ENGLISH}, [application], []).level is Level.SAID


@pytest.mark.parametrize(("minutes", "level"), [(-1, Level.SAID), (1, Level.OPEN)])
def test_marks_that_came_after_the_form_open_the_step_again(minutes: int, level: Level) -> None:
    forms = (form(State.ACCEPTED), form(State.ACCEPTED, ENGLISH))
    fact = results(*forms, marks_at=AT + dt.timedelta(minutes=minutes))
    assert fact.level is level
    assert ("marks were entered after the form form-ma-7a-ma-7b was filled" in str(fact.said)) is (
        minutes > 0
    )
    alone = results(forms[1], marks_at=AT + dt.timedelta(minutes=1))
    assert "marks were" not in str(alone.said), "another exam's"
    school = form(State.UPLOADED, (), kind=FormKind.APPLICATION)
    later = Event(1, (AT + dt.timedelta(minutes=1)).isoformat(), MARKS, "ma-7b", {}, "")
    assert form_fact(FormKind.APPLICATION, {*MATHS}, [school], [later]).level is Level.SAID, "it has no marks"
    application = form(State.UPLOADED, (), kind=FormKind.APPLICATION)
    entered = Event(1, (AT + dt.timedelta(minutes=1)).isoformat(), MARKS, "ma-7b", {}, "")
    assert form_fact(FormKind.APPLICATION, {*MATHS}, [application], [entered]).level is Level.SAID
