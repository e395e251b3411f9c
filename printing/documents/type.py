"""Type: the fonts of the small documents, and text made to fit a width.

PT Sans and PT Mono, registered once and embedded as subsets. Sizes are in points, widths in millimetres.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

CAP_HEIGHT = 0.7
"""Height of PT's capitals and figures, in em."""
_STEP = 0.5
_ELLIPSIS = "…"


class Face(StrEnum):
    """The four fonts; the value is the name under which reportlab knows them."""

    SANS = "PTSans"
    BOLD = "PTSans-Bold"
    MONO = "PTMono"
    MONO_BOLD = "PTMono-Bold"


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: at ``size``, or down to ``smallest`` where it would take more than ``lines`` lines.

    ``align`` is left, centre or right; ``leading`` is the distance of baselines in em.
    """

    size: float
    smallest: float
    face: Face = Face.SANS
    lines: int = 1
    align: str = "left"
    leading: float = 1.2


_FILES = {
    Face.SANS: "PTS55F.ttf",
    Face.BOLD: "PTS75F.ttf",
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


def wrap(text: str, face: Face, size: float, width: float) -> list[str]:
    """Break ``text`` into lines of at most ``width``: at spaces, after hyphens, else inside a word."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        glue = " " if line else ""
        for piece in _pieces(word):
            if text_width(line + glue + piece, face, size) <= width:
                line += glue + piece
            else:
                if line:
                    lines.append(line)
                *full, line = _broken(piece, face, size, width)
                lines += full
            glue = ""
    return [*lines, line] if line else lines


def _pieces(word: str) -> list[str]:
    """The parts of a word that a line may end after: "Иванова-Петрова" is two."""
    parts = word.split("-")
    return [part for part in [*(f"{part}-" for part in parts[:-1]), parts[-1]] if part]


def _broken(piece: str, face: Face, size: float, width: float) -> list[str]:
    """Cut a piece that is itself too long for a line."""
    lines, line = [], ""
    for letter in piece:
        if line and text_width(line + letter, face, size) > width:
            lines.append(line)
            line = ""
        line += letter
    return [*lines, line]


def fit(text: str, style: Style, width: float) -> tuple[float, list[str]]:
    """The largest size at which ``text`` fits, and its lines.

    No word is broken while a smaller size avoids it. Where even the smallest size does not do, the last line
    ends in an ellipsis.
    """
    size = style.size
    while size > style.smallest and not _fits(text, style, size, width):
        size = max(style.smallest, size - _STEP)
    lines = wrap(text, style.face, size, width)
    if len(lines) > style.lines:
        last = lines[style.lines - 1]
        while last and text_width(last + _ELLIPSIS, style.face, size) > width:
            last = last[:-1]
        lines = [*lines[: style.lines - 1], last.rstrip() + _ELLIPSIS]
    return size, lines


def _fits(text: str, style: Style, size: float, width: float) -> bool:
    pieces = (piece for word in text.split() for piece in _pieces(word))
    longest = max((text_width(piece, style.face, size) for piece in pieces), default=0.0)
    return longest <= width and len(wrap(text, style.face, size, width)) <= style.lines
