"""Texts of several faces broken into lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.documents.spans import Face, Span, cut, plain, tidy
from printing.documents.type import text_width, wrap, wrap_spans

SPANS = st.lists(
    st.builds(
        Span,
        st.text("абвШ1- \n", max_size=25),
        st.sampled_from([Face.SANS, Face.BOLD, Face.ITALIC]),
    ),
    max_size=6,
).map(tuple)


def _letters(spans: tuple[Span, ...]) -> list[tuple[str, Face]]:
    return [(letter, face) for text, face in spans for letter in text if not letter.isspace()]


@given(SPANS, st.floats(1, 60))
def test_every_letter_stays_in_its_face_and_every_line_fits(spans: tuple[Span, ...], width: float) -> None:
    lines = wrap_spans(spans, 12, width)
    assert [letter for line in lines for letter in _letters(line)] == _letters(spans)
    for line in lines:
        set_width = sum(text_width(text, face, 12) for text, face in line)
        assert set_width <= width + 1e-5 or len(plain(line)) == 1
        assert plain(line) == plain(line).strip()


@given(SPANS, st.floats(1, 60))
def test_lines_are_as_full_as_they_can_be(spans: tuple[Span, ...], width: float) -> None:
    lines = wrap_spans(spans, 12, width)
    text = plain(tidy(spans))
    at = 0
    for line in lines[:-1]:
        at = text.index(plain(line), at) + len(plain(line))
        glue = " " if text[at] == " " else ""
        inside_a_word = not glue and not plain(line).endswith("-")
        further = text[at + len(glue) :]
        piece = further[0] if inside_a_word else re.match(r"[^\s-]*-|[^\s-]+", further)[0]  # type: ignore[index]
        with_more = tidy([*line, *cut(tidy(spans), at, at + len(glue + piece))])
        assert sum(text_width(part, face, 12) for part, face in with_more) > width - 1e-5


def test_bold_words_take_more_room() -> None:
    words = "запишите код "
    width = text_width((words * 3).strip(), Face.SANS, 15)
    one_bold = (Span(words), Span(words, Face.BOLD), Span(words))
    assert [plain(line) for line in wrap_spans(one_bold, 15, width)] == [(words * 3)[:-5], "код"]
    assert wrap(words * 3, Face.SANS, 15, width) == [(words * 3).strip()]


@pytest.mark.parametrize("width", [text_width("Иванова-", Face.SANS, 10), 20.0])
def test_a_line_ends_at_spaces_after_hyphens_and_else_inside_a_word(width: float) -> None:
    assert wrap("Иванова-Петрова", Face.SANS, 10, width)[0] == "Иванова-"
    assert "".join(wrap("Ж" * 40, Face.SANS, 10, width)) == "Ж" * 40
    assert wrap("", Face.SANS, 10, width) == []


def test_a_figure_keeps_its_per_cent_sign() -> None:
    narrow = text_width("уровень 70", Face.SANS, 8)
    assert wrap("уровень 70 %, ещё", Face.SANS, 8, narrow) == ["уровень", "70 %, ещё"]


def test_cut_and_tidy() -> None:
    spans = (Span(" \tа  б", Face.BOLD), Span("в ", Face.BOLD), Span(" г\n"))
    assert tidy(spans) == (Span("а бв ", Face.BOLD), Span("г"))
    assert cut(tidy(spans), 2, 6) == (Span("бв ", Face.BOLD), Span("г"))
    assert cut(tidy(spans), 2, 3) == (Span("б", Face.BOLD),)
    assert tidy([Span(" "), Span("\n")]) == ()


def test_a_path_breaks_behind_its_slashes_and_gains_no_blank() -> None:
    path = "/srv/uchitel/Рабочий стол/Загрузки/коды.xlsx"
    assert wrap(path, Face.MONO, 8, 50, breaks="/") == ["/srv/uchitel/Рабочий стол/", "Загрузки/коды.xlsx"]
