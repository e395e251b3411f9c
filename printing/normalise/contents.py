"""A page's contents as one stream that leaves nothing open and closes nothing that is not its own."""

from __future__ import annotations

import warnings
import zlib
from dataclasses import dataclass

from pikepdf import (
    Dictionary,
    Name,
    Object,
    Page,
    Pdf,
    Stream,
    parse_content_stream,
)

_NESTING = "q Q BT ET BMC BDC EMC"
_NESTING_LETTERS = (b"q", b"Q", b"BT", b"ET", b"MC", b"BDC")
_COMPRESSION = 6
MAX_BYTES = 64 * 2**20
"""Of a page's contents, decoded."""
MAX_OPERATORS = 1_000_000
"""Of those that are followed: each costs memory while a page is measured."""


@dataclass(slots=True)
class Nesting:
    """What a content stream leaves open at its end; ``strays`` counts each Q without a q before it."""

    saved: int = 0
    text: bool = False
    marked: int = 0
    strays: int = 0

    def step(self, operator: str) -> None:
        """Follow one operator."""
        match operator:
            case "q":
                self.saved += 1
            case "Q" if self.saved:
                self.saved -= 1
            case "Q":
                self.strays += 1
            case "BT" | "ET":
                self.text = operator == "BT"
            case "BMC" | "BDC":
                self.marked += 1
            case "EMC" if self.marked:
                self.marked -= 1

    @property
    def opening(self) -> bytes:
        """The operators that give every stray Q its q: it brings back the state that the page began with, as
        it does in MuPDF and Ghostscript (poppler loses the page)."""
        return b"q\n" * self.strays

    @property
    def closing(self) -> bytes:
        """The operators that close what is open."""
        return b"\nET" * self.text + b"\nEMC" * self.marked + b"\nQ" * self.saved


def page_stream(pdf: Pdf, page: Page) -> Stream:
    """The contents of ``page`` as one new stream of ``pdf``, balanced. Sound contents in a single stream
    keep their bytes as they are; a page without contents gives an empty stream.

    Raises PdfError when the contents cannot be decoded, ValueError when they are beyond all measure."""
    parts = _parts(page)
    decoded = _decoded(parts)
    nesting = measure(pdf, decoded)
    if nesting.opening or nesting.closing or len(parts) != 1:
        packed = zlib.compress(nesting.opening + decoded + nesting.closing, _COMPRESSION)
        return pdf.make_stream(packed, Filter=Name.FlateDecode)
    kept = {key: parts[0][key] for key in ("/Filter", "/DecodeParms") if key in parts[0]}
    return pdf.make_stream(parts[0].read_raw_bytes(), Dictionary(kept))


def measure(pdf: Pdf, contents: bytes) -> Nesting:
    """What ``contents`` leave open, found by tokenising them (inline images and strings are skipped)."""
    if sum(contents.count(letters) for letters in _NESTING_LETTERS) > MAX_OPERATORS:
        raise ValueError("more operators than a page can have")
    nesting = Nesting()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an unclosed string at the end: it ends with the form
        for instruction in parse_content_stream(pdf.make_stream(contents), _NESTING):
            nesting.step(str(instruction.operator))
    return nesting


def _decoded(parts: list[Stream]) -> bytes:
    """The parts one after the other; an array may name a large stream any number of times."""
    decoded: list[bytes] = []
    size = 0
    for part in parts:
        decoded.append(part.read_bytes())
        size += len(decoded[-1])
        if size > MAX_BYTES:
            raise ValueError("more contents than a page can have")
    return b"\n".join(decoded)


def _parts(page: Page) -> list[Stream]:
    contents: Object | None = page.obj.get("/Contents")
    if contents is None:
        return []
    if isinstance(contents, Stream):
        return [contents]
    return [part for part in contents if isinstance(part, Stream)]
