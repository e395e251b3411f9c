"""What is bold in a downloaded briefing is bold on paper, and nothing else is."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pypdf import PdfReader

from printing.documents.briefing import briefing
from printing.documents.briefing_docx import BriefingRefused, blocks_of_docx
from printing.documents.plaintext import Kind, blocks
from printing.documents.spans import Face
from provision.example import letters
from tests.unit.printing.documents.reading import texts
from tests.unit.printing.documents.rooms import room, russian

SANS, BOLD, ITALIC, BOLD_ITALIC = Face.SANS, Face.BOLD, Face.ITALIC, Face.BOLD_ITALIC


@pytest.fixture
def document() -> Any:
    return docx.Document()


def _bytes(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _read(document: Any) -> list[tuple[tuple[str, Face], ...]]:
    """Each block's label and text in its faces."""
    return [
        tuple((text, face) for text, face in (*block.label, *block.spans))
        for block in blocks_of_docx(_bytes(document))
    ]


def _style(document: Any, name: str, kind: WD_STYLE_TYPE, bold: bool | None, base: Any = None) -> Any:
    style = document.styles.add_style(name, kind)
    style.font.bold = bold
    if base is not None:
        style.base_style = base
    return style


def _faces(pdf: bytes) -> dict[str, str]:
    """The text drawn in each font, without its white space."""
    found: dict[str, str] = {}

    def visit(text: str, _cm: object, _tm: object, font: Any, _size: float) -> None:
        name = "" if font is None else re.sub(r"^/[A-Z0-9]+\+", "", font["/BaseFont"])
        found[name] = found.get(name, "") + "".join(text.split())

    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_text=visit)
    return found


def _squeezed(texts: list[str]) -> str:
    return "".join("".join(texts).split())


def test_runs_say_it(document: Any) -> None:
    paragraph = document.add_paragraph("Сделать паузу. ")
    paragraph.add_run("Ребята, ").bold = True
    paragraph.add_run("пере").bold = True
    paragraph.add_run("ры").italic = True
    both = paragraph.add_run("ва не будет.")
    both.bold = both.italic = True
    assert _read(document) == [
        (("Сделать паузу. ", SANS), ("Ребята, пере", BOLD), ("ры", ITALIC), ("ва не будет.", BOLD_ITALIC))
    ]


def test_styles_say_it_and_what_they_are_based_on(document: Any) -> None:
    aloud = _style(document, "Aloud", WD_STYLE_TYPE.PARAGRAPH, True)
    heir = _style(document, "Heir", WD_STYLE_TYPE.PARAGRAPH, None, aloud)
    quiet = _style(document, "Quiet", WD_STYLE_TYPE.PARAGRAPH, False, aloud)
    for style in (aloud, heir, quiet):
        document.add_paragraph("Читаем вслух.", style=style).add_run(" Пауза.").bold = False
    document.add_heading("Начало работы", level=1)
    strong = document.add_paragraph("Положите ")
    strong.add_run("телефоны", style="Strong")
    strong.add_run(" в сумку", style="Emphasis")
    assert _read(document) == [
        (("Читаем вслух. ", BOLD), ("Пауза.", SANS)),
        (("Читаем вслух. ", BOLD), ("Пауза.", SANS)),
        (("Читаем вслух. Пауза.", SANS),),
        (("Начало работы", BOLD),),
        (("Положите ", SANS), ("телефоны ", BOLD), ("в сумку", ITALIC)),
    ]


def test_styles_toggle_each_other(document: Any) -> None:
    aloud = _style(document, "Aloud", WD_STYLE_TYPE.PARAGRAPH, True)
    plain_words = _style(document, "Plain words", WD_STYLE_TYPE.CHARACTER, False)
    paragraph = document.add_paragraph("Вслух. ", style=aloud)
    paragraph.add_run("Не вслух. ", style="Strong")
    paragraph.add_run("И это нет. ", style=plain_words)
    paragraph.add_run("Снова вслух.", style="Strong").bold = True
    assert _read(document) == [
        (("Вслух. ", BOLD), ("Не вслух. И это нет. ", SANS), ("Снова вслух.", BOLD)),
    ]


def test_defaults_of_the_document(document: Any) -> None:
    (defaults,) = document.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr")
    defaults.append(parse_xml(f"<w:b {nsdecls('w')}/>"))
    document.add_paragraph("Вслух. ").add_run("Тоже вслух.", style="Strong")
    document.add_paragraph("Нет.", style=_style(document, "Quiet", WD_STYLE_TYPE.PARAGRAPH, False))
    assert _read(document) == [(("Вслух. Тоже вслух.", BOLD),), (("Нет.", SANS),)]


def test_styles_based_on_each_other_end(document: Any) -> None:
    one = _style(document, "One", WD_STYLE_TYPE.PARAGRAPH, None)
    one.base_style = _style(document, "Two", WD_STYLE_TYPE.PARAGRAPH, None, one)
    document.add_paragraph("Вслух.", style=one)
    assert _read(document) == [(("Вслух.", SANS),)]


def test_lists_keep_numbers_in_the_face_of_their_text(document: Any) -> None:
    document.add_paragraph(style="List Number").add_run("Сдайте телефоны.").bold = True
    document.add_paragraph("Раздать коды.", style="List Number")
    document.add_paragraph(style="List Bullet").add_run("ручка").bold = True
    typed = document.add_paragraph()
    typed.add_run("3) ").bold = True
    typed.add_run("Проверить коды.")
    assert _read(document) == [
        (("1.", BOLD), ("Сдайте телефоны.", BOLD)),
        (("2.", SANS), ("Раздать коды.", SANS)),
        (("—", BOLD), ("ручка", BOLD)),
        (("3)", BOLD), ("Проверить коды.", SANS)),
    ]


def test_tables(document: Any) -> None:
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text = "Начало"
    table.cell(0, 1).paragraphs[0].add_run("10:00").bold = True
    table.cell(1, 0).text = "Раздать коды."
    table.cell(1, 1).paragraphs[0].add_run("Проверьте коды.").bold = True
    table.cell(1, 1).add_paragraph("Пауза.")
    styled = document.add_table(rows=1, cols=1)
    styled.style = _style(document, "Aloud", WD_STYLE_TYPE.TABLE, True)
    styled.cell(0, 0).text = "Можно приступать!"
    assert _read(document) == [
        (("Начало — ", SANS), ("10:00", BOLD)),
        (("Раздать коды.", SANS),),
        (("Проверьте коды.", BOLD),),
        (("Пауза.", SANS),),
        (("Можно приступать!", BOLD),),
    ]


def test_merged_cells_are_read_once(document: Any) -> None:
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "Начало"
    table.cell(0, 1).text, table.cell(1, 1).text = "10:00", "10:05"
    assert _read(document) == [(("Начало — 10:00", SANS),), (("10:05", SANS),)]


def test_text_in_wrappers_is_read_and_deleted_text_is_not(document: Any) -> None:
    bold = "<w:r><w:rPr><w:b/></w:rPr><w:t>{}</w:t></w:r>"
    parts = (
        "<w:ins w:id='1' w:author=''>" + bold.format("Вставлено. ") + "</w:ins>",
        "<w:del w:id='2' w:author=''><w:r><w:delText>Удалено.</w:delText></w:r></w:del>",
        "<w:sdt><w:sdtContent>" + bold.format("Поле.") + "</w:sdtContent></w:sdt>",
    )
    paragraph = f"<w:p>{''.join(parts).replace('. <', '.&#160;<')}</w:p>"
    document.element.body.insert(
        0, parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent>{paragraph}</w:sdtContent></w:sdt>")
    )
    assert _read(document) == [(("Вставлено. Поле.", BOLD),)]


def test_lines_broken_by_hand_stay_in_their_faces(document: Any) -> None:
    paragraph = document.add_paragraph("Пауза.\n")
    paragraph.add_run("Ребята,\nслушайте.\nНачнём!").bold = True
    assert _read(document) == [
        (("Пауза.", SANS),),
        (("Ребята, слушайте.", BOLD),),
        (("Начнём!", BOLD),),
    ]


def test_docx_without_text_is_refused(document: Any) -> None:
    with pytest.raises(BriefingRefused, match="no text"):
        blocks_of_docx(_bytes(document))
    with pytest.raises(BriefingRefused, match="not a readable"):
        blocks_of_docx(b"not a document")


def test_torn_docx_is_refused(document: Any) -> None:
    document.add_paragraph("Вслух.")
    torn = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_bytes(document))) as whole, zipfile.ZipFile(torn, "w") as out:
        for name in whole.namelist():
            data = whole.read(name)
            out.writestr(name, data[: len(data) // 2] if name == "word/document.xml" else data)
    with pytest.raises(BriefingRefused, match="not a readable"):
        blocks_of_docx(torn.getvalue())


def test_example_briefing_is_bold_on_paper_where_it_is_read_aloud() -> None:
    source = docx.Document(io.BytesIO(letters.briefing()))
    aloud = [run.text for paragraph in source.paragraphs for run in paragraph.runs if run.bold]
    remarks = [run.text for paragraph in source.paragraphs for run in paragraph.runs if not run.bold]
    assert (len(aloud), len(remarks)) == (8, 4)
    around = _faces(briefing(room(13), [], russian))
    found = _faces(briefing(room(13), blocks_of_docx(letters.briefing()), russian))
    assert len(found["PTSans-Bold"]) == len(around["PTSans-Bold"] + _squeezed(aloud))
    assert len(found["PTSans-Regular"]) == len(around["PTSans-Regular"] + _squeezed(remarks))
    assert _squeezed(aloud) in found["PTSans-Bold"]
    assert _squeezed(remarks) in found["PTSans-Regular"]


def test_nothing_of_a_plain_text_is_bold_not_even_its_headings() -> None:
    found = blocks("ТЕКСТ ИНСТРУКТАЖА\n\nСделать паузу\n\n1. Выделенное жирным читается вслух.")
    assert [block.kind for block in found] == [Kind.HEADING, Kind.HEADING, Kind.ITEM]
    assert {span.face for block in found for span in (*block.label, *block.spans)} == {SANS}
    drawn = _faces(briefing(room(13), found, russian))
    assert "Сделатьпаузу" in drawn["PTSans-Regular"]
    assert "Сделатьпаузу" not in drawn["PTSans-Bold"]
    assert "ТЕКСТИНСТРУКТАЖА" not in drawn["PTSans-Bold"]


def test_faces_change_inside_a_line_and_a_word_on_paper(document: Any) -> None:
    paragraph = document.add_paragraph("Сделать паузу. Ска")
    paragraph.add_run("зать: запишите код, начинайте").bold = True
    paragraph.add_run(" (негромко).").italic = True
    pdf = briefing(room(13), blocks_of_docx(_bytes(document)), russian)
    (text,) = texts(pdf)
    assert "Сказать:запишитекод,начинайте(негромко)." in text.replace(" ", "")
    found = _faces(pdf)
    assert "зать:запишитекод,начинайте" in found["PTSans-Bold"]
    assert found["PTSans-Italic"] == "(негромко)."
