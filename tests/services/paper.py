"""Small PDFs for printers, and what came of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import BinaryIO

from reportlab.pdfgen.canvas import Canvas

from printing.kit import Media

_POINTS = {Media.A4: (595.276, 841.89), Media.A3: (841.89, 1190.551)}


def pdf(pages: Sequence[str], media: Media = Media.A4) -> bytes:
    """A PDF with one line of text on each page, uncompressed, so that the text can be searched for."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, _POINTS[media], pageCompression=0, invariant=True)
    for text in pages:
        canvas.drawString(100, 400, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def writer(pages: Sequence[str], media: Media = Media.A4) -> Callable[[BinaryIO], None]:
    """A job's ``write`` for :func:`pdf`, in many small pieces as an assembler writes."""
    content = pdf(pages, media)

    def write(out: BinaryIO) -> None:
        for start in range(0, len(content), 500):
            out.write(content[start : start + 500])

    return write
