"""Plain text into blocks, and briefings read from .docx."""

from __future__ import annotations

import io

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.documents.briefing import briefing
from printing.documents.plaintext import Block, BriefingRefused, Kind, blocks, text_of_docx
from tests.unit.printing.documents.reading import texts
from tests.unit.printing.documents.rooms import room, russian

TEXT = """ТЕКСТ ИНСТРУКТАЖА

Ребята! Сегодня вы выполняете проверочную работу. Чтобы успешно выполнить её,
необходимо быть внимательными и рассчитывать время, отведённое на
Вашу работу.
Второй абзац без пустой строки.

Порядок проведения

1. На столе лежит листок с кодом.
2) Впишите код в поле
на каждой странице.
- телефоны сданы;
"""


def test_blocks_of_a_plain_text() -> None:
    assert blocks(TEXT) == [
        Block(Kind.HEADING, "ТЕКСТ ИНСТРУКТАЖА"),
        Block(
            Kind.PARAGRAPH,
            "Ребята! Сегодня вы выполняете проверочную работу. Чтобы успешно выполнить её, необходимо быть "
            "внимательными и рассчитывать время, отведённое на Вашу работу.",
        ),
        Block(Kind.PARAGRAPH, "Второй абзац без пустой строки."),
        Block(Kind.HEADING, "Порядок проведения"),
        Block(Kind.ITEM, "На столе лежит листок с кодом.", "1."),
        Block(Kind.ITEM, "Впишите код в поле на каждой странице.", "2)"),
        Block(Kind.ITEM, "телефоны сданы;", "—"),
    ]


@given(st.text(alphabet="абвАБ1.)-— \n\r\t,", max_size=300))
def test_no_word_is_lost(text: str) -> None:
    found = "".join(block.label.replace("—", "-") + block.text for block in blocks(text))
    squeezed = "".join(text.split())
    assert "".join(found.split()).replace("—", "-") == squeezed.replace("—", "-")


@pytest.mark.parametrize("times", [1, 3, 9])
def test_long_briefing_keeps_headings_with_their_text(times: int) -> None:
    pages = texts(briefing(room(13, long=True), TEXT * times, russian))
    everything = " ".join(pages)
    assert everything.count("Впишите код в поле на каждой странице.") == times
    for number, text in enumerate(pages, start=1):
        foot = f"Аудитория 204 страница {number} из {len(pages)}"
        assert foot in text
        body = text.replace(foot, "").strip()
        assert not body.endswith(("ИНСТРУКТАЖА", "проведения"))


def test_missing_briefing_is_said_on_the_paper() -> None:
    (text,) = texts(briefing(room(13), None, russian))
    assert "Общий текст: инструктаж по этому предмету не скачан" in text
    assert "не скачан" not in texts(briefing(room(13), TEXT, russian))[0]


def test_docx_gives_its_text_with_numbers_and_tables() -> None:
    document = docx.Document()
    document.add_heading("Инструктаж")
    document.add_paragraph("Ребята, слушайте.")
    for text in ("Сдайте телефоны.", "Проверьте код."):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("ручка", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Начало", "10:00"
    out = io.BytesIO()
    document.save(out)
    assert text_of_docx(out.getvalue()).split("\n\n") == [
        "Инструктаж",
        "Ребята, слушайте.",
        "1. Сдайте телефоны.",
        "2. Проверьте код.",
        "— ручка",
        "Начало — 10:00",
    ]


def test_docx_without_text_is_refused() -> None:
    out = io.BytesIO()
    docx.Document().save(out)
    with pytest.raises(BriefingRefused, match="no text"):
        text_of_docx(out.getvalue())
    with pytest.raises(BriefingRefused, match="not a readable"):
        text_of_docx(b"not a document")
