"""The procedure as data: the shipped one is whole; a school's own is laid over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.errors import ProblemsError
from provision.runbook.model import Proof
from provision.runbook.reading import load_keep, load_procedure

DOMAIN = [*(f"P{n}" for n in range(1, 12)), *(f"D{n}" for n in range(1, 8)), "R1", "A1", "A2", "A3"]


def lines(root: Path, text: str) -> list[str]:
    (root / "procedure.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load_procedure(root)
    for problem in caught.value.problems:
        assert problem.file == root / "procedure.yaml"
        assert problem.cure.format(**problem.params)
    return [f"{p.line}: {p.what.format(**p.params)}" for p in caught.value.problems]


def test_every_row_of_the_domain_is_a_step_in_order(tmp_path: Path) -> None:
    found = load_procedure(tmp_path)
    assert [*found] == [*DOMAIN, "W1"]
    assert {step.proof for step in found.values()} == set(Proof)
    assert found["D1"].by.at == "specialist_start"  # 07:30 is the profile's value, not a constant here


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    before = load_procedure(tmp_path)
    (tmp_path / "procedure.yaml").write_text("# nothing yet\n", encoding="utf-8")
    assert load_procedure(tmp_path) == before


def test_a_school_changes_single_values_and_adds_steps(tmp_path: Path) -> None:
    text = """
steps:
  D2: {by: {at: '07:10'}, second: coordinator}
  P8: {skip: анкету в этом году не заполняем}
  B1: {after: D2, phase: day, title: Позвонить, who: coordinator, by: {at: '07:45'}, proof: person}
keep: {answers: 30}
"""
    (tmp_path / "procedure.yaml").write_text(text, encoding="utf-8")
    found = load_procedure(tmp_path)
    assert f"{found['D2'].by.at}" == "07:10:00"
    assert found["D2"].proof is Proof.CIPHERS
    names = [*found]
    assert names[names.index("D2") + 1] == "B1"
    assert (found["B1"].title.ru, found["B1"].title.en) == ("Позвонить", "Позвонить")
    assert found["P8"].skip
    assert (load_keep(tmp_path).answers, load_keep(tmp_path).materials) == (30, 60)


def test_every_mistake_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """steps:
  D2: {by: {at: '25:10'}}
  P8: {titel: x, who: nobody}
  B1:
    after: D22
    phase: day
    title: {ru: Позвонить}
    by: {at: '07.45', day: 3}
    proof: person
  b2: {}
  P1: 5
  D3: {by: {days: x, at: ready}, page: "http://x"}
keep: {materials: soon}
other: 1
"""
    assert lines(tmp_path, text) == [
        "2: '25:10' is no time",
        "3: 'nobody' is no right value of 'who'",
        "3: there is no key 'titel' here",
        "4: the key 'who' is missing",
        "5: there is no step 'D22'",
        "7: the key 'en' is missing",
        "8: '07.45' is no time",
        "8: there is no key 'day' here",
        "10: 'b2' is no name of a step",
        "11: 'P1' must be a block of keys",
        "12: 'days' must be a whole number, not 'x'",
        "12: 'http://x' is no right value of 'page'",
        "14: there is no key 'other' here",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("steps: [1]\n", "1: the file has no block 'steps'"),
        (
            "steps:\n  D2: {by: {at: '07:10'}}\n  D2: {remind: 3}\n",
            "3: the key 'D2' is here twice (first in line 2)",
        ),
        ("steps:\n  D2: &x {remind: 3}\n", "2: references (& and *) are not used in an inventory"),
    ],
)
def test_a_file_without_the_right_structure(tmp_path: Path, text: str, told: str) -> None:
    assert told in lines(tmp_path, text)


def test_days_of_keeping_are_checked_too(tmp_path: Path) -> None:
    text = "keep:\n  prints: soon\n  print: 3\n"
    (tmp_path / "procedure.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load_keep(tmp_path)
    assert [(p.line, p.what.format(**p.params)) for p in caught.value.problems] == [
        (2, "'prints' must be a whole number, not 'soon'"),
        (3, "there is no key 'print' here"),
    ]
