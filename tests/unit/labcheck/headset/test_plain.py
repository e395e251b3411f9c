"""Findings in plain words: every cause has them, and they hold no term of the trade."""

from __future__ import annotations

import re

import pytest

from labcheck.finding import SPOKEN, Check, Finding
from labcheck.headset.causes import Cause
from labcheck.headset.judge import CHECKS
from labcheck.headset.plain import ALL_WELL, EXPECTED, HEARD, WHY, explain
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from labcheck.visit import LEFT_OUT

TERMS = "dB SNR Hz THD ppm RMS latency samples? spectrum correlation gain DC channels? devices?"
JARGON = re.compile(rf"\b({TERMS.replace(' ', '|')})\b", re.I)
WELL = tuple(Finding(check, Outcome.PASS, phrase("-40 dB")) for check in (Check.SOUND_PATH, *CHECKS))


def wrong(check: Check, cause: Cause | None, outcome: Outcome = Outcome.FAIL) -> Finding:
    return Finding(
        check, outcome, phrase("-80 dB"), phrase("-71 dB"), -0.2, phrase("Push it in."), 0.9, cause
    )


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_said_in_plain_words(cause: Cause) -> None:
    for text in (HEARD[cause], WHY[cause]):
        assert text.endswith(".")
        assert not JARGON.search(text)


def test_what_is_expected_is_said_of_every_check() -> None:
    assert set(EXPECTED) == {Check.SOUND_PATH, *CHECKS, *SPOKEN}
    assert not [text for text in (*EXPECTED.values(), str(ALL_WELL)) if JARGON.search(text)]


def test_what_explains_most_comes_first_and_each_cause_once() -> None:
    found = (
        wrong(Check.STILLNESS, Cause.NOISE),
        wrong(Check.LOOP_LEVEL, Cause.NOT_MEASURABLE, Outcome.NOT_CHECKED),
        wrong(Check.STREAM, Cause.NOT_MEASURABLE, Outcome.NOT_CHECKED),
        wrong(Check.EARS, Cause.DEAD_LEFT),
    )
    said = explain(found)
    assert said.outcome is Outcome.FAIL
    assert [one.finding.cause for one in said.points] == [Cause.DEAD_LEFT, Cause.NOISE]
    assert str(said.points[0].heard) == HEARD[Cause.DEAD_LEFT]
    assert set(said.open) == {Check.LOOP_LEVEL, Check.STREAM}


def test_what_could_not_be_told_is_told_when_there_is_nothing_else() -> None:
    found = [
        wrong(check, Cause.NOT_MEASURABLE, Outcome.NOT_CHECKED) for check in (Check.STREAM, Check.LOOP_LEVEL)
    ]
    said = explain([*WELL[:2], *found])
    assert [one.finding.check for one in said.points] == [Check.LOOP_LEVEL]
    assert said.open == ()


def test_all_well_has_no_point() -> None:
    said = explain(WELL)
    assert said.outcome is Outcome.PASS
    assert said.points == ()


def test_what_was_not_tested_is_not_well() -> None:
    assert explain(()).outcome is Outcome.NOT_CHECKED
    assert explain(WELL[:1]).outcome is Outcome.NOT_CHECKED
    assert explain((Finding(Check.MEMORY, Outcome.PASS, phrase("4 GB")),)).outcome is Outcome.NOT_CHECKED


def test_a_finding_without_a_cause_is_said_as_it_is() -> None:
    (point,) = explain((WELL[0], LEFT_OUT)).points
    assert "leaves the test of the headsets out" in str(point.heard)
    assert point.remedy is LEFT_OUT.remedy
