"""A page's contents as one stream that leaves nothing open and closes nothing that is not its own."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from pikepdf import (
    Dictionary,
    Name,
    Object,
    Page,
    Pdf,
    Stream,
    Token,
    TokenFilter,
    TokenType,
    parse_content_stream,
)

_NESTING = "q Q BT ET BMC BDC EMC"
_COMPRESSION = 6


@dataclass(slots=True)
class Nesting:
    """What a content stream leaves open at its end; ``strays`` are Q without a q before it."""

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
    def closing(self) -> bytes:
        """The operators that close what is open."""
        return b"\nET" * self.text + b"\nEMC" * self.marked + b"\nQ" * self.saved


class _WithoutStrays(TokenFilter):
    """Blanks every Q that has no q before it: viewers ignore it, and what was set before it stays set.
    A q in front would not do: the stray Q would then undo what the page set up."""

    def __init__(self) -> None:
        super().__init__()
        self._saved = 0

    def handle_token(self, token: Token = ...) -> Token:  # type: ignore[assignment]  # pikepdf's stub has it
        if token.type_ == TokenType.word:
            if token.raw_value == b"q":
                self._saved += 1
            elif token.raw_value == b"Q":
                if not self._saved:
                    return Token(TokenType.space, b" ")
                self._saved -= 1
        return token


def page_stream(pdf: Pdf, page: Page) -> Stream:
    """The contents of ``page`` as one new stream of ``pdf``, balanced. Sound contents in a single stream
    keep their bytes as they are; a page without contents gives an empty stream.

    Raises PdfError when the contents cannot be decoded."""
    parts = _parts(page)
    decoded = b"\n".join(part.read_bytes() for part in parts)
    nesting = measure(pdf, decoded)
    if nesting.strays:
        decoded = page.get_filtered_contents(_WithoutStrays())
    if nesting.strays or nesting.closing or len(parts) != 1:
        packed = zlib.compress(decoded + nesting.closing, _COMPRESSION)
        return pdf.make_stream(packed, Filter=Name.FlateDecode)
    kept = {key: parts[0][key] for key in ("/Filter", "/DecodeParms") if key in parts[0]}
    return pdf.make_stream(parts[0].read_raw_bytes(), Dictionary(kept))


def measure(pdf: Pdf, contents: bytes) -> Nesting:
    """What ``contents`` leave open, found by tokenising them (inline images and strings are skipped)."""
    nesting = Nesting()
    for instruction in parse_content_stream(pdf.make_stream(contents), _NESTING):
        nesting.step(str(instruction.operator))
    return nesting


def _parts(page: Page) -> list[Stream]:
    contents: Object | None = page.obj.get("/Contents")
    if contents is None:
        return []
    if isinstance(contents, Stream):
        return [contents]
    return [part for part in contents if isinstance(part, Stream)]
