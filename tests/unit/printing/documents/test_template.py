"""Downloaded protocol templates, filled in place."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.styles import Border, Font, Side
from PIL import Image

from printing.documents import office
from printing.documents.columns import Column, recognise
from printing.documents.room import RoomSheet
from printing.documents.template import fill_protocol_template
from printing.errors import TemplateRefused
from tests.unit.printing.documents.rooms import room

HEADS = ("№ п/п", "ФИО участника", "Код участника", "Вариант", "Примечание")


def _docx(heads: Sequence[str] = HEADS, rows: int = 10, *, below: bool = True) -> bytes:
    document = docx.Document()
    document.add_heading("Протокол проведения ВПР")
    document.add_paragraph("Кабинет: ________")
    signatures = document.add_table(rows=1, cols=2)
    signatures.rows[0].cells[0].text = "ФИО"
    signatures.rows[0].cells[1].text = "ФИО"
    table = document.add_table(rows=1 + rows, cols=len(heads))
    table.style = "Table Grid"
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.text = head
        cell.paragraphs[0].runs[0].bold = True
    for number, row in enumerate(table.rows[1:], start=1):
        row.cells[0].text = str(number)
    if below:
        document.add_paragraph("Организатор в аудитории ____________ /____________/")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _docx_rows(document: bytes) -> list[list[str]]:
    table = docx.Document(io.BytesIO(document)).tables[1]
    return [[cell.text for cell in row.cells] for row in table.rows]


def _xlsx(
    heads: Sequence[str] = HEADS, rows: int = 10, *, below: bool = True, formula: bool = False
) -> bytes:
    book = openpyxl.Workbook()
    other = book.active
    other.title = "Инструкция"
    other["A1"] = "Заполните второй лист"
    sheet = book.create_sheet("Протокол")
    sheet["A1"] = "Протокол проведения ВПР"
    sheet.merge_cells("A1:E1")
    thin = Side(style="thin")
    for row in range(3, 4 + rows):
        for column, head in enumerate(heads, start=1):
            cell = sheet.cell(row, column, head if row == 3 else None)
            cell.border = Border(thin, thin, thin, thin)
            cell.font = Font(name="Arial", size=11)
        sheet.row_dimensions[row].height = 21
    if below:
        sheet.cell(6 + rows, 2, "Организатор в аудитории")
        sheet.merge_cells(start_row=6 + rows, end_row=6 + rows, start_column=2, end_column=4)
    if formula:
        sheet.cell(8 + rows, 2, "=COUNTA(C4:C13)")
    sheet.print_area = f"A1:E{6 + rows}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _xlsx_rows(workbook: bytes) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook))["Протокол"]
    return [list(row) for row in sheet.iter_rows(min_row=3, values_only=True)]


def _wanted(sheet: RoomSheet) -> list[tuple[str, str, str, str]]:
    lines = (*sheet.seats, *sheet.spares)
    return [
        (str(number), line.name if sheet.with_names else "", line.code, line.variant)
        for number, line in enumerate(lines, start=1)
    ]


def _others_unchanged(before: bytes, after: bytes, changed: set[str]) -> None:
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        assert old.namelist() == new.namelist()
        assert {name for name in old.namelist() if old.read(name) != new.read(name)} == changed


@pytest.mark.parametrize("pupils", [1, 9, 25, 40])
@pytest.mark.parametrize("named", [False, True])
def test_docx_is_filled_and_nothing_else_changes(pupils: int, named: bool) -> None:
    template = _docx()
    sheet = room(pupils, with_names=named)
    filled = fill_protocol_template(template, "docx", sheet)
    rows = _docx_rows(filled)
    assert rows[0] == list(HEADS)
    assert [tuple(row[:4]) for row in rows[1 : pupils + 2]] == _wanted(sheet)
    assert [row[1:] for row in rows[pupils + 2 :]] == [["", "", "", ""]] * max(0, 9 - pupils)
    _others_unchanged(template, filled, {"word/document.xml"})
    texts = [paragraph.text for paragraph in docx.Document(io.BytesIO(filled)).paragraphs]
    assert texts == [paragraph.text for paragraph in docx.Document(io.BytesIO(template)).paragraphs]


def test_docx_keeps_the_type_of_its_cells() -> None:
    document = docx.Document(io.BytesIO(_docx(rows=1)))
    cell = document.tables[1].rows[1].cells[2]
    cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = cell.paragraphs[0].add_run("")
    run.font.name, run.font.size = "Courier New", Pt(16)
    out = io.BytesIO()
    document.save(out)
    filled = docx.Document(io.BytesIO(fill_protocol_template(out.getvalue(), "docx", room(3))))
    for row in filled.tables[1].rows[1:]:
        paragraph = row.cells[2].paragraphs[0]
        assert paragraph.alignment == WD_ALIGN_PARAGRAPH.CENTER
        assert (paragraph.runs[0].font.name, paragraph.runs[0].font.size) == ("Courier New", Pt(16))


def test_docx_with_a_row_that_numbers_the_columns() -> None:
    document = docx.Document(io.BytesIO(_docx(rows=5)))
    for number, cell in enumerate(document.tables[1].rows[1].cells, start=1):
        cell.text = str(number)
    out = io.BytesIO()
    document.save(out)
    rows = _docx_rows(fill_protocol_template(out.getvalue(), "docx", room(6)))
    assert rows[1] == ["1", "2", "3", "4", "5"]
    assert [row[2] for row in rows[2:]] == [code for _, _, code, _ in _wanted(room(6))]


def test_docx_with_heads_merged_over_two_rows() -> None:
    document = docx.Document(io.BytesIO(_docx(rows=5)))
    table = document.tables[1]
    table.rows[1].cells[0].text = ""
    for column in range(4):
        text = table.cell(0, column).text
        table.cell(0, column).merge(table.cell(1, column)).text = text
    table.cell(1, 4).text = "(если есть)"
    out = io.BytesIO()
    document.save(out)
    rows = _docx_rows(fill_protocol_template(out.getvalue(), "docx", room(6)))
    assert [row[2] for row in rows[2:]] == [code for _, _, code, _ in _wanted(room(6))]


@pytest.mark.parametrize("pupils", [1, 9, 25, 40])
@pytest.mark.parametrize("named", [False, True])
def test_xlsx_is_filled_and_nothing_else_changes(pupils: int, named: bool) -> None:
    template = _xlsx()
    sheet = room(pupils, with_names=named)
    filled = fill_protocol_template(template, "xlsx", sheet)
    rows = _xlsx_rows(filled)
    assert rows[0] == list(HEADS)
    written = [tuple("" if cell is None else str(cell) for cell in row[:4]) for row in rows[1 : pupils + 2]]
    assert written == _wanted(sheet)
    more = max(0, pupils + 1 - 10)
    assert rows[13 + more][1] == "Организатор в аудитории"
    changed = {"xl/worksheets/sheet2.xml"} | ({"xl/workbook.xml"} if more else set())
    _others_unchanged(template, filled, changed)
    opened = openpyxl.load_workbook(io.BytesIO(filled))["Протокол"]
    assert opened.print_area == f"'Протокол'!$A$1:$E${16 + more}"
    assert {str(area) for area in opened.merged_cells.ranges} == {"A1:E1", f"B{16 + more}:D{16 + more}"}
    last = opened.cell(4 + pupils, 3)
    assert (last.font.name, last.border.bottom.style, last.data_type) == ("Arial", "thin", "s")
    assert opened.row_dimensions[4 + pupils].height == 21


def test_xlsx_keeps_leading_zeros_and_pictures() -> None:
    book = openpyxl.load_workbook(io.BytesIO(_xlsx(rows=10, below=False)))
    picture = io.BytesIO()
    Image.new("L", (8, 8)).save(picture, "PNG")
    picture.seek(0)
    book["Протокол"].add_image(SheetImage(picture), "G1")
    out = io.BytesIO()
    book.save(out)
    sheet = room(1, spares=0)
    object.__setattr__(sheet.seats[0], "code", "00123")
    filled = fill_protocol_template(out.getvalue(), "xlsx", sheet)
    assert _xlsx_rows(filled)[1][2] == "00123"
    assert len(openpyxl.load_workbook(io.BytesIO(filled))["Протокол"]._images) == 1
    _others_unchanged(out.getvalue(), filled, {"xl/worksheets/sheet2.xml"})


def test_xlsx_that_formulas_refer_to_is_not_stretched() -> None:
    template = _xlsx(formula=True)
    assert fill_protocol_template(template, "xlsx", room(9))
    with pytest.raises(TemplateRefused) as refused:
        fill_protocol_template(template, "xlsx", room(12))
    assert refused.value.params == {"rows": 3}


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_missing_head_is_named(kind: str) -> None:
    make = _docx if kind == "docx" else _xlsx
    for lost, name in ((1, "ФИО"), (2, "Код")):
        heads = [*HEADS[:lost], "Подпись", *HEADS[lost + 1 :]]
        with pytest.raises(TemplateRefused) as refused:
            fill_protocol_template(make(heads), kind, room(3))  # type: ignore[arg-type]
        assert refused.value.params == {"heads": name}


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_doubt_is_refused(kind: str) -> None:
    make = _docx if kind == "docx" else _xlsx
    twice = ("№", "ФИО", "Код", "Код участника", "Вариант")
    with pytest.raises(TemplateRefused, match="two columns"):
        fill_protocol_template(make(twice), kind, room(3))  # type: ignore[arg-type]
    with pytest.raises(TemplateRefused, match="no empty row"):
        fill_protocol_template(make(HEADS, 0, below=False), kind, room(3))  # type: ignore[arg-type]
    with pytest.raises(TemplateRefused, match="not a readable"):
        fill_protocol_template(b"PK\x03\x04 not a document", kind, room(3))  # type: ignore[arg-type]


def test_two_tables_that_fit_are_refused() -> None:
    document = docx.Document(io.BytesIO(_docx()))
    table = document.add_table(rows=2, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Код", "ФИО"
    out = io.BytesIO()
    document.save(out)
    with pytest.raises(TemplateRefused, match="2 tables"):
        fill_protocol_template(out.getvalue(), "docx", room(3))


@pytest.mark.parametrize(
    ("head", "column"),
    [
        ("№", Column.NUMBER),
        ("№ п/п", Column.NUMBER),
        ("№п/п", Column.NUMBER),
        ("Код", Column.CODE),
        ("КОД УЧАСТНИКА ВПР", Column.CODE),
        ("Код обучающегося", Column.CODE),
        ("Индивидуальный код участника", Column.CODE),
        ("Ф.И.О.", Column.NAME),
        ("ФИО\nучащегося", Column.NAME),
        ("Фамилия, имя, отчество участника", Column.NAME),
        ("Фамилия, имя", Column.NAME),
        ("Участник", Column.NAME),
        ("Вариант", Column.VARIANT),
        ("Номер варианта", Column.VARIANT),
        ("Место", Column.SEAT),
        ("Код ОО", None),
        ("ФИО организатора", None),
        ("Номер участника", None),
        ("Подпись", None),
        (None, None),
        (3, None),
    ],
)
def test_heads_in_usual_spellings(head: object, column: Column | None) -> None:
    assert recognise(head) is column


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_template_that_libreoffice_wrote(kind: str, tmp_path: Path) -> None:
    source = tmp_path / f"template.{kind}"
    source.write_bytes(_docx() if kind == "docx" else _xlsx())
    out = tmp_path / "out"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    template = (out / source.name).read_bytes()
    sheet = room(25, with_names=True)
    filled = fill_protocol_template(template, kind, sheet)  # type: ignore[arg-type]
    rows = _docx_rows(filled) if kind == "docx" else _xlsx_rows(filled)
    assert [tuple(str(cell) for cell in row[:4] if cell is not None) for row in rows[1:27]] == [
        tuple(cell for cell in row if cell or kind == "docx") for row in _wanted(sheet)
    ]
    pdf = office.to_pdf(filled, f".{kind}")
    assert pdf.startswith(b"%PDF-")
