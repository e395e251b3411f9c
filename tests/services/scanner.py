"""What a barcode scanner would read from printed sheets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import zxingcpp

DPI = 150
SYMBOLS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix)


def marks_on(pdf: Path) -> Iterator[str]:
    """Texts of all DataMatrix symbols of a PDF, page by page, read from a 150 dpi render.

    Black on white, and as large as they are printed: another look at a negative and at a smaller picture
    would cost more than the render.
    """
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            picture = page.render(scale=DPI / 72, grayscale=True).to_numpy()
            found = zxingcpp.read_barcodes(picture, formats=SYMBOLS, try_invert=False, try_downscale=False)
            yield from (code.text for code in found)
            page.close()
