"""What the tests of this folder read back from finished PDFs."""

from __future__ import annotations

import io
import re

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
from pypdf import PdfReader

DPI = 254
"""Ten dots per millimetre."""


def texts(pdf: bytes) -> list[str]:
    """The text of each page, its white space single."""
    return [" ".join((page.extract_text() or "").split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def codes(pdf: bytes) -> list[str]:
    """Every five-digit number, page by page."""
    return [code for text in texts(pdf) for code in re.findall(r"(?<!\d)\d{5}(?!\d)", text)]


def dark(pdf: bytes, page: int) -> npt.NDArray[np.bool_]:
    """Dark dots of a page, as rows from the top, :data:`DPI` dots per inch."""
    document = pdfium.PdfDocument(pdf)
    try:
        image = document[page].render(scale=DPI / 72, grayscale=True).to_numpy()
    finally:
        document.close()
    return np.asarray(image).reshape(image.shape[0], image.shape[1]) < 200
