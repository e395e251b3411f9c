"""Symbols from tables are the library's own, and what is painted is read."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from printing.mark import LENGTH
from printing.symbols import library_rows, pack, table
from tests.unit.printing.stamped import Gray

KINDS = ["datamatrix", "qr", "code128"]
digits = st.from_regex(rf"[0-9]{{{LENGTH}}}", fullmatch=True)


def picture(symbol: str, text: str, scale: int = 3) -> Gray:
    """Return the symbol that the tables give as a picture with a quiet zone."""
    made = table(symbol)
    width = (made.columns + 7) // 8 * 8
    samples = f"{made.bits(text):0{width * made.rows}b}"
    rows = [samples[start : start + made.columns] for start in range(0, len(samples), width)]
    light = np.array([[int(sample) for sample in row] for row in rows], np.uint8) * 255
    if made.rows == 1:
        light = np.repeat(light, 30, axis=0)
    return np.pad(light.repeat(scale, axis=0).repeat(scale, axis=1), 12 * scale, constant_values=255)


@pytest.mark.parametrize("symbol", KINDS)
def test_two_thousand_symbols_are_the_librarys_bit_for_bit(symbol: str) -> None:
    random = np.random.default_rng(204)
    made = table(symbol)
    for _ in range(2000 if symbol != "qr" else 400):  # segno needs 0.4 ms each
        text = "".join(map(str, random.integers(0, 10, LENGTH)))
        assert made.bits(text) == pack(library_rows(symbol, text))


@pytest.mark.parametrize("symbol", KINDS)
def test_every_group_of_digits_at_every_place_is_the_librarys(symbol: str) -> None:
    """100 texts in which each place takes each digit pair: no table entry stays untried."""
    made = table(symbol)
    for start in range(100):
        text = "".join(f"{(start + 37 * place) % 100:02}" for place in range(LENGTH // 2))
        assert made.bits(text) == pack(library_rows(symbol, text))


@pytest.mark.parametrize("symbol", KINDS)
@given(text=digits)
def test_random_symbols_are_the_librarys_and_are_read(symbol: str, text: str) -> None:
    assert table(symbol).bits(text) == pack(library_rows(symbol, text))
    assert [found.text for found in zxingcpp.read_barcodes(picture(symbol, text))] == [text]


@pytest.mark.parametrize("symbol", KINDS)
@given(text=digits, shared=st.integers(0, LENGTH))
def test_a_series_is_its_symbols(symbol: str, text: str, shared: int) -> None:
    head, tail = text[:shared], text[shared:]
    other = tail[::-1]
    made = table(symbol)
    assert made.series(head, [tail, other]) == [made.bits(text), made.bits(head + other)]


@pytest.mark.parametrize(
    ("symbol", "columns", "rows", "most"),
    [("datamatrix", 18, 18, 155), ("qr", 25, 25, 250), ("code128", 233, 1, 110)],
)
def test_a_symbol_in_a_stream_is_small_and_of_one_size(
    symbol: str, columns: int, rows: int, most: int
) -> None:
    made = table(symbol)
    assert (made.columns, made.rows) == (columns, rows)
    images = [made.image() % made.bits(text) for text in ("0" * LENGTH, "9" * LENGTH)]
    assert len(images[0]) == len(images[1]) <= most
