"""The cut-sheet: its geometry on paper, and the order after cutting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.documents.bundle import pages_of
from printing.documents.cutsheet import (
    CELL_HEIGHT,
    CELL_WIDTH,
    COLUMNS,
    GRID_LEFT,
    GRID_TOP,
    PER_PAGE,
    cut_and_stack,
    cut_sheet,
    cut_sheet_pages,
)
from tests.unit.printing.documents.reading import codes, dark, texts
from tests.unit.printing.documents.rooms import room, russian

_LEFT, _TOP = round(GRID_LEFT * 10), round(GRID_TOP * 10)
_RIGHT = _LEFT + round(COLUMNS * CELL_WIDTH * 10)


@given(st.integers(1, 400))
def test_cutting_and_stacking_gives_seat_order(number: int) -> None:
    sheets = cut_and_stack(list(range(number)))
    assert len(sheets) == cut_sheet_pages(number)
    assert all(len(slips) <= PER_PAGE for slips in sheets)
    cells = max(len(slips) for slips in sheets)
    piles = [[slips[cell] for slips in sheets if cell < len(slips)] for cell in range(cells)]
    assert [slip for pile in piles for slip in pile] == list(range(number))


@pytest.mark.parametrize("pupils", [1, 13, 25, 29, 30, 40, 61])
def test_every_code_is_there_once_and_counted(pupils: int) -> None:
    sheet = room(pupils)
    pdf = cut_sheet(sheet, russian)
    wanted = [line.code for line in (*sheet.seats, *sheet.spares)]
    assert sorted(codes(pdf)) == sorted(wanted)
    assert pages_of(pdf) == cut_sheet_pages(len(wanted))
    for page, text in enumerate(texts(pdf), start=1):
        assert f"Кодов: {pupils + 1} ({pupils} + 1 рез.) · лист {page} из {pages_of(pdf)}" in text
    assert " ".join(texts(pdf)).count("РЕЗЕРВ") == 1


def test_slips_on_paper_stack_into_seat_order() -> None:
    """Read from the finished pages: the text of each cell comes in the order in which cells are drawn."""
    sheet = room(40, spares=3)
    pages = [codes_of_page.split() for codes_of_page in _codes_by_page(cut_sheet(sheet, russian))]
    piles = [
        [page[cell] for page in pages if cell < len(page)] for cell in range(max(len(page) for page in pages))
    ]
    assert [code for pile in piles for code in pile] == [line.code for line in (*sheet.seats, *sheet.spares)]


def _codes_by_page(pdf: bytes) -> list[str]:
    return [
        " ".join(word for word in text.split() if word.isdigit() and len(word) == 5) for text in texts(pdf)
    ]


@pytest.mark.parametrize("pupils", [1, 25, 29, 40])
def test_marks_lie_on_the_grid_to_a_tenth_of_a_millimetre(pupils: int) -> None:
    pdf = cut_sheet(room(pupils), russian)
    cells = -(-(pupils + 1) // cut_sheet_pages(pupils + 1))
    rows = -(-cells // COLUMNS)
    for page in range(pages_of(pdf)):
        dots = dark(pdf, page)
        down = _starts(dots[:, _LEFT - 40])
        assert np.abs(down - [_TOP + row * CELL_HEIGHT * 10 for row in range(rows + 1)]).max() <= 1
        across = _starts(dots[_TOP - 40, :])
        assert np.abs(across - [_LEFT + at * CELL_WIDTH * 10 for at in range(COLUMNS + 1)]).max() <= 1


def _starts(dots: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.diff(dots.astype(int)) == 1) + 1


@pytest.mark.parametrize(("pupils", "long"), [(13, True), (29, False), (40, True)])
@pytest.mark.parametrize("named", [False, True])
def test_nothing_lies_where_the_knife_goes(pupils: int, long: bool, named: bool) -> None:
    """Inside the grid 1.5 mm and more on each side of a cut are blank: no mark, no text over an edge."""
    pdf = cut_sheet(room(pupils, long=long, with_names=named, revision=2), russian)
    pages = cut_sheet_pages(pupils + 1)
    cells = -(-(pupils + 1) // pages)
    rows = -(-cells // COLUMNS)
    bottom = _TOP + round(rows * CELL_HEIGHT * 10)
    for page in range(pages):
        dots = dark(pdf, page)
        assert dots[_TOP:bottom, _LEFT:_RIGHT].any()
        for column in range(COLUMNS + 1):
            x = _LEFT + round(column * CELL_WIDTH * 10)
            assert not dots[_TOP:bottom, x - 19 : x + 20].any()
        for row in range(rows + 1):
            y = _TOP + round(row * CELL_HEIGHT * 10)
            assert not dots[y - 15 : y + 15, _LEFT:_RIGHT].any()


def test_only_the_kits_asked_for() -> None:
    sheet = room(25)
    pdf = cut_sheet(sheet, russian, only={"204-03", "204-26"})
    assert codes(pdf) == [sheet.seats[2].code, sheet.spares[0].code]
    assert "Кодов: 2 (1 + 1 рез.)" in texts(pdf)[0]


def test_spare_without_a_code_has_no_slip() -> None:
    sheet = room(3, spares=2)
    sheet = replace(sheet, spares=(sheet.spares[0], replace(sheet.spares[1], code="")))
    pdf = cut_sheet(sheet, russian)
    assert len(codes(pdf)) == 4
    assert "Кодов: 4 (3 + 1 рез.)" in texts(pdf)[0]
    with pytest.raises(ValueError, match="at least one code"):
        cut_sheet(sheet, russian, only={sheet.spares[1].kit})


def test_code_of_another_length_fits_its_slip() -> None:
    sheet = room(2)
    sheet = replace(sheet, seats=(replace(sheet.seats[0], code="012345678901"), sheet.seats[1]))
    pdf = cut_sheet(sheet, russian)
    assert "012345678901" in texts(pdf)[0]
    edge = _LEFT + round(CELL_WIDTH * 10)
    assert not dark(pdf, 0)[_TOP : _TOP + 260, edge - 20 : edge + 20].any()
