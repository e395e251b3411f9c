"""Plain text into blocks, and briefings of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.documents.briefing import briefing
from printing.documents.plaintext import Block, Kind, blocks
from printing.documents.spans import Span, plain
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
        Block(Kind.HEADING, (Span("ТЕКСТ ИНСТРУКТАЖА"),)),
        Block(
            Kind.PARAGRAPH,
            (
                Span(
                    "Ребята! Сегодня вы выполняете проверочную работу. Чтобы успешно выполнить её, "
                    "необходимо быть внимательными и рассчитывать время, отведённое на Вашу работу."
                ),
            ),
        ),
        Block(Kind.PARAGRAPH, (Span("Второй абзац без пустой строки."),)),
        Block(Kind.HEADING, (Span("Порядок проведения"),)),
        Block(Kind.ITEM, (Span("На столе лежит листок с кодом."),), (Span("1."),)),
        Block(Kind.ITEM, (Span("Впишите код в поле на каждой странице."),), (Span("2)"),)),
        Block(Kind.ITEM, (Span("телефоны сданы;"),), (Span("—"),)),
    ]


@given(st.text(alphabet="абвАБ1.)-— \n\r\t,", max_size=300))
def test_no_word_is_lost(text: str) -> None:
    found = "".join(plain((*block.label, *block.spans)) for block in blocks(text))
    squeezed = "".join(text.split())
    assert "".join(found.split()).replace("—", "-") == squeezed.replace("—", "-")


@pytest.mark.parametrize("times", [1, 3, 9])
def test_long_briefing_keeps_headings_with_their_text(times: int) -> None:
    pages = texts(briefing(room(13, long=True), blocks(TEXT * times), russian))
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
    assert "не скачан" not in texts(briefing(room(13), blocks(TEXT), russian))[0]
