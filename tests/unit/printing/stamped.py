"""Pages with nothing but a stamp, and the ways to look at them."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2

from printing.documents.stamp import FONT_RESOURCE, StampFont

A4 = (595, 842)
"""Whole points, so that all renderers lay the same pixel grid."""
PLACE = (60, 500)
RUSSIAN = {
    "Kit {number}": "ИК {number}",
    "page {page} of {pages}": "стр. {page} из {pages}",
    "room {room}": "ауд. {room}",
    "seat {seat}": "место {seat}",
    "spare": "резерв",
    "copy {copy}": "копия {copy}",
    "participant code": "код участника",
}

Gray = npt.NDArray[np.uint8]


def embed(pdf: pikepdf.Pdf, font: StampFont) -> Any:
    """Return the font as an object of ``pdf``."""
    program = pdf.make_stream(font.program, Length1=len(font.program))
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor, FontName=pikepdf.Name("/" + font.name), FontFile2=program
    )
    for key, value in font.descriptor.items():
        descriptor[f"/{key}"] = list(value) if isinstance(value, tuple) else value
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.TrueType,
            BaseFont=pikepdf.Name("/" + font.name),
            FirstChar=font.first_char,
            LastChar=font.first_char + len(font.widths) - 1,
            Widths=list(font.widths),
            FontDescriptor=pdf.make_indirect(descriptor),
            ToUnicode=pdf.make_stream(font.to_unicode),
        )
    )


def pages_with(font: StampFont, streams: Sequence[bytes], *, turned: bool = False) -> bytes:
    """Return a PDF of A4 pages, each with one stamp whose origin is at `PLACE`."""
    pdf = pikepdf.new()
    fonts = pikepdf.Dictionary({f"/{FONT_RESOURCE}": embed(pdf, font)})
    place = b"q 0 1 -1 0 %g %g cm" if turned else b"q 1 0 0 1 %g %g cm"
    for stream in streams:
        page = pdf.add_blank_page(page_size=A4)
        page.Resources = pikepdf.Dictionary(Font=fonts)
        page.Contents = pdf.make_stream(place % PLACE + stream + b"Q")
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


def render_pdfium(pdf: bytes, dpi: int) -> list[Gray]:
    """Return every page as gray samples."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72, grayscale=True).to_numpy().copy() for page in document]
    finally:
        document.close()


def render_poppler(pdf: bytes, dpi: int) -> list[Gray]:
    """Return every page as gray samples."""
    return split_pnm(run(["pdftoppm", "-gray", "-r", str(dpi), "-"], pdf))


def render_ghostscript(pdf: bytes, dpi: int) -> list[Gray]:
    """Return every page as gray samples."""
    options = ["-q", "-dNOPAUSE", "-dBATCH", "-dTextAlphaBits=4", "-dGraphicsAlphaBits=4", "-sDEVICE=pgmraw"]
    return split_pnm(run(["gs", *options, f"-r{dpi}", "-sOutputFile=%stdout", "-"], pdf))


def render_mupdf(pdf: bytes, dpi: int) -> list[Gray]:
    """Return every page as gray samples."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return split_pnm(
            run(["mutool", "draw", "-q", "-F", "pgm", "-r", str(dpi), "-o", "-", file.name], b"")
        )


def split_pnm(data: bytes) -> list[Gray]:
    """Split a sequence of binary PGM images."""
    images, start = [], 0
    while start < len(data):
        header = re.compile(rb"P5\s+(?:#.*\n)?(\d+)\s+(\d+)\s+255\s").match(data, start)
        assert header is not None
        width, height = int(header[1]), int(header[2])
        images.append(np.frombuffer(data, np.uint8, width * height, header.end()).reshape(height, width))
        start = header.end() + width * height
    return images


def run(command: list[str], given: bytes) -> bytes:
    """Return what a program writes when ``given`` is its input."""
    return subprocess.run(command, input=given, capture_output=True, check=True, timeout=60).stdout
