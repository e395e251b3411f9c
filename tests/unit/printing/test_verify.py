"""The second reader finds every way in which a batch can be another than was meant."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable

import pikepdf
import pytest

from printing.assemble import Batch
from printing.batch import Assembler
from printing.documents.stamp import StampPainter
from printing.errors import BatchMismatch
from printing.kit import Kit, Media
from printing.symbols import SYMBOLS
from printing.verify import agree
from tests.unit.printing.awkward import Sheet, plain
from tests.unit.printing.stamped import RUSSIAN

FIELDS = ["code", "kit", "page", "room", "seat"]


def write(kits: list[Kit], fields: list[str] = FIELDS, symbol: str = "datamatrix") -> tuple[bytes, Batch]:
    """A batch of two variants of two pages."""
    sheet = Sheet()
    sheet.pdf.pages.append(sheet.pdf.pages[0])
    two = sheet.bytes()
    painter = StampPainter(fields, symbol, "7A4K2M", lambda text: RUSSIAN.get(text, text))
    out = io.BytesIO()
    batch = Assembler({"1": two, "2": two}, painter).write(kits, out)
    return out.getvalue(), batch


KITS = [
    Kit(1, "204-01", "10234", "1", "204", "1А"),
    Kit(2, "204-02", "10235", "2", "204", "1Б"),
    Kit(3, "204-03", "", "1", "204", "", spare=True),
    Kit(4, "204-04", "10236", "2", "204", "2А", copy=2, media=Media.A3),
]


@pytest.fixture(scope="module")
def written() -> tuple[bytes, Batch]:
    return write(KITS)


def tampered(data: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """The batch after a change, saved by another program."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def edit(pdf: pikepdf.Pdf, page: int, old: bytes, new: bytes) -> None:
    """Replace in the contents of a page (from 0)."""
    contents = pdf.pages[page].obj.Contents
    before = contents.read_bytes()
    assert old in before
    contents.write(before.replace(old, new))


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_agrees_with_every_symbol(symbol: str) -> None:
    agree(*write(KITS, symbol=symbol))


@pytest.mark.parametrize("fields", [[], ["code"], ["kit", "page"], ["room", "seat"]])
def test_agrees_with_any_fields(fields: list[str]) -> None:
    agree(*write(KITS, fields=fields))


def test_reads_a_file_as_well(written: tuple[bytes, Batch]) -> None:
    agree(io.BytesIO(written[0]), written[1])


def swap_pages(pdf: pikepdf.Pdf) -> None:
    first, second = pdf.pages[0].obj, pdf.pages[1].obj
    first.Resources, second.Resources = second.Resources, first.Resources


def swap_variants(pdf: pikepdf.Pdf) -> None:
    first, second = pdf.pages[0].obj, pdf.pages[2].obj
    first.Resources, second.Resources = second.Resources, first.Resources


def swap_kits(pdf: pikepdf.Pdf) -> None:
    first, second = pdf.pages[0].obj, pdf.pages[2].obj
    first.Contents, second.Contents = second.Contents, first.Contents


def swap_sheets(pdf: pikepdf.Pdf) -> None:
    first, second = pdf.pages[0].obj, pdf.pages[1].obj
    first.Contents, second.Contents = second.Contents, first.Contents


def other_box(pdf: pikepdf.Pdf) -> None:
    pdf.pages[5].obj.MediaBox = pikepdf.Array([0, 0, 612, 792])


def cropped(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.CropBox = pikepdf.Array([0, 0, 300, 842])


def turned(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Rotate = 90


def no_page(pdf: pikepdf.Pdf) -> None:
    edit(pdf, 3, b"/VprPage Do", b"/VprPage Do /VprPage Do")


def other_code(pdf: pikepdf.Pdf) -> None:
    edit(pdf, 2, b"(10235)", b"(10236)")


def other_seat(pdf: pikepdf.Pdf) -> None:
    edit(pdf, 2, "1Б".encode("cp1251"), "1В".encode("cp1251"))


def other_page_number(pdf: pikepdf.Pdf) -> None:
    edit(pdf, 1, "2 из 2".encode("cp1251"), "1 из 2".encode("cp1251"))


def other_copy(pdf: pikepdf.Pdf) -> None:
    edit(pdf, 6, "копия 2".encode("cp1251"), "копия 3".encode("cp1251"))


def other_letters(pdf: pikepdf.Pdf) -> None:
    """The right bytes in a font that shows other characters."""
    fonts = pdf.pages[0].obj.Resources.Font
    cmap = fonts.VPRStampF.ToUnicode
    cmap.write(cmap.read_bytes().replace(b"<0031>", b"<0037>"))


def other_barcode(pdf: pikepdf.Pdf) -> None:
    """Another page's symbol."""
    first, second = (pdf.pages[page].obj.Contents.read_bytes() for page in (0, 1))
    image = first[first.index(b"BI/") :]
    edit(pdf, 1, second[second.index(b"BI/") :], image)


def no_barcode(pdf: pikepdf.Pdf) -> None:
    contents = pdf.pages[7].obj.Contents.read_bytes()
    edit(
        pdf,
        7,
        contents[contents.index(b"BI/") : contents.index(b"\nEI")],
        b"BI/W 1/H 1/IM true/BPC 1 ID \xff",
    )


@pytest.mark.parametrize(
    ("change", "kit", "page", "says"),
    [
        (swap_pages, "204-01", 1, "another page of the variants"),
        (swap_variants, "204-01", 1, "another page of the variants"),
        (swap_kits, "204-01", 1, "the stamp says something else"),
        (swap_sheets, "204-01", 1, "another page number"),
        (other_box, "204-03", 2, "another size"),
        (cropped, "204-01", 1, "another size"),
        (turned, "204-01", 1, "another size"),
        (no_page, "204-02", 2, "another page of the variants"),
        (other_code, "204-02", 1, "the stamp says something else"),
        (other_seat, "204-02", 1, "the stamp says something else"),
        (other_page_number, "204-01", 2, "another page number"),
        (other_copy, "204-04", 1, "the stamp says something else"),
        (other_letters, "204-01", 1, "the stamp says something else"),
        (other_barcode, "204-01", 2, "the barcode says something else"),
        (no_barcode, "204-04", 2, "the barcode says something else"),
    ],
)
def test_names_kit_and_page(
    change: Callable[[pikepdf.Pdf], None], kit: str, page: int, says: str, written: tuple[bytes, Batch]
) -> None:
    data, batch = written
    with pytest.raises(BatchMismatch, match=says) as caught:
        agree(tampered(data, change), batch)
    assert caught.value.params == {"kit": kit, "page": page}


def test_saving_alone_changes_nothing(written: tuple[bytes, Batch]) -> None:
    data, batch = written
    agree(tampered(data, lambda pdf: None), batch)


PARTIAL = [KITS[0], dataclasses.replace(KITS[1], copy=2, pages=(2,)), KITS[2]]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_agrees_when_only_some_pages_of_a_kit_are_printed(symbol: str) -> None:
    data, batch = write(PARTIAL, symbol=symbol)
    assert batch.sheets == 5
    agree(data, batch)


def test_another_page_than_the_one_ordered_is_named() -> None:
    first, batch = write([dataclasses.replace(KITS[1], copy=2, pages=(1,))])
    _second, ordered = write([dataclasses.replace(KITS[1], copy=2, pages=(2,))])
    agree(first, batch)
    with pytest.raises(BatchMismatch, match="another page of the variants") as caught:
        agree(first, ordered)
    assert caught.value.params == {"kit": "204-02", "page": 2}


def test_missing_sheet(written: tuple[bytes, Batch]) -> None:
    data, batch = written

    def drop(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[-1]

    with pytest.raises(BatchMismatch, match="has 7 pages instead of 8"):
        agree(tampered(data, drop), batch)


def test_other_batch(written: tuple[bytes, Batch]) -> None:
    data, batch = written
    other = dataclasses.replace(batch, stamping=dataclasses.replace(batch.stamping, batch="000000"))
    with pytest.raises(BatchMismatch, match="barcode"):
        agree(data, other)


@pytest.mark.parametrize("keep", [0, 20, 5000])
def test_cut_off_file(keep: int, written: tuple[bytes, Batch]) -> None:
    data, batch = written
    with pytest.raises(BatchMismatch):
        agree(data[:keep], batch)


def test_variant_with_a_russian_name() -> None:
    out = io.BytesIO()
    painter = StampPainter(FIELDS, "datamatrix", "7A4K2M", str)
    kit = dataclasses.replace(KITS[0], variant="Вариант 1 (осн.)")
    batch = Assembler({"Вариант 1 (осн.)": plain()}, painter).write([kit], out)
    agree(out.getvalue(), batch)


def test_variant_of_one_page() -> None:
    out = io.BytesIO()
    painter = StampPainter(FIELDS, "qr", "7A4K2M", str)
    batch = Assembler({"1": plain()}, painter).write(KITS[:1], out)
    agree(out.getvalue(), batch)
