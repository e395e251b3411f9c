"""The second reader: pypdf, which shares no code with the writer, opens a batch and must agree with it.

Per sheet: the page's size and which variant's page it paints; the stamp's words, extracted through the
font's ToUnicode; the barcode, decoded from its samples by zxing-cpp. Page contents are not read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, BinaryIO

import numpy as np
import zxingcpp
from pypdf import PageObject, PdfReader
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from printing.assemble import Batch, Stamping
from printing.documents.stamp import FONT_RESOURCE
from printing.errors import N_, BatchMismatch
from printing.kit import Kit, Mark, Media
from printing.mark import MarkRefused, decode
from printing.normalise.geometry import ENLARGEMENT
from printing.normalise.prepared import PAGE_RESOURCE, SHOW_PAGE, SOURCE_KEY, OutputPage

_SIZE_TOLERANCE = 0.01
_SHOWS_PAGE = re.compile(rb"\Aq (?:[0-9. ]+ cm )?%b Q\n" % re.escape(SHOW_PAGE).encode())
_IMAGE = re.compile(rb"BI/W (\d+)/H (\d+)/IM true/BPC 1/F/AHx ID ([0-9a-f]+)>\nEI")
_NUMBER = re.compile(r"\d+")
_PIXELS = 4
"""Per module, for the barcode reader."""
_QUIET = 10
"""Modules of white around the symbol, for the barcode reader."""


def agree(pdf: bytes | BinaryIO, expected: Batch) -> None:
    """Read ``pdf`` back and compare it with what was to be written.

    Raises BatchMismatch naming kit and page of the first difference."""
    stream = io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf
    try:
        pages = PdfReader(stream, strict=True).pages
        found = len(pages)
    except Exception as error:
        raise BatchMismatch(N_("The batch cannot be read.")) from error
    if found != expected.sheets:
        raise BatchMismatch(
            N_("The batch has {found} pages instead of {expected}."), found=found, expected=expected.sheets
        )
    reading = zip(pages, _sheets(expected), strict=True)
    for page, (kit, number, output) in reading:
        try:
            problem = _difference(page, kit, number, output, expected)
        except Exception:  # noqa: BLE001 - as above
            problem = N_("Kit {kit}, page {page} cannot be read.")
        if problem:
            raise BatchMismatch(problem, kit=kit.number, page=number)


def _sheets(batch: Batch) -> Iterator[tuple[Kit, int, OutputPage]]:
    for kit in batch.kits:
        pages = batch.variants[kit.variant]
        for number in kit.sheets(len(pages)):
            yield kit, number, pages[number - 1]


def _difference(page: PageObject, kit: Kit, number: int, output: OutputPage, batch: Batch) -> str:
    """What differs on one sheet, as a template for people; empty when all agrees."""
    resources: Any = page["/Resources"]
    contents: bytes = page["/Contents"].get_data()  # type: ignore[attr-defined]  # else it raises
    before = _SHOWS_PAGE.match(contents)
    if not _has_size(page, output, kit.media):
        return N_("Kit {kit}, page {page}: the page has another size.")
    shown = resources["/XObject"][f"/{PAGE_RESOURCE}"][SOURCE_KEY]
    if before is None or shown != f"{kit.variant}/{number}":
        return N_("Kit {kit}, page {page}: another page of the variants is shown.")
    stamping = batch.stamping
    words = _stamp_words(page, contents[before.end() :])
    if not all(any(word in line for line in words) for word in _expected_words(kit, stamping)):
        return N_("Kit {kit}, page {page}: the stamp says something else.")
    count = (str(number), str(len(batch.variants[kit.variant])))
    if "page" in stamping.fields and not any(count in _neighbours(line) for line in words):
        return N_("Kit {kit}, page {page}: the stamp has another page number.")
    mark = Mark(stamping.batch, kit.index, number, kit.copy, kit.code)
    if stamping.symbol != "none" and _read_symbol(contents) != mark:
        return N_("Kit {kit}, page {page}: the barcode says something else.")
    return ""


def _neighbours(line: str) -> Iterator[tuple[str, str]]:
    """The numbers of a line, each with the next: one pair is "page 3 of 8"."""
    return pairwise(_NUMBER.findall(line))


def _has_size(page: PageObject, output: OutputPage, media: Media) -> bool:
    scale = ENLARGEMENT if media is Media.A3 else 1.0
    wanted = (0.0, 0.0, output.width * scale, output.height * scale)
    return page.rotation == 0 and all(
        abs(float(side) - side_wanted) <= _SIZE_TOLERANCE
        for box in (page.mediabox, page.cropbox)
        for side, side_wanted in zip(box, wanted, strict=True)
    )


def _expected_words(kit: Kit, stamping: Stamping) -> list[str]:
    values = {"code": kit.code, "kit": kit.number, "room": kit.room, "seat": "" if kit.spare else kit.seat}
    words = [value for name, value in values.items() if name in stamping.fields and value]
    if kit.copy > 1 and stamping.fields:
        words.append(stamping.copies[kit.copy])
    return words


def _stamp_words(page: PageObject, stamp: bytes) -> list[str]:
    """The stamp's lines of text as pypdf extracts them from a page that has nothing else."""
    stream = DecodedStreamObject()
    stream.set_data(stamp)
    resources: Any = page["/Resources"]
    font = f"/{FONT_RESOURCE}"
    fonts = DictionaryObject({NameObject(font): resources["/Font"].raw_get(font)})
    lone = PageObject(page.pdf)
    lone[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    lone[NameObject("/Contents")] = stream
    words: list[str] = []
    lone.extract_text(visitor_text=lambda text, *_state: words.append(text))
    return words


def _read_symbol(contents: bytes) -> Mark | None:
    """The mark in the stamp's image mask, read by the barcode library from its samples."""
    image = _IMAGE.search(contents)
    if image is None:
        return None
    columns, rows = int(image[1]), int(image[2])
    packed = np.frombuffer(bytes.fromhex(image[3].decode()), np.uint8).reshape(rows, -1)
    light = np.unpackbits(packed, axis=1)[:, :columns]
    if rows == 1:
        light = np.repeat(light, _QUIET, axis=0)
    modules = np.pad(light, _QUIET, constant_values=1) * np.uint8(255)
    read = zxingcpp.read_barcodes(modules.repeat(_PIXELS, axis=0).repeat(_PIXELS, axis=1))
    if len(read) != 1:
        return None
    try:
        return decode(read[0].text)
    except MarkRefused:
        return None
