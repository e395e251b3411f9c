from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
import xlwt
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import printing.fonts
from provision.intake.codes import entries_for, read_codes
from provision.intake.errors import CodesRefused, IntakeError
from provision.site.model import Exam

PATTERN = r"\d{5}"
Rows = Sequence[Sequence[object]]
LIST: Rows = [
    ["Коды участников ВПР"],
    [],
    ["№", "Код участника", "Класс", "Предмет"],
    [1, "00123", "7А", "Математика"],
    [2, "45678", "7 «а»", "Математика"],
    [3, "90001", "7Б", "Русский язык"],
]
GRID: Rows = [["10001", "10002", "00003"], ["10004", "10005", ""]]


def xlsx(rows: Rows, title: str = "Лист1") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows: Rows) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Лист1")
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            sheet.write(y, x, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text(delimiter: str, encoding: str) -> Callable[[Rows], bytes]:
    return lambda rows: "\r\n".join(delimiter.join(map(str, row)) for row in rows).encode(encoding)


def pdf(rows: Rows, *, column: float = 42, borders: bool = True) -> bytes:
    """A page as reportlab prints it: cells of ``column`` mm, centred text, 12 pt."""
    out = io.BytesIO()
    font = Path(printing.fonts.__file__).parent / "PTS55F.ttf"
    pdfmetrics.registerFont(TTFont("PTS", str(font)))
    canvas = Canvas(out)
    canvas.setFont("PTS", 12)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            left, bottom = 10 * mm + x * column * mm, 280 * mm - y * 9 * mm
            if borders:
                canvas.rect(left, bottom - 2 * mm, column * mm, 9 * mm)
            canvas.drawCentredString(left + column * mm / 2, bottom, str(cell))
    canvas.save()
    return out.getvalue()


FORMATS: dict[str, Callable[[Rows], bytes]] = {
    "xlsx": xlsx,
    "xls": xls,
    "csv utf-8 ;": text(";", "utf-8"),
    "csv utf-8 bom ,": text(",", "utf-8-sig"),
    "csv cp1251 ;": text(";", "cp1251"),
    "csv utf-16 tab": text("\t", "utf-16"),
    "pdf": pdf,
}


def put(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "download"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", FORMATS)
def test_a_list_is_read_by_its_header(tmp_path: Path, kind: str) -> None:
    found = read_codes(put(tmp_path, FORMATS[kind](LIST)), PATTERN)
    assert [(e.code, e.class_name, e.subject) for e in found.entries] == [
        ("00123", "7А", "Математика"),
        ("45678", "7А", "Математика"),
        ("90001", "7Б", "Русский язык"),
    ]
    assert found.recognised == {"code": "Код участника", "class": "Класс", "subject": "Предмет"}
    assert len({e.place for e in found.entries}) == 3


@pytest.mark.parametrize("kind", FORMATS)
def test_a_grid_to_be_cut_is_read_row_by_row(tmp_path: Path, kind: str) -> None:
    found = read_codes(put(tmp_path, FORMATS[kind](GRID)), PATTERN)
    assert [e.code for e in found.entries] == ["10001", "10002", "00003", "10004", "10005"]
    assert "grid" in found.recognised


@pytest.mark.parametrize("build", [xlsx, xls, text(";", "cp1251")])
def test_numbers_get_their_zeros_back(tmp_path: Path, build: Callable[[Rows], bytes]) -> None:
    found = read_codes(put(tmp_path, build([["Код"], [123], [45678], [7]])), PATTERN)
    assert [e.code for e in found.entries] == ["00123", "45678", "00007"]
    assert found.recognised["zeros"] == "2"


def test_zeros_in_doubt_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CodesRefused, match="zeros"):
        read_codes(put(tmp_path, xlsx([["Код"], [123]])), r"\d{4,5}")


def test_running_numbers_are_no_codes(tmp_path: Path) -> None:
    with pytest.raises(CodesRefused, match="running numbers"):
        read_codes(put(tmp_path, xlsx([["Код"], [1], [2], [3]])), PATTERN)


def test_a_title_above_is_no_header(tmp_path: Path) -> None:
    rows: Rows = [["Код участника"], ["№", "Код"], [1, "11111"]]
    assert [e.code for e in read_codes(put(tmp_path, xlsx(rows)), PATTERN).entries] == ["11111"]


def test_a_code_twice_is_kept_for_the_plan_to_refuse(tmp_path: Path) -> None:
    found = read_codes(put(tmp_path, xlsx([["Код"], ["11111"], ["22222"], ["11111"]])), PATTERN)
    assert [(e.code, e.place) for e in found.entries if e.code == "11111"] == [
        ("11111", "Лист1!A2"),
        ("11111", "Лист1!A4"),
    ]


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["Код"], ["11111"], ["1111"]], "Лист1!A3"),
        ([["Код"], ["11111"], ["1111O"]], "Лист1!A3"),
        ([["Код", "Класс"], ["11111", "7А"], ["", "7А"]], "Лист1!A3"),
        ([["11111", "22222"], ["33333", "Иванов"]], "Лист1!B2"),
        ([["11111", "22222"], ["33333", 44]], "Лист1!B2"),
        ([["11111", "22222 33333"], ["44444"]], "Лист1!B1"),
    ],
)
def test_doubt_is_refused_by_the_cell(tmp_path: Path, rows: Rows, place: str) -> None:
    with pytest.raises(CodesRefused) as error:
        read_codes(put(tmp_path, xlsx(rows)), PATTERN)
    assert error.value.params["place"] == place
    assert "Иванов" not in str(error.value)


def test_two_columns_of_codes_side_by_side(tmp_path: Path) -> None:
    rows: Rows = [["№", "Код", "№", "Код"], [1, "11111", 3, "33333"], [2, "22222", "", ""]]
    found = read_codes(put(tmp_path, xlsx(rows)), PATTERN)
    assert [e.code for e in found.entries] == ["11111", "33333", "22222"]


def test_a_code_of_something_else_is_no_header(tmp_path: Path) -> None:
    rows = [["Код ОО", "Код участника"], ["99999", "11111"], ["99999", "22222"]]
    assert [e.code for e in read_codes(put(tmp_path, xlsx(rows)), PATTERN).entries] == ["11111", "22222"]


def test_the_class_may_stand_in_the_title_the_sheet_or_the_cell(tmp_path: Path) -> None:
    titled = read_codes(put(tmp_path, xlsx([["Коды, 7 «Б» класс"], ["Код"], ["11111"]])), PATTERN)
    assert titled.entries[0].class_name == "7Б"
    sheet = read_codes(put(tmp_path, xlsx([["Код"], ["11111"]], "7В")), PATTERN)
    assert sheet.entries[0].class_name == "7В"
    cell = read_codes(put(tmp_path, xlsx([["7А\n11111", "7Б\n22222"]])), PATTERN)
    assert [e.class_name for e in cell.entries] == ["7А", "7Б"]


def test_a_pdf_table_goes_on_over_pages(tmp_path: Path) -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    for page in range(2):
        if page == 0:
            canvas.drawString(50, 800, "N")
            canvas.drawString(150, 800, "Code")
        for row in range(20):
            canvas.drawString(50, 780 - 20 * row, str(page * 20 + row + 1))
            canvas.drawString(150, 780 - 20 * row, f"{page * 20 + row:05}")
        canvas.showPage()
    canvas.save()
    found = read_codes(put(tmp_path, out.getvalue()), PATTERN)
    assert [e.code for e in found.entries] == [f"{n:05}" for n in range(40)]
    assert str(found.entries[25].place) == "page 2, row 6, column 2"


def test_a_dense_pdf_grid_without_lines(tmp_path: Path) -> None:
    rows = [[f"{y}{x}{y}{x}{y}" for x in range(8)] for y in range(1, 9)]
    found = read_codes(put(tmp_path, pdf(rows, column=22, borders=False)), PATTERN)
    assert [e.code for e in found.entries] == [code for row in rows for code in row]


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4 broken", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b""]
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(IntakeError):
        read_codes(put(tmp_path, content), PATTERN)


def test_a_text_without_codes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodesRefused, match="neither a column"):
        read_codes(put(tmp_path, "Дорогие ребята!".encode()), PATTERN)


def test_entries_are_dealt_to_their_exam(tmp_path: Path) -> None:
    rows = [
        ["Код", "Класс", "Предмет"],
        ["11111", "7", "МА"],
        ["22222", "7Б", "МА"],
        ["33333", "7А", "РУ"],
        ["44444"],
    ]
    found = read_codes(put(tmp_path, xlsx(rows)), PATTERN)
    exam = Exam.model_validate(
        {
            "id": "ma-7a",
            "subject": "Математика",
            "class": "7А",
            "date": "2026-04-14",
            "start": "09:00",
            "rooms": ["204"],
        }
    )
    assert [e.code for e in entries_for(found, exam)] == ["11111", "44444"]
