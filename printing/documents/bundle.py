"""Joining the small documents of a room, and counting their pages."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf


def bundle(parts: Sequence[bytes]) -> bytes:
    """Join documents of this package in the order given.

    Not for kits or anything downloaded: joining forgets which layers of a document are hidden.
    """
    from pypdf import PdfWriter  # noqa: PLC0415 - takes long to import

    writer = PdfWriter()
    for part in parts:
        writer.append(io.BytesIO(part), import_outline=False)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pages_of(pdf: bytes) -> int:
    """Pages of a document: sheets of paper, as everything is printed on one side."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)
