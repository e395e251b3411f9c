"""Lists of participants as schools keep them, and every mistake in them; names stay out of messages."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.errors import ProblemsError
from provision.secret import Secret
from provision.site.headers import Column, column_of
from provision.site.people import Participant
from provision.site.roster import load_roster
from tests.unit.provision.site.builders import said, workbook

HEAD: list[object] = ["№", "Класс", "ФИО", "Код участника"]
ROWS: list[list[object]] = [
    HEAD,
    [1, "7а", "Ёлкина  Анна\nПетровна", "00123"],
    [2, "7 «Б»", "Смирнов-Оглы Пётр", 20145.0],
]


def mistakes(file: Path) -> list[str]:
    """What is said of the list; empty when it is right."""
    try:
        load_roster(file)
    except ProblemsError as error:
        return said(error)
    return []


def csv(file: Path, text: str, encoding: str = "utf-8") -> Path:
    file.write_bytes(text.encode(encoding))
    return file


def test_a_workbook(tmp_path: Path) -> None:
    roster = load_roster(workbook(tmp_path / "p.xlsx", ("Лист1", ROWS)))
    assert roster.participants == (
        Participant("7А", Secret("Ёлкина Анна Петровна"), 2, code="00123"),
        Participant("7Б", Secret("Смирнов-Оглы Пётр"), 3, code="20145"),
    )
    assert roster.recognised == {"class": "Класс", "name": "ФИО", "code": "Код участника"}


def test_an_old_workbook_under_any_name(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Лист1")
    for r, row in enumerate(ROWS):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    book.save(str(tmp_path / "p.csv"))
    assert [p.code for p in load_roster(tmp_path / "p.csv").participants] == ["00123", "20145"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_tables(encoding: str, delimiter: str, end: str, tmp_path: Path) -> None:
    lines = [("Класс", "Фамилия", "Адрес", "Код"), ("7А", "Ёлкина", '"Мира; 5,\tкв. 1"', "00123")]
    text = end.join(delimiter.join(line) for line in lines) + end
    roster = load_roster(csv(tmp_path / "p.xlsx", text, encoding))
    (pupil,) = roster.participants
    assert (pupil.class_name, pupil.code, pupil.row) == ("7А", "00123", 2)


def test_text_rows_are_counted_as_lines(tmp_path: Path) -> None:
    text = 'Класс;ФИО\n7А;"Первая\nАнна"\n\n7А;Второй Пётр\nседьмой;Третий Иван\n'
    assert mistakes(csv(tmp_path / "p.csv", text)) == [
        (
            "p.csv:6: what stands in the column 'Класс' is no class — "
            "Write a number and a Cyrillic letter, like 7А"
        )
    ]


def test_heading_below_a_title_and_all_columns(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Список участников ВПР"],
        [],
        [
            "Параллель",
            "Литера",
            "Фамилия",
            "Имя",
            "Отчество (при наличии)",
            "Ауд.",
            "Место",
            "А3",
            "Явка",
            "ОВЗ",
        ],
        [7, "А", "Иванова", "Анна", "Петровна", 201, "а1", "+", "", "нет"],
        [7, "А", "Петров", "Иван", None, "каб. 201", "1 Б", "", "н", "крупный шрифт"],
        [7, "А", "Сидоров", "Олег", None, None, None, None, "+", "ЗПР"],
        ["Итого: 3"],
    ]
    pupils = load_roster(workbook(tmp_path / "p.xlsx", ("Лист1", rows))).participants
    assert [(p.class_name, p.room, p.seat) for p in pupils] == [
        ("7А", "201", "1А"),
        ("7А", "201", "1Б"),
        ("7А", None, None),
    ]
    assert [p.large_print for p in pupils] == [True, True, False]
    assert [p.absent for p in pupils] == [False, True, False]
    assert [p.note for p in pupils] == ["", "крупный шрифт", "ЗПР"]
    assert pupils[0].name == Secret("Иванова Анна Петровна")


def test_a_sheet_for_each_class(tmp_path: Path) -> None:
    one: list[list[object]] = [["Фамилия, имя"], ["Иванова Анна"]]
    file = workbook(tmp_path / "p.xlsx", ("7А", one), ("7 б", one), ("Заметки", [["привет"]]))
    roster = load_roster(file)
    assert [(p.class_name, p.row) for p in roster.participants] == [("7А", 2), ("7Б", 2)]
    assert roster.recognised == {"class": "7А, 7 б", "name": "Фамилия, имя"}


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    for name, hidden in (("Лист1", 0), ("Старый", 1)):
        sheet = book.add_sheet(name)
        sheet.visibility = hidden
        for c, (head, value) in enumerate((("Класс", "7А"), ("ФИО", "Иванова Анна"))):
            sheet.write(0, c, head)
            sheet.write(1, c, value)
    book.save(str(tmp_path / "p.xls"))
    assert len(load_roster(tmp_path / "p.xls").participants) == 1


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        *[(h, Column.NAME) for h in ("ФИО", "Ф.И.О.", "Фамилия, имя, отчество", "ФИО участника", "Ученик")],
        *[(h, Column.NAME) for h in ("Ф. И. О. обучающегося", "Фамилия Имя", "фамилия и имя", "Обучающийся")],
        *[(h, Column.CLASS) for h in ("Класс", "класс:", "Параллель", "КЛАСС (литера)")],
        *[(h, Column.ROOM) for h in ("Аудитория", "№ аудитории", "Кабинет", "Номер кабинета", "Ауд.")],
        *[(h, Column.SEAT) for h in ("Место", "Номер места", "Рабочее место", "Место в аудитории")],
        *[(h, Column.CODE) for h in ("Код", "Код участника", "код\nобучающегося", "Код ВПР")],
        *[(h, Column.LARGE_PRINT) for h in ("Крупный шрифт", "A3", "А3", "Формат А3")],
        *[(h, Column.ABSENT) for h in ("Отсутствует", "Н", "Неявка", "Отсутствие")],
        *[(h, None) for h in ("№ п/п", "Дата рождения", "Пол", "Иванов Иван", "", "класс Иванов")],
    ],
)
def test_headings(heading: str, column: Column | None) -> None:
    assert column_of(heading) is column


@pytest.mark.parametrize(
    ("head", "row", "message"),
    [
        (["Класс", "ФИО"], ["", "Тайна"], "the pupil has no class"),
        (["Класс", "ФИО"], ["Тайна", "Тайна"], "what stands in the column 'Класс' is no class"),
        (["Класс", "ФИО"], ["7А", ""], "the row has a class but no name"),
        (["Класс", "ФИО"], ["7А", "12345"], "what stands in place of the name is none"),
        (["Класс", "ФИО"], ["7А", "Тайна: 5"], "what stands in place of the name is none"),
        (["Класс", "ФИО", "Место"], ["7А", "Тайна", "1А"], "the pupil has a seat but no room"),
        (
            ["Класс", "ФИО", "Кабинет", "Место"],
            ["7А", "Тайна", "1", "Тайна"],
            "what stands in the column 'Место' is no seat",
        ),
        (
            ["Класс", "ФИО", "Крупный шрифт"],
            ["7А", "Тайна", "Тайна"],
            "the column 'Крупный шрифт' says neither yes nor no",
        ),
        (
            ["Класс", "ФИО", "Отсутствует"],
            ["7А", "Тайна", "Тайна"],
            "the column 'Отсутствует' says neither yes nor no",
        ),
        (["Класс", "ФИО", "ОВЗ"], ["7А", "Тайна", "да"], "the column 'ОВЗ' says yes, but not what is needed"),
        (["Класс", "ФИО"], ["7А", "Тай\x07на"], "the cell in column 2 holds invisible control characters"),
        (["Класс", "ФИО"], ["7А", "Тайна" * 200], "the cell in column 2 is longer than 500 characters"),
    ],
)
def test_mistakes_in_a_row_name_the_row_and_no_pupil(
    head: list[str], row: list[str], message: str, tmp_path: Path
) -> None:
    text = "\n".join(";".join(cells) for cells in (head, ["7А", "Иванова Анна"], row))
    (found,) = mistakes(csv(tmp_path / "p.csv", text))
    assert found.startswith(f"p.csv:3: {message} — ")
    assert "Тай" not in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "0: no headings were found in the first 20 rows"),
        ("Класс;Пол\n7А;м\n", "0: no headings were found in the first 20 rows"),
        ("Класс;ФИО\n", "1: the list holds no pupil yet"),
        ("ФИО;Пол\nИванова Анна;ж\n", "1: the list has no column with the class"),
        ("Класс;ФИО;Класс\n7А;Иванова Анна;7Б\n", "1: the columns 'Класс' and 'Класс' have the same meaning"),
        ("Класс;ФИО\n" + "7А;Я\n" * 10_001, "10001: the list has more than 10000 rows or 100 columns"),
        ("x;" * 101 + "x", "1: the list has more than 10000 rows or 100 columns"),
        ("a\0b", "0: the file is neither .xlsx, .xls nor .csv"),
    ],
)
def test_lists_that_are_none(text: str, message: str, tmp_path: Path) -> None:
    (found,) = mistakes(csv(tmp_path / "p.csv", text))
    assert found.split(" — ")[0] == f"p.csv:{message}"


def test_no_file(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path / "p.xlsx")
    assert found.startswith("p.xlsx:0: there is no such file — Put the file there")


def test_a_stray_cell_far_away_is_refused_not_laid_out(tmp_path: Path) -> None:
    """calamine would ask for 512 GiB and end the process."""
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.cell(1_048_576, 16_384).value = "x"
    book.save(tmp_path / "p.xlsx")
    (found,) = mistakes(tmp_path / "p.xlsx")
    assert found.startswith("p.xlsx:0: the used area of a sheet is too large")


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            _zip({"xl/workbook.xml": b"<x/>", "a": bytes(101_000_000)}),
            "the workbook unpacks to more than 96 MB",
        ),
        (_zip({"word/document.xml": b"<x/>"}), "the file is neither .xlsx, .xls nor .csv"),
        (_zip({"xl/workbook.xml": b"<x/>"}), "the workbook is damaged or of an unknown kind"),
        (_zip({"xl/workbook.xml": b"<x/>"})[:60], "the workbook is damaged or of an unknown kind"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "the workbook is damaged or of an unknown kind"),
        (bytes(17 * 1024 * 1024), "the file is larger than 16 MB"),
    ],
    ids=["bomb", "other zip", "no workbook", "torn", "damaged xls", "too large"],
)
def test_bombs_and_damage(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "p.xlsx").write_bytes(content)
    (found,) = mistakes(tmp_path / "p.xlsx")
    assert found.startswith(f"p.xlsx:0: {message} — ")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_is_answered(tmp_path: Path, data: st.DataObject) -> None:
    """Bytes of a good workbook or text table changed anywhere: a list or problems, never a crash."""
    good = tmp_path / "good.xlsx"
    if not good.exists():
        workbook(good, ("7А", ROWS))
    source = data.draw(st.sampled_from([good.read_bytes(), "Класс;ФИО\n7А;Иванова\n".encode("cp1251")]))
    damaged = bytearray(source)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "p.xlsx").write_bytes(damaged)
    mistakes(tmp_path / "p.xlsx")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=20), max_size=6), max_size=6))
def test_any_table_is_answered_without_its_cells(tmp_path: Path, cells: list[list[str]]) -> None:
    marked = [["Класс", "ФИО", "Место", "ОВЗ"], *([f"ТАЙНА{c}" for c in row] for row in cells)]
    file = (
        csv(tmp_path / "p.csv", "\n".join(";".join(row) for row in marked), "utf-8-sig")
        if all("".join(row).isprintable() for row in marked)
        else csv(tmp_path / "p.csv", "")
    )
    assert "ТАЙНА" not in " ".join(mistakes(file))


def test_names_do_not_show_in_representations(tmp_path: Path) -> None:
    roster = load_roster(workbook(tmp_path / "p.xlsx", ("Лист1", ROWS)))
    assert "Смирнов" not in repr(roster)
