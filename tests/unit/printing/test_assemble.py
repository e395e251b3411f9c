"""A batch shows every awkward page unchanged but for its stamp: in three renderers, after CUPS's filter."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt
import pytest
import zxingcpp

from printing.assemble import Batch
from printing.batch import Assembler
from printing.documents.stamp import StampPainter
from printing.errors import NoRoomForStamp
from printing.kit import Kit, Mark, Media
from printing.mark import decode
from printing.normalise.geometry import Geometry
from printing.verify import agree
from tests.unit.printing.awkward import DRAWING, PAGES, SECRET, Sheet, plain
from tests.unit.printing.renders import DPI, RENDERERS, poppler
from tests.unit.printing.stamped import RUSSIAN, Gray, run, split_pnm

BATCH = "7A4K2M"
SCALE = DPI // 72
Mask = npt.NDArray[np.bool_]
INK = 128

SHOWN_BY_OTHERS = {
    "ghostscript": {"hidden_form", "hidden_annotation"},
    "mupdf": {"hidden_membership"},
}
"""Hidden layers that these renderers show in the original file: not in ours."""
LOST_BY_POPPLER = {"extra_q_after_setup"}
"""Poppler shows nothing of the original."""
CUT_EDGE = {"crop_smaller_than_a4", "a5_landscape", "letter"}
"""The source page's edge lies inside the paper: the pixels on it are smoothed a little differently."""


def painter(symbol: str = "datamatrix") -> StampPainter:
    fields = ["code", "kit", "page", "room", "seat"]
    return StampPainter(fields, symbol, BATCH, lambda text: RUSSIAN.get(text, text))


def kits_of(variants: list[str], **entries: object) -> list[Kit]:
    return [
        Kit(index, f"204-{index:02}", f"{10000 + index}", name, "204", "2Б", **entries)  # type: ignore[arg-type]
        for index, name in enumerate(variants, start=1)
    ]


@pytest.fixture(scope="module")
def sources() -> dict[str, bytes]:
    return {name: build() for name, build in PAGES.items()}


@pytest.fixture(scope="module")
def assembler(sources: dict[str, bytes]) -> Assembler:
    return Assembler(sources, painter())


@pytest.fixture(scope="module")
def written(sources: dict[str, bytes], assembler: Assembler) -> tuple[bytes, Batch]:
    """One batch with one kit of every awkward variant."""
    out = io.BytesIO()
    batch = assembler.write(kits_of(list(sources)), out)
    return out.getvalue(), batch


@pytest.fixture(scope="module")
def rendered(written: tuple[bytes, Batch]) -> Iterator[Callable[[str, int], Gray]]:
    """Pages of the batch by renderer, rendered when first asked for."""
    cache: dict[str, list[Gray]] = {}

    def page(renderer: str, index: int) -> Gray:
        if renderer not in cache:
            cache.clear()
            cache[renderer] = RENDERERS[renderer](written[0])
        return cache[renderer][index]

    yield page
    cache.clear()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("renderer", RENDERERS)
def test_not_a_pixel_changes_outside_the_stamp(
    name: str,
    renderer: str,
    sources: dict[str, bytes],
    assembler: Assembler,
    rendered: Callable[[str, int], Gray],
) -> None:
    ours = rendered(renderer, list(PAGES).index(name))
    # poppler does not know UserUnit: it shows the original half as large
    dpi = 2 * DPI if (name, renderer) == ("user_unit", "poppler") else DPI
    original = RENDERERS[renderer](sources[name], dpi)[0]
    geometry = assembler._variants[name].pages[0].geometry
    expected = on_paper(original, geometry, ours.shape)
    if name in SHOWN_BY_OTHERS.get(renderer, ()):
        assert secret(original).min() == 0
        secret(expected)[:] = 255
    compared = outside_stamp(assembler, name, ours)
    if name in CUT_EDGE:
        compared &= ~edge(expected, geometry)
    if renderer == "poppler" and name in LOST_BY_POPPLER:
        assert original.min() == 255
        assert (ours[compared] < INK).sum() > 10_000
        return
    difference = np.abs(ours.astype(int) - expected)[compared]
    rounding = 1 if geometry.moved and renderer == "mupdf" else 0  # of 255 levels: its matrices are 32-bit
    assert difference.max() <= rounding
    assert (ours[~compared] < INK).sum() > 500, "no stamp"


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("hidden")])
@pytest.mark.parametrize("renderer", RENDERERS)
def test_hidden_answers_are_not_printed(
    name: str, renderer: str, rendered: Callable[[str, int], Gray]
) -> None:
    page = rendered(renderer, list(PAGES).index(name))
    assert secret(page).min() == 255


def test_qpdf_finds_nothing_wrong(written: tuple[bytes, Batch], tmp_path: Path) -> None:
    path = tmp_path / "batch.pdf"
    path.write_bytes(written[0])
    assert b"No syntax or stream encoding errors" in run(["qpdf", "--check", str(path)], b"")


def test_second_reader_agrees(written: tuple[bytes, Batch]) -> None:
    agree(*written)


def test_survives_the_filter_of_cups(written: tuple[bytes, Batch], sources: dict[str, bytes]) -> None:
    """pdftopdf, as a queue without scaling runs it: all stamps are read back, hidden layers stay hidden."""
    options = "PageSize=A4 sides=one-sided print-scaling=none number-up=1"
    command = ["/usr/lib/cups/filter/pdftopdf", "1", "user", "title", "1", options]
    filtered = run(command, written[0])
    pages = poppler(filtered, 150)
    assert len(pages) == len(sources)
    for kit, page in zip(written[1].kits, pages, strict=True):
        assert [decode(code.text) for code in zxingcpp.read_barcodes(page)] == [
            Mark(BATCH, kit.index, 1, 1, kit.code)
        ]
    text = run(["pdftotext", "-layout", "-", "-"], filtered).decode().split("\f")
    for kit, words in zip(written[1].kits, text, strict=False):
        assert {kit.code, "ИК", kit.number, "стр.", "ауд.", "204", "место", "2Б"} <= set(words.split())
    for page, name in zip(poppler(filtered), sources, strict=True):
        if name.startswith("hidden"):
            assert secret(page, inner=6).min() == 255


def test_kits_keep_order_and_page_numbers() -> None:
    """Several kits of variants with several pages, one enlarged."""
    variants = {"1": many(3), "2": many(2)}
    kits = kits_of(["2", "1", "1", "2"])
    kits[2] = Kit(3, "204-03", "", "1", "204", "", copy=2, spare=True, media=Media.A3)
    out = io.BytesIO()
    batch = Assembler(variants, painter()).write(kits, out)
    marks = [decode(zxingcpp.read_barcodes(page)[0].text) for page in poppler(out.getvalue(), 150)]
    assert marks == [
        Mark(BATCH, kit.index, page, kit.copy, kit.code)
        for kit in kits
        for page in range(1, 1 + {"1": 3, "2": 2}[kit.variant])
    ]
    agree(out.getvalue(), batch)
    assert batch.sheets == 10


def test_enlarged_kit_is_the_same_page_on_a3() -> None:
    """On A3 at 1/√2 of the resolution the page looks as on A4."""
    assembler = Assembler({"1": plain()}, painter())
    small, large = io.BytesIO(), io.BytesIO()
    assembler.write(kits_of(["1"]), small)
    assembler.write(kits_of(["1"], media=Media.A3), large)
    command = ["pdftoppm", "-gray", "-scale-to-x", "1190", "-scale-to-y", "1684", "-"]
    a4, a3 = (split_pnm(run(command, pdf.getvalue()))[0].astype(int) for pdf in (small, large))
    info = run(["pdfinfo", "-"], large.getvalue()).decode()
    assert "841.457 x 1190.77 pts" in info
    assert a4.shape == a3.shape
    assert np.abs(blocks(a4) - blocks(a3)).max() < 32


def test_one_kit_holds_only_its_own_variant() -> None:
    noise = os.urandom(200_000)
    heavy = Sheet(DRAWING + b"%" + noise.hex().encode() + b"\n").bytes()
    assembler = Assembler({"light": plain(), "heavy": heavy}, painter())
    light, both = io.BytesIO(), io.BytesIO()
    assembler.write(kits_of(["light"]), light)
    assembler.write(kits_of(["light", "heavy"]), both)
    assert len(light.getvalue()) < 100_000
    assert len(both.getvalue()) > 200_000


def test_stamp_runs_up_along_the_edge_where_only_that_is_blank() -> None:
    """Everything but a strip at the left is black."""
    assembler = Assembler({"1": Sheet(b"0 g 75 0 520 842 re f").bytes()}, painter())
    zone = assembler._zones["1"][0]
    assert zone is not None
    assert zone.turned
    out = io.BytesIO()
    batch = assembler.write(kits_of(["1"]), out)
    agree(out.getvalue(), batch)
    (code,) = zxingcpp.read_barcodes(poppler(out.getvalue(), 150)[0])
    assert decode(code.text).code == "10001"


def test_same_kits_give_same_bytes(sources: dict[str, bytes]) -> None:
    outs = []
    for _run in range(2):
        out = io.BytesIO()
        some = {name: sources[name] for name in ("plain", "hidden_layer", "annotations")}
        batch = Assembler(some, painter()).write(kits_of([*some, "plain"]), out)
        assert batch.digest == hashlib.sha256(out.getvalue()).hexdigest()
        assert batch.size == len(out.getvalue())
        outs.append(out.getvalue())
    assert outs[0] == outs[1]


def test_writes_to_a_pipe() -> None:
    """Nothing is sought or told."""
    assembler = Assembler({"1": plain()}, painter())
    reading, writing = os.pipe()
    received = bytearray()

    def read() -> None:
        with os.fdopen(reading, "rb") as pipe:
            received.extend(pipe.read())

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(writing, "wb") as pipe:
        batch = assembler.write(kits_of(["1"] * 20), cast(BinaryIO, pipe))
    reader.join(20)
    agree(bytes(received), batch)


def test_page_without_blank_paper_is_named() -> None:
    black = Sheet(b"0 g 0 0 595 842 re f").bytes()
    assembler = Assembler({"good": plain(), "full": black}, painter())
    assert assembler.without_zone() == (("full", 1),)
    out = io.BytesIO()
    with pytest.raises(NoRoomForStamp, match="full: 1"):
        assembler.write(kits_of(["good", "full"]), out)
    assert not out.getvalue()
    assembler.write(kits_of(["good"]), out)
    with pytest.raises(NoRoomForStamp, match="full: 1"):
        assembler.require_zones()


@pytest.mark.parametrize("symbol", ["datamatrix", "qr"])
def test_a_turned_symbol_reads_at_every_resolution(symbol: str) -> None:
    """Poppler shears a turned image mask, so that a turned QR read only at some resolutions: a symbol is
    painted upright also where the stamp's text runs up along the edge."""
    full_width = Sheet(b"0.9 g 60 0 475 842 re f").bytes()
    assembler = Assembler({"1": full_width}, painter(symbol=symbol))
    out = io.BytesIO()
    batch = assembler.write(kits_of(["1"]), out)
    agree(out.getvalue(), batch)
    for dpi in (140, 150, 180, 200, 300):
        (code,) = zxingcpp.read_barcodes(poppler(out.getvalue(), dpi)[0])
        assert decode(code.text).page == 1


def test_memory_does_not_grow_with_kits() -> None:
    """Peak memory of a process that writes 9,000 kits is that of one that writes 90, but for 2 MB."""
    peaks = []
    for count in (90, 9_000):
        script = (
            "import resource, io\n"
            "from tests.unit.printing.test_assemble import Assembler, kits_of, painter, plain\n"
            "assembler = Assembler({'1': plain()}, painter())\n"
            f"kits = kits_of(['1'] * {count}) if {count} < 100 else kits_of(['1'] * 90) * 100\n"
            "assembler.write(kits, open('/dev/null', 'wb'))\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=120)
        peaks.append(int(done.stdout))
    assert peaks[1] - peaks[0] < 2048


def test_nothing_is_written_to_disk() -> None:
    """In a process that may not write a single byte to any file, native code included."""
    script = (
        "import io, resource\n"
        "from tests.unit.printing.test_assemble import Assembler, agree, kits_of, painter, PAGES\n"
        "sources = {name: PAGES[name]() for name in ('plain', 'letter', 'missing_q', 'hidden_layer')}\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "out = io.BytesIO()\n"
        "batch = Assembler(sources, painter()).write(kits_of(list(sources)), out)\n"
        "agree(out.getvalue(), batch)\n"
        "print(batch.sheets)\n"
    )
    done = subprocess.run([sys.executable, "-B", "-c", script], check=False, capture_output=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, b"4\n"), done.stderr.decode()


def blocks(page: npt.NDArray[np.int_]) -> npt.NDArray[np.float64]:
    """Mean gray of blocks: what two resamplings of one picture have in common."""
    side = 34
    rows, columns = (length // side for length in page.shape)
    means = page[: rows * side, : columns * side].reshape(rows, side, columns, side).mean(axis=(1, 3))
    return cast("npt.NDArray[np.float64]", means)


def many(pages: int) -> bytes:
    """A variant of several pages."""
    sheet = Sheet()
    for _page in range(pages - 1):
        sheet.pdf.pages.append(sheet.pdf.pages[0])
    return sheet.bytes()


def on_paper(original: Gray, geometry: Geometry, shape: tuple[int, ...]) -> Gray:
    """The original's pixels where they lie on the output page."""
    if not geometry.moved:
        assert original.shape == shape
        return original.copy()
    paper = np.full(shape, 255, np.uint8)
    x, y = moved_by(geometry)
    part = original[max(0, -y) :, max(0, -x) :][: shape[0] - max(0, y), : shape[1] - max(0, x)]
    paper[max(0, y) :, max(0, x) :][: part.shape[0], : part.shape[1]] = part
    return paper


def moved_by(geometry: Geometry) -> tuple[int, int]:
    width, height = ((paper - seen) / 2 for paper, seen in zip(geometry.size, geometry.seen, strict=True))
    return round(width) * SCALE, round(height) * SCALE


def edge(page: Gray, geometry: Geometry) -> Mask:
    """The source page's edge, two pixels wide on either side."""
    mask = np.zeros(page.shape, np.bool_)
    left, top = moved_by(geometry)
    right, bottom = left + round(geometry.seen[0] * SCALE), top + round(geometry.seen[1] * SCALE)
    for x in (left, right):
        mask[:, max(0, x - 2) : max(0, x + 2)] = True
    for y in (top, bottom):
        mask[max(0, y - 2) : max(0, y + 2)] = True
    return mask


def outside_stamp(assembler: Assembler, name: str, page: Gray) -> Mask:
    """Everything but the stamp's zone, a pixel around it left out too."""
    zone = assembler._zones[name][0]
    assert zone is not None
    width, height = painter().size[::-1] if zone.turned else painter().size
    top = page.shape[0] / SCALE - zone.y
    mask = np.ones(page.shape, np.bool_)
    mask[
        int((top - height) * SCALE) - 1 : int(top * SCALE) + 2,
        int(zone.x * SCALE) - 1 : int((zone.x + width) * SCALE) + 2,
    ] = False
    return mask


def secret(page: Gray, inner: int = 0) -> Gray:
    """The place of what hidden layers hold."""
    x, y, width, height = SECRET
    bottom = 842 - y
    return page[
        (bottom - height) * SCALE + inner : bottom * SCALE - inner,
        x * SCALE + inner : (x + width) * SCALE - inner,
    ]
