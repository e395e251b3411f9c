"""Type: the fonts of the small documents, and text made to fit a width.

PT Sans and PT Mono, registered once and embedded as subsets. Sizes are in points, widths in millimetres.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from printing.documents.spans import Face, Span, Spans, cut, plain, tidy

__all__ = ["CAP_HEIGHT", "Face", "Style", "fit", "text_width", "wrap", "wrap_spans"]

CAP_HEIGHT = 0.7
"""Height of PT's capitals and figures, in em."""
_STEP = 0.5
_ELLIPSIS = "…"
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: at ``size``, or down to ``smallest`` where it would take more than ``lines`` lines.

    ``align`` is left, centre or right; ``leading`` is the distance of baselines in em. ``breaks`` are letters
    after which a line may end too, as "/" in paths.
    """

    size: float
    smallest: float
    face: Face = Face.SANS
    lines: int = 1
    align: str = "left"
    leading: float = 1.2
    breaks: str = ""


_FILES = {
    Face.SANS: "PTS55F.ttf",
    Face.BOLD: "PTS75F.ttf",
    Face.ITALIC: "PTS56F.ttf",
    Face.BOLD_ITALIC: "PTS76F.ttf",
    Face.MONO: "PTM55F.ttf",
    Face.MONO_BOLD: "PTM75F.ttf",
}


def _register() -> None:
    for face, name in _FILES.items():
        data = resources.files("printing.fonts").joinpath(name).read_bytes()
        pdfmetrics.registerFont(TTFont(str(face), io.BytesIO(data)))


_register()


def text_width(text: str, face: Face, size: float) -> float:
    """Width of one line."""
    return float(pdfmetrics.stringWidth(text, face, size) / mm)


def wrap(text: str, face: Face, size: float, width: float, breaks: str = "") -> list[str]:
    """Break ``text`` into lines of at most ``width``: at spaces, after hyphens and ``breaks``, else inside a
    word."""
    return [plain(line) for line in wrap_spans([Span(text, face)], size, width, breaks)]


@cache
def _pieces(breaks: str) -> re.Pattern[str]:
    """What a line may end after: "Иванова-Петрова" is two, "70 %" is one."""
    ends = re.escape("-" + breaks)
    return re.compile(rf"[^\s{ends}]*[{ends}]|[^\s{ends}]+(?:(?<=\d) %[^\s{ends}]*)?")


def wrap_spans(spans: Iterable[Span], size: float, width: float, breaks: str = "") -> list[Spans]:
    """Break a text of several faces into lines as :func:`wrap` does."""
    spans = tidy(spans)
    advances = (_advance(letter, face) * size for text, face in spans for letter in text)
    # where each letter would begin if all stood on one line; reportlab sets no kerning
    edges = list(accumulate(advances, initial=0.0))
    text = plain(spans)
    return [cut(spans, start, end) for start, end in _lines(text, edges, width + _ROUNDING, breaks)]


def _lines(text: str, edges: list[float], width: float, breaks: str) -> Iterator[tuple[int, int]]:
    """Where each line starts and ends."""
    start = end = 0
    for piece in _pieces(breaks).finditer(text):
        if edges[piece.end()] - edges[start] > width and end > start:
            yield start, end
            start = piece.start()
        while edges[piece.end()] - edges[start] > width and piece.end() - start > 1:
            broken = max(start + 1, bisect_right(edges, edges[start] + width) - 1)
            yield start, broken
            start = broken
        end = piece.end()
    if end > start:
        yield start, end


@cache
def _advance(letter: str, face: Face) -> float:
    """Width of a letter at one point."""
    return text_width(letter, face, 1)


def fit(text: str, style: Style, width: float) -> tuple[float, list[str]]:
    """The largest size at which ``text`` fits, and its lines.

    No word is broken while a smaller size avoids it. Where even the smallest size does not do, the last line
    ends in an ellipsis.
    """
    size = style.size
    while size > style.smallest and not _fits(text, style, size, width):
        size = max(style.smallest, size - _STEP)
    lines = wrap(text, style.face, size, width, style.breaks)
    if len(lines) > style.lines:
        last = lines[style.lines - 1]
        while last and text_width(last + _ELLIPSIS, style.face, size) > width:
            last = last[:-1]
        lines = [*lines[: style.lines - 1], last.rstrip() + _ELLIPSIS]
    return size, lines


def _fits(text: str, style: Style, size: float, width: float) -> bool:
    pieces = _pieces(style.breaks).findall(text)
    longest = max((text_width(piece, style.face, size) for piece in pieces), default=0.0)
    return longest <= width and len(wrap(text, style.face, size, width, style.breaks)) <= style.lines
