"""Tables whose rows are as tall as their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from printing.documents.layout import LEFT, RIGHT
from printing.documents.paper import HAIRLINE, Area, Paper
from printing.documents.type import Face, Style, fit

_POINT = 25.4 / 72
_BESIDE = 2.4
"""White above and below the text of a row, together."""
_PAD = 1.2
_HEAD = Style(8, 6, Face.BOLD, lines=2, leading=1.12)


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in mm from the left margin, and how each column's texts are set. ``least`` is the lowest row."""

    widths: tuple[float, ...]
    styles: tuple[Style, ...]
    least: float = 6.0
    head: float = 8.0

    def height(self, cells: Sequence[str]) -> float:
        """A row as tall as its tallest cell."""
        tallest = self.least
        for text, width, style in zip(cells, self.widths, self.styles, strict=True):
            size, lines = fit(text, style, width - 2 * _PAD)
            tallest = max(tallest, len(lines) * size * style.leading * _POINT + _BESIDE)
        return tallest

    def draw_head(self, paper: Paper, y: float, heads: Sequence[str]) -> float:
        """The heads of the columns; returns where they end."""
        paper.fill(Area(LEFT, y, RIGHT - LEFT, self.head), 0.9)
        for cell, head in zip(self._cells(y, self.head), heads, strict=True):
            paper.in_cell(cell, head, _HEAD, pad=_PAD)
        paper.rule(LEFT, y + self.head, RIGHT, y + self.head, 0.8)
        return y + self.head

    def draw_row(self, paper: Paper, y: float, height: float, cells: Sequence[str]) -> float:
        """One row; returns where it ends."""
        for cell, text, style in zip(self._cells(y, height), cells, self.styles, strict=True):
            paper.in_cell(cell, text, style, pad=_PAD)
        paper.rule(LEFT, y + height, RIGHT, y + height, HAIRLINE)
        return y + height

    def _cells(self, y: float, height: float) -> list[Area]:
        edges = accumulate(self.widths, initial=LEFT)
        return [Area(x, y, width, height) for x, width in zip(edges, self.widths, strict=False)]
