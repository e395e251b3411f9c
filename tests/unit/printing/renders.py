"""Three independent renderers, asked for the same thing: gray pixels of a page's visible box."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pymupdf

from tests.unit.printing.stamped import Gray, run, split_pnm

DPI = 144
"""Two pixels per point: what is moved by whole points keeps its pixels."""


def poppler(pdf: bytes, dpi: int = DPI) -> list[Gray]:
    """Every page as poppler shows it."""
    return split_pnm(run(["pdftoppm", "-cropbox", "-gray", "-r", str(dpi), "-"], pdf))


def mupdf(pdf: bytes, dpi: int = DPI) -> list[Gray]:
    """Every page as MuPDF shows it."""
    images = []
    with pymupdf.open(stream=pdf, filetype="pdf") as document:  # type: ignore[no-untyped-call]
        for page in document:
            pixels = page.get_pixmap(dpi=dpi, colorspace="gray")
            rows = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.stride)
            images.append(rows[:, : pixels.width].copy())
    return images


def ghostscript(pdf: bytes, dpi: int = DPI) -> list[Gray]:
    """Every page as Ghostscript shows it."""
    quiet = ["-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sstdout=%stderr", "-dUseCropBox"]
    smooth = ["-dTextAlphaBits=4", "-dGraphicsAlphaBits=4", "-sDEVICE=pgmraw"]
    return split_pnm(run(["gs", *quiet, *smooth, f"-r{dpi}", "-sOutputFile=%stdout", "-"], pdf))


RENDERERS: dict[str, Callable[..., list[Gray]]] = {
    "poppler": poppler,
    "mupdf": mupdf,
    "ghostscript": ghostscript,
}
