"""Stamps as a printer, a scanner and a reader get them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pypdf
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from printing.documents.stamp import StampPainter, StampTextRefused
from printing.documents.stamp_layout import FIELDS
from printing.kit import Kit, Mark
from printing.mark import decode
from printing.symbols import SYMBOLS
from tests.unit.printing import stamped
from tests.unit.printing.documents.rooms import russian
from tests.unit.printing.stamped import PLACE, Gray, pages_with

BATCH = "0K3Z9A"
BARCODES = ["datamatrix", "qr", "code128"]
KITS = [
    Kit(17, "204-07", "10234", "1", "204", "2Б"),
    Kit(18, "204-08", "10235", "2", "204", "12Б", copy=2),
    Kit(19, "204-09", "", "2", "204", "", spare=True),
    Kit(9999, "Актовый зал-40", "7A-0123456", "1", "Актовый зал", "Ряд 3, место 12"),
]
RENDERERS = [
    stamped.render_pdfium,
    stamped.render_poppler,
    stamped.render_mupdf,
    stamped.render_ghostscript,
]


def painter(fields: Sequence[str] = FIELDS, symbol: str = "datamatrix") -> StampPainter:
    return StampPainter(fields, symbol, BATCH, russian)


def stamps(kits: Sequence[Kit], symbol: str = "datamatrix", *, turned: bool = False) -> bytes:
    """Return a PDF with the last of eight pages of every kit."""
    paint = painter(symbol=symbol)
    return pages_with(paint.font, [paint.streams(kit, 8, [turned] * 8)[-1] for kit in kits], turned=turned)


def marks_in(page: Gray) -> list[Mark]:
    return [decode(found.text) for found in zxingcpp.read_barcodes(page)]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize("symbol", BARCODES)
def test_barcodes_are_read_back_at_150_dpi(
    symbol: str, render: Callable[[bytes, int], list[Gray]], turned: bool
) -> None:
    pages = render(stamps(KITS, symbol, turned=turned), 150)
    expected = [[Mark(BATCH, kit.index, 8, kit.copy, kit.code)] for kit in KITS]
    assert [marks_in(page) for page in pages] == expected
    black_and_white = [np.where(page < 128, 0, 255).astype(np.uint8) for page in pages]
    assert [marks_in(page) for page in black_and_white] == expected


@pytest.mark.parametrize("symbol", ["datamatrix", "qr"])
def test_turned_squares_are_read_at_any_resolution(symbol: str) -> None:
    """Poppler shears a rotated mask beyond reading at some: 180, 190 and 200 dpi for a QR symbol."""
    pdf = stamps(KITS[:1], symbol, turned=True)
    for dpi in (140, 180, 190, 200, 240, 300, 600):
        [page] = stamped.render_poppler(pdf, dpi)
        assert marks_in(page) == [Mark(BATCH, 17, 8, 1, "10234")]


@pytest.mark.parametrize("symbol", BARCODES)
def test_each_page_of_a_kit_says_which_it_is(symbol: str) -> None:
    paint = painter(symbol=symbol)
    pages = stamped.render_pdfium(pages_with(paint.font, paint.streams(KITS[0], 9)), 150)
    assert [[mark.page for mark in marks_in(page)] for page in pages] == [[page] for page in range(1, 10)]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_text_extracts(symbol: str) -> None:
    pdf = stamps(KITS, symbol)
    by_pypdf = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    by_poppler = stamped.run(["pdftotext", "-layout", "-", "-"], pdf).decode().split("\f")
    for texts in (by_pypdf, [" ".join(text.split()) for text in by_poppler]):
        for kit, text in zip(KITS, texts, strict=False):
            assert kit.code in text
            assert f"ИК {kit.number}" in text
            assert "стр. 8 из 8" in text
            assert f"ауд. {kit.room}" in text
            assert ("резерв" if kit.spare else f"место {kit.seat}") in text
            assert ("копия 2" in text) == (kit.copy == 2)


def unlikeness(one: Gray, other: Gray) -> float:
    """Return the largest difference in mean level over squares of 2 pt, at 288 dpi: edges do not count."""
    rows, columns = one.shape[0] // 8, one.shape[1] // 8
    means = [
        page[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8).mean((1, 3)) for page in (one, other)
    ]
    return float(np.abs(means[0] - means[1]).max())


def test_every_renderer_shows_the_same() -> None:
    kits = [*KITS, replace(KITS[0], seat="2Ш")]
    expected = stamped.render_poppler(stamps(kits), 288)
    for render in RENDERERS:
        pages = render(stamps(kits), 288)
        assert max(map(unlikeness, expected, pages)) < 80
        assert unlikeness(expected[0], pages[-1]) > 80  # another letter is seen


fields_lists = st.lists(st.sampled_from(FIELDS), unique=True)
names = st.text("абвгдЖЩЁё0123456789-()\\№ W", max_size=30)


@settings(max_examples=40, deadline=None)
@given(
    fields=fields_lists,
    symbol=st.sampled_from(SYMBOLS),
    room=names,
    seat=names,
    number=names,
    code=st.sampled_from(["", "10234", "WWWWWWWWWW"]),
    copy=st.integers(1, 99),
    spare=st.booleans(),
    turned=st.booleans(),
)
def test_a_stamp_stays_in_its_box(
    fields: list[str],
    symbol: str,
    room: str,
    seat: str,
    number: str,
    code: str,
    copy: int,
    spare: bool,
    turned: bool,
) -> None:
    if not fields and symbol == "none":
        return
    paint = painter(fields, symbol)
    stream = paint.streams(Kit(5, number, code, "1", room, seat, copy, spare), 12, [turned] * 12)[-1]
    [page] = stamped.render_pdfium(pages_with(paint.font, [stream], turned=turned), 144)
    width, height = paint.size
    x, y = PLACE
    box = (x - height, y, x, y + width) if turned else (x, y, x + width, y + height)
    left, bottom, right, top = (round(2 * value) for value in box)
    last = page.shape[0]
    outside = page.copy()
    outside[last - top - 1 : last - bottom + 1, left - 1 : right + 1] = 255
    assert outside.min() == 255


@pytest.mark.parametrize("kit", KITS)
@pytest.mark.parametrize(
    ("symbol", "most"), [("datamatrix", 450), ("qr", 550), ("code128", 450), ("none", 300)]
)
def test_a_stream_is_small_balanced_and_may_be_joined(kit: Kit, symbol: str, most: int) -> None:
    """CUPS's pdftopdf joins streams with nothing between them: white space must be at both ends."""
    for stream in painter(symbol=symbol).streams(kit, 8):
        assert len(stream) <= most
        assert stream[:3] == b"\nq "
        assert stream[-3:] == b" Q\n" or stream[-5:] == b"ET Q\n"
        assert stream.count(b"BT") == stream.count(b"ET") == 1


def test_a_spare_without_a_code_has_a_line_to_write_it_on() -> None:
    [with_code, without] = stamped.render_pdfium(stamps([KITS[0], KITS[2]]), 144)
    left, base = 2 * PLACE[0], with_code.shape[0] - 2 * PLACE[1]
    lines = without[base - 48 : base, left + 10 : left + 120].max(axis=1) < 128
    assert lines.any()
    assert (without[base - 48 : base - 20, left : left + 136] == 255).all()
    assert not (with_code[base - 48 : base, left + 10 : left + 120].max(axis=1) < 128).any()


def test_a_foreign_character_is_refused_with_a_cure() -> None:
    with pytest.raises(StampTextRefused) as caught:
        painter().streams(Kit(1, "204-01", "10234", "1", "204 ☂", "1А"), 8)
    assert "☂" in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(("fields", "symbol"), [(["name"], "qr"), (["code"], "aztec"), ([], "none")])
def test_an_unknown_stamp_is_a_programming_error(fields: list[str], symbol: str) -> None:
    with pytest.raises(ValueError, match="no stamp of"):
        painter(fields, symbol)
