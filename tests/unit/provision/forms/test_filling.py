"""Mappings, what they write into which cell, and what keeps a form from being whole."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from provision.errors import ProblemsError
from provision.forms.book import Place
from provision.forms.filling import Filling, plan_filling
from provision.forms.mapping import FormMapping, read_mapping
from provision.forms.marks import Work
from provision.forms.proof import read
from provision.forms.values import Data
from provision.secret import Secret
from provision.site.model import Exam
from tests.unit.provision.forms.makers import FORM_SHEET, excel

S = "Сведения"
HEAD = "form: questionnaire\nfile: a.xlsx\nfacts: {login: sch1, kind: гимназия, empty: }\n"
MARKS = "form: results\nfile: a.xlsx\nexams: [ma-7a]\nmarks:\n  tasks: {Баллы: 9}\n  signs: [X]\n"
TABLE = "tables:\n  - {sheet: Сведения, rows: results, columns: {Код: code, Баллы: task.Баллы}}\n"


def mapping(tmp_path: Path, text: str) -> FormMapping:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    found, problems = read_mapping(path, ("ma-7a",))
    assert not problems, problems
    assert found
    return found


def mistakes(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    _found, problems = read_mapping(path, ("ma-7a",))
    return [(problem.line, problem.what.format(**problem.params)) for problem in problems]


def fill(tmp_path: Path, text: str, works: list[Work] | None = None, form: str = FORM_SHEET) -> Filling:
    data = Data("Школа № 1", {"7А": 22}, (), dt.date(2027, 4, 15), {"ma-7a": works or []})
    if works is not None:
        data = Data("Школа № 1", {"7А": 22}, (EXAM,), dt.date(2027, 4, 15), {"ma-7a": works})
    return plan_filling(read(excel(xl__worksheets__sheet2_xml=form)), mapping(tmp_path, text), data)


EXAM = Exam.model_validate(
    {
        "id": "ma-7a",
        "subject": "Математика",
        "class": "7А",
        "date": "2027-04-15",
        "start": "09:00",
        "rooms": ["1"],
    }
)


def field(*lines: str) -> str:
    return HEAD + "fields:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


def refused(tmp_path: Path, text: str, form: str = FORM_SHEET) -> list[str]:
    with pytest.raises(ProblemsError) as caught:
        fill(tmp_path, text, form=form)
    return [problem.what.format(**problem.params) for problem in caught.value.problems]


def test_cells_by_heading_name_and_address(tmp_path: Path) -> None:
    made = fill(
        tmp_path,
        field(
            "name: ЛОГИН, value: fact.login",
            "header: вид  оо, value: fact.kind",
            "cell: Сведения!B4, text: '2027'",
            "header: Дата, value: today",
        ),
    )
    assert made.whole
    assert made.edits == {
        Place(S, 2, 2): "sch1",
        Place(S, 3, 2): "Гимназия",  # the form's own spelling of its list
        Place(S, 4, 2): "2027",
        Place(S, 5, 2): 46492.0,  # a date, where the form's rule asks for one
    }


def test_missing_is_a_list_and_a_star_makes_a_field_required(tmp_path: Path) -> None:
    made = fill(tmp_path, field("header: Логин ОО, value: fact.empty, optional: true"))
    assert [lack.place for lack in made.missing] == [f"{S}!B2 (Логин ОО)"]
    assert not made.edits
    made = fill(tmp_path, field("header: Вид ОО, value: fact.kind"))
    assert [str(lack.what) for lack in made.missing] == [
        "the form requires “Логин ОО*”, and the mapping does not fill it"
    ]


def test_what_the_form_does_not_allow_is_refused_with_its_choices(tmp_path: Path) -> None:
    login = "name: ЛОГИН, value: fact.login"
    made = fill(tmp_path, field(login, "header: Вид ОО, text: Академия"))
    assert [str(lack.what) for lack in made.refused] == [
        "“Академия” is not in the form's list: Школа, Гимназия, Лицей"
    ]
    made = fill(tmp_path, field(login, "cell: Сведения!B9, text: '10'"))
    assert len(made.refused) == 1
    assert fill(tmp_path, field(login, "cell: Сведения!B9, text: '9'")).edits[Place(S, 9, 2)] == 9.0


def test_rule_that_only_excel_can_check_is_told(tmp_path: Path) -> None:
    form = FORM_SHEET.replace("<xm:f>Списки!$A$1:$A$3<", "<xm:f>INDIRECT(A1)<")
    made = fill(
        tmp_path, field("name: ЛОГИН, value: fact.login", "header: Вид ОО, text: Академия"), form=form
    )
    assert made.unchecked == [f"{S}!B3 (Вид ОО)"]
    assert made.edits[Place(S, 3, 2)] == "Академия"


def test_cells_of_one_formula_over_several_are_computed_all_of_them(tmp_path: Path) -> None:
    array = '<c r="B8" s="1"><f t="array" ref="B8:B9">A8:A9*2</f><v>0</v></c>'
    form = FORM_SHEET.replace('<c r="B8" s="1"/>', array)
    assert "is computed by the form" in refused(tmp_path, field("cell: Сведения!B9, text: '1'"), form)[0]


def test_mapping_that_does_not_fit_names_its_lines(tmp_path: Path) -> None:
    found = refused(
        tmp_path,
        field(
            "header: Нет такого, value: school.name",
            "name: НЕТ, value: school.name",
            "cell: B2, value: school.name",
            "cell: Сведения!C13, value: school.name",
            "cell: Сведения!A7, value: school.name",
        ),
    )
    assert found == [
        "the form has no heading “Нет такого”",
        "the form has no cell of the name НЕТ",
        "write the cell with its sheet: Сведения!B7",
        "Сведения!C13 (Сведения!C13) is computed by the form; take it out of the mapping",
        "Сведения!A7 (Сведения!A7) is locked by the form; take it out of the mapping",
    ]
    twice = FORM_SHEET.replace('<c r="A13" t="s"><v>13</v>', '<c r="A13" t="s"><v>4</v>')
    assert (
        "is there 2 times (Сведения!A3, Сведения!A13)"
        in refused(tmp_path, field("header: Вид ОО, value: fact.kind"), twice)[0]
    )


def test_mistakes_of_a_mapping_are_found_at_once_with_their_lines(tmp_path: Path) -> None:
    text = (
        "form: anketa\nfile: dir/a.xlsx\nexams: [ma-9]\nextra: 1\nfacts: {a: 1}\nfields:\n"
        "  - {header: x, cell: y, value: school.name}\n  - {header: x, value: fact.b}\n"
        "  - {header: x, value: nothing}\nmarks:\n  tasks: {1: много}\n"
    )
    assert [line for line, _what in mistakes(tmp_path, text)] == [4, 1, 2, 11, 3, 7, 8, 9]


def work(code: str, mark: str = "3", *, absent: bool = False) -> Work:
    return Work(Secret(code), "1", {} if absent else {"Баллы": mark}, absent=absent)


def test_rows_are_filled_in_order_and_too_many_are_refused(tmp_path: Path) -> None:
    works = [work("11111"), work("22222", "X"), work("33333", absent=True)]
    form = FORM_SHEET.replace('t="s"><v>3</v>', 't="s"><v>4</v>', 1)  # without the star
    made = fill(tmp_path, MARKS + TABLE, works[:1], form)
    assert made.edits == {Place(S, 8, 1): "11111", Place(S, 8, 2): 3.0}
    assert made.whole
    made = fill(tmp_path, MARKS + TABLE, works, form)
    assert [lack.place for lack in made.refused] == [f"{S}!B9 (Баллы)"]  # the form's rule: 0 to 9
    assert Place(S, 10, 2) not in made.edits
    with pytest.raises(ProblemsError) as caught:
        fill(tmp_path, MARKS + TABLE, [work(str(n)) for n in range(6)], form)
    (problem,) = caught.value.problems
    assert problem.params == {"free": 5, "rows": 6}


def test_rows_that_have_their_code_already_are_found_by_it(tmp_path: Path) -> None:
    form = FORM_SHEET
    for row, code in ((8, 77777), (9, 22222)):
        form = form.replace(f'<c r="A{row}" s="1"/>', f'<c r="A{row}" s="1"><v>{code}</v></c>')
    made = fill(tmp_path, MARKS + TABLE, [work("22222", "5"), work("99999")], form)
    assert made.edits == {Place(S, 9, 2): 5.0}
    assert made.missing[0].place == f"{S}!8"
    assert [str(lack.what) for lack in made.refused] == ["1 entered codes are not in the form"]


def test_no_message_shows_a_code(tmp_path: Path) -> None:
    form = FORM_SHEET.replace('sqref="B8:B12"><formula1>0<', 'sqref="A8:A12"><formula1>0<')
    made = fill(tmp_path, MARKS + TABLE, [work("54321")], form)
    assert made.refused
    assert "54321" not in str([(lack.place, str(lack.what)) for lack in made.refused + made.missing])
