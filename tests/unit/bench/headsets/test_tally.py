"""Counting, on rows of which the answer is plain."""

from __future__ import annotations

from bench.headsets.kinds import Case
from bench.headsets.tally import OURS, Row, figures, table
from labcheck.headset.causes import Cause


def row(causes: tuple[Cause, ...], said: str, told: str = "", *, murky: bool = False) -> Row:
    return Row(0, Case(0, causes, murky), {OURS: said, "other": "pass"}, {OURS: told})


ROWS = [
    row((), "pass"),
    row((), "fail", "noise"),
    row((), "not-checked"),
    row((), "not-checked", murky=True),
    row((), "fail", "noise", murky=True),
    row((Cause.HUM,), "fail", "hum"),
    row((Cause.HUM,), "fail", "noise"),
    row((Cause.HUM,), "pass"),
    row((Cause.HUM,), "not-checked", "not-measurable"),
    row((Cause.HUM, Cause.MONO), "fail", "mono"),
]


def test_figures() -> None:
    found = figures(ROWS, OURS)
    assert found["cases"] == 10
    assert found["false_pass"] == 1
    assert found["false_fail"] == 3 / 5
    assert found["wrong_cause"] == 1 / 5
    assert found["by_fault"]["hum"] == {
        "cases": 4, "false_pass": 1, "false_fail": 0, "not_checked": 1, "wrong_cause": 1,
        "told_instead": {"noise": 1},
    }  # fmt: skip
    assert set(found["by_fault"]) == {"healthy", "healthy, murky", "hum", "two faults"}


def test_others_are_counted_alike() -> None:
    assert figures(ROWS, "other")["false_pass"] == 5
    assert figures(ROWS, "other")["false_fail"] == 0


def test_table_has_a_line_for_each_kind() -> None:
    head, lines = table(ROWS)
    assert [line[0] for line in lines] == ["healthy", "healthy, murky", "hum", "two faults"]
    assert all(len(line) == len(head) for line in lines)
