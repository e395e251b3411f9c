"""Marks: typed, imported, compared; and a form's way from empty to accepted."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pypdf
import pytest

from provision.cli.forms_papers import changes_pdf
from provision.forms import desk, standing
from provision.forms.book import shown
from provision.forms.errors import FormNeedsOffice, FormNotReady, FormRefused, MarksRefused, NoSuchForm
from provision.forms.mapping import MarkRules
from provision.forms.marks import Work, compare
from provision.forms.marks_desk import MarksDesk
from provision.forms.marks_import import as_code, read_marks
from provision.forms.marks_store import SECOND, MarksStore
from provision.forms.proof import read
from provision.forms.standing import State
from provision.forms.typing import typed, work_of
from provision.intake.catalog import catalogue
from provision.intake.model import Kind
from provision.ledger import Ledger, Refs, assignments
from provision.plan.model import Assignment
from provision.secret import Secret
from provision.site.site import Site, open_site
from tests.e2e.site import command_line, environment, example, run

RULES = MarkRules({"1": 1, "2": 2, "3К1": 3}, ("X", "N"), variants=("1", "2"))
CODE = Secret("12345")


def entered(text: str, rules: MarkRules = RULES) -> dict[str, str] | list[str] | None:
    found = work_of(CODE, "1", text, rules)
    if isinstance(found, Work):
        return None if found.absent else dict(found.marks)
    return [str(fault) for fault in found]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("1 2 3", {"1": "1", "2": "2", "3К1": "3"}),
        ("123", {"1": "1", "2": "2", "3К1": "3"}),
        ("12 3", {"1": "1", "2": "2", "3К1": "3"}),
        ("0,х;n", {"1": "0", "2": "X", "3К1": "N"}),  # a Cyrillic х is the sign too
        ("н", None),
        ("12", ["2 marks were typed, the work has 3 tasks"]),
        ("204", ["task 1: 2 points, the most is 1", "task 3К1: 4 points, the most is 3"]),
        ("1 ? 3", ["task 2: “?” is no number of points from 0 to 2, and no sign (X, N)"]),
    ],
)
def test_marks_as_they_are_typed(text: str, marks: dict[str, str] | list[str] | None) -> None:
    assert entered(text) == marks


def test_tasks_of_ten_points_are_typed_apart() -> None:
    rules = MarkRules({"1": 10, "2": 1})
    assert entered("10 1", rules) == {"1": "10", "2": "1"}
    assert entered("101", rules) == ["1 marks were typed, the work has 2 tasks"]


def test_lines() -> None:
    found = typed("12345/2  1 2 3 ")
    assert found
    assert (found.code, found.variant, found.marks) == ("12345", "2", "1 2 3")
    assert typed("12345").marks is None  # type: ignore[union-attr]
    assert typed("  ") is None
    assert as_code("123", r"\d{5}") == Secret("00123")
    assert as_code("абв", r"\d{5}") is None


def test_every_difference_of_two_entries_is_found() -> None:
    first = [Work(CODE, "1", {"1": "1", "2": "2"}), Work(Secret("2"), absent=True), Work(Secret("3"))]
    second = [Work(CODE, "2", {"1": "1", "2": "X"}), Work(Secret("2"), "1", {"1": "0"}), Work(Secret("4"))]
    found = [(one.code.reveal(), one.task, one.first, one.second) for one in compare(first, second)]
    assert found == [
        ("12345", "variant", "1", "2"),
        ("12345", "2", "2", "X"),
        ("2", "", "absent", "present"),
        ("3", "", "entered", "—"),
        ("4", "", "—", "entered"),
    ]
    assert compare(first, first) == []


CSV = "Ведомость;;;;\nКод участника;Вариант;Задание 1;2;3К1\n123;1;1;2;X\n54321;2;н;н;н\n;;;;\n"


def test_tables_are_taken_in_by_their_headings(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV.encode("cp1251"))
    book = openpyxl.Workbook()
    head = ["№", "Код", 1, 2, "3К1", "Вариант"]
    for row in ([None], head, [1, 123, 1, 2, "X", 1], [2, 54321, "н", "н", "н", 2]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    for name in ("a.csv", "a.xlsx"):
        works, faults = read_marks(tmp_path / name, RULES, r"\d{5}")
        assert faults == []
        assert [work.code.reveal() for work in works] == ["00123", "54321"]
        assert dict(works[0].marks) == {"1": "1", "2": "2", "3К1": "X"}
        assert [work.absent for work in works] == [False, True]


def test_faults_of_a_table_name_rows_and_no_codes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Код;1;2;3К1\n11111;5;2;3\n11111;1;2;3\n22222;;2;3\nбез кода;1;1;1\n", encoding="utf-8")
    _works, faults = read_marks(path, RULES, r"\d{5}")
    told = [f"{fault.where} {fault.what}" for fault in faults]
    assert told == [
        "row 2 task 1: 5 points, the most is 1",
        "row 3 the same code stands in row 2",
        "row 4 task 1: no mark",
        "row 5 there is no participant code",
    ]
    path.write_text("Код;1;2\n", encoding="utf-8")
    with pytest.raises(MarksRefused):
        read_marks(path, RULES, r"\d{5}")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("forms"))


@pytest.fixture
def site(school: Path, tmp_path: Path) -> Site:
    return open_site(Path(shutil.copytree(school, tmp_path / "school")))


def deal(site: Site, ledger: Ledger, exam: str, codes: dict[str, str]) -> None:
    refs = Refs.of_site(site.state, fresh=True)
    assignments.record(
        ledger,
        [
            Assignment(exam, f"pupil{n}", "201", "1А", refs.code(code), variant, n, f"201-{n:02}")
            for n, (code, variant) in enumerate(codes.items(), 1)
        ],
    )


def test_work_is_held_against_what_was_dealt(site: Site) -> None:
    ledger = Ledger(site.state)
    deal(site, ledger, "ma-7a", {"11111": "1", "22222": "2"})
    marks = MarksDesk(site, ledger, "ma-7a", MarksStore(site.state))
    assert marks.variant_of(Secret("22222")) == "2"
    tasks = dict.fromkeys(marks.rules.tasks, "1")
    assert [str(one) for one in marks.faults(Work(Secret("33333"), "1", tasks))] == [
        "this code was not dealt at this exam"
    ]
    assert [str(one) for one in marks.faults(Work(Secret("22222"), "1", tasks))] == [
        "variant 1: this code was dealt variant 2"
    ]
    marks.put(1, "Петрова", [Work(Secret("11111"), "1", tasks)], "typed")
    found = marks.sum()
    assert (found.first, found.points, found.most, found.unmarked) == (1, 16, 19, 1)


def test_second_entry_is_another_persons_and_is_compared(site: Site) -> None:
    ledger = Ledger(site.state)
    marks = MarksDesk(site, ledger, "ma-7a", MarksStore(site.state))
    tasks = dict.fromkeys(marks.rules.tasks, "1")
    marks.put(1, "Петрова", [Work(CODE, "1", tasks)], "typed")
    with pytest.raises(MarksRefused):
        marks.put(SECOND, "петрова", [Work(CODE, "1", tasks)], "typed")
    marks.put(SECOND, "Орлов", [Work(CODE, "1", {**tasks, "5": "0"})], "typed")
    assert [(one.task, one.first, one.second) for one in marks.sum().differences] == [("5", "1", "0")]
    _works, lacks = desk.entered(marks.mapping, MarksStore(site.state))
    assert [str(lack.what) for lack in lacks] == ["the two entries differ in 1 places"]
    marks.put(SECOND, "Орлов", [Work(CODE, "1", tasks)], "typed")  # typed again, corrected
    assert desk.entered(marks.mapping, MarksStore(site.state))[1] == []


def test_marks_are_kept_for_the_owner_alone_and_stay_out_of_the_record(site: Site) -> None:
    ledger = Ledger(site.state)
    marks = MarksDesk(site, ledger, "ma-7b", MarksStore(site.state))
    marks.put(1, "Петрова", [Work(CODE, "1", dict.fromkeys(marks.rules.tasks, "1"))], "typed")
    kept = list((site.state / "marks").iterdir())
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
    assert (site.state / "marks").stat().st_mode & 0o777 == 0o700
    assert MarksStore(site.state).works("ma-7b")[0].code == CODE
    assert "12345" not in str([(event.subject, event.body) for event in ledger.events()])
    kept[0].write_text("{")
    with pytest.raises(MarksRefused):
        MarksStore(site.state).works("ma-7b")


def test_form_from_empty_to_accepted(site: Site) -> None:
    """One LibreOffice start: the application has a sum."""
    ledger = Ledger(site.state)
    mapping = desk.named(site, "app")

    def states() -> dict[str, State]:
        return {one.mapping.key: one.state for one in standing.statuses(site, ledger)}

    assert states() == {"application": State.TO_FILL, "results-ma-7": State.TO_FILL}
    with pytest.raises(FormNotReady):
        standing.uploaded(site, ledger, mapping, None, "Петрова")
    source = (site.root / "forms" / "Форма-заявка.xls").read_bytes()
    done = desk.filled(site, mapping)
    assert done.filling.whole
    assert done.proof
    path = desk.keep(site, ledger, done, "Петрова", draft=False)
    assert path.name == "Форма-заявка.xls"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (site.root / "forms" / "Форма-заявка.xls").read_bytes() == source
    assert any(change.computed and change.after == "43" for change in done.proof.changes)
    assert states()["application"] is State.FILLED
    with pytest.raises(FormNotReady):
        standing.accepted(ledger, mapping, "Петрова")
    assert standing.uploaded(site, ledger, mapping, None, "Петрова").sha256 == done.proof.filled
    assert states()["application"] is State.UPLOADED
    standing.accepted(ledger, mapping, "Петрова")
    assert states()["application"] is State.ACCEPTED
    assert desk.compared(site, mapping, path).faults == ()
    # a form downloaded anew is to be filled anew, until somebody says it was uploaded
    desk.keep(site, ledger, done, "Петрова", draft=False)
    (site.root / "forms" / "Форма-заявка.xls").write_bytes(path.read_bytes())
    assert states()["application"] is State.CHANGED


def test_forms_are_found_in_the_inbox_and_never_guessed(site: Site) -> None:
    mapping = desk.named(site, "results-ma-7")
    here = site.inbox / "форма сбора результатов ма7 (1).xlsx"
    (site.root / "forms" / "Форма сбора результатов МА7.xlsx").rename(here)
    assert desk.found_file(site, mapping) == here
    (site.inbox / "Форма сбора результатов МА7 (2).xlsx").write_bytes(b"PK")
    with pytest.raises(FormRefused):
        desk.found_file(site, mapping)
    with pytest.raises(NoSuchForm):
        desk.named(site, "анкета")


def test_form_that_is_not_whole_is_written_as_a_draft_only(site: Site) -> None:
    mapping = site.root / "forms" / "application.yaml"
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace("login: sch770012", "login:"), encoding="utf-8")
    told = run(site.root, "forms", "fill", "application", "--json")
    assert told.code == 7
    assert told.json["written"] == []
    assert [lack["place"] for lack in told.json["missing"]] == ["Заявка!B3 (ЛОГИН)"]
    assert not list(site.out.rglob("*.xls"))


def test_marks_are_typed_on_a_keyboard_and_shown_without_codes_in_json(site: Site) -> None:
    done = subprocess.run(
        command_line(site.root, "forms", "results", "ma-7a", "--enter", "--json"),
        input="12345/1 1111111112111212\n54321 н\n11111/1 99\n\n",
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    (told,) = json.loads(done.stdout)["exams"]
    assert (told["works"], told["absent"], told["points"], told["most"]) == (2, 1, 19, 19)
    assert "2 marks were typed, the work has 16 tasks" in done.stderr
    assert "12345" not in done.stdout


def test_forms_in_the_inbox_are_known_and_are_no_lists_of_codes(site: Site) -> None:
    for path in (site.root / "forms").glob("*.xls*"):
        shutil.copy(path, site.inbox)
    found = {
        arrival.path.suffix: arrival.kind for arrival in catalogue(site.inbox, site.inventory).arrivals[-2:]
    }
    assert found == {".xls": Kind.FORM, ".xlsx": Kind.FORM}


def test_results_form_holds_what_was_entered_and_its_paper_says_so(site: Site) -> None:
    ledger = Ledger(site.state)
    deal(site, ledger, "ma-7a", {"00111": "1", "22222": "2"})
    marks = MarksDesk(site, ledger, "ma-7a", MarksStore(site.state))
    tasks = dict.fromkeys(marks.rules.tasks, "1")
    marks.put(1, "Петрова", [Work(Secret("00111"), "1", {**tasks, "5": "X"})], "typed")
    marks.put(1, "Петрова", [Work(Secret("22222"), absent=True)], "typed")
    done = desk.filled(site, marks.mapping, MarksStore(site.state))
    assert done.content
    sheet = read(done.content).sheet("Результаты")
    assert sheet
    row = [shown(sheet.cell(8, column).value) for column in range(1, 23)]
    assert row == ["1", "00111", "7А", "1", "Был", "1", "1", "1", "1", "X", *["1"] * 11, "15"]
    absent = [shown(sheet.cell(9, column).value) for column in range(1, 23)]
    assert absent == ["2", "22222", "7А", "", "Не был", *[""] * 17]
    paper = pypdf.PdfReader(io.BytesIO(changes_pdf(site, done)))
    text = " ".join(page.extract_text() for page in paper.pages)
    assert "00111 · 7А · 1 · Был" in text
    assert "= 15" in text
    assert done.proof
    assert done.proof.source in text


def test_form_with_sums_needs_libreoffice_and_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FormNeedsOffice):
        desk.filled(site, desk.named(site, "application"))


@pytest.mark.parametrize("file", ["Форма-заявка.xls", "Форма сбора результатов МА7.xlsx"])
def test_drafted_mapping_fits_its_form_and_lacks_what_only_people_know(site: Site, file: str) -> None:
    for old in (site.root / "forms").glob("*.yaml"):
        old.unlink()
    path = desk.draft_mapping(site, "draft", site.root / "forms" / file)
    done = desk.planned(site, desk.named(site, "draft"), MarksStore(site.state))
    assert not done.filling.refused
    assert "Логин" in path.read_text(encoding="utf-8")
    assert any(
        "Логин" in str(lack) or "B3" in lack.place or "C3" in lack.place for lack in done.filling.missing
    )
    with pytest.raises(FormNotReady):
        desk.draft_mapping(site, "draft", site.root / "forms" / file)
