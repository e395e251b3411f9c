"""The text of a PDF as a table: by where it stands on the page."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from provision.intake.texts import PDF_PAGES, Cell, Table

if TYPE_CHECKING:
    import pypdfium2 as pdfium

_CHARS = 50_000
_GAP = 0.6
"""Text further apart than this part of its height stands in different cells; a space is about 0.28."""


@dataclass(slots=True)
class _Run:
    """Text without a gap, and where it stands; points, y upwards."""

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def pdf_tables(content: bytes) -> tuple[Table, ...]:
    """One table per page. Cells stand in the columns that the page's widest row begins."""
    import pypdfium2  # noqa: PLC0415 - only where there is a PDF

    document = pypdfium2.PdfDocument(content)
    try:
        count = min(len(document), PDF_PAGES)
        lines = [_lines(_runs(document[index].get_textpage())) for index in range(count)]
    finally:
        document.close()
    return tuple(
        Table(f"{number}", _aligned(page), paged=True) for number, page in enumerate(lines, 1) if page
    )


def _runs(text: pdfium.PdfTextPage) -> list[_Run]:
    """Characters joined to runs, in the order in which the page draws them."""
    runs: list[_Run] = []
    for index in range(min(text.count_chars(), _CHARS)):
        char = text.get_text_range(index, 1)
        left, bottom, right, top = text.get_charbox(index, loose=True)
        if not char.strip() or right <= left:
            continue
        last = runs[-1] if runs else None
        height = top - bottom
        if last and abs(last.bottom - bottom) < height / 2 and -height < left - last.right < _GAP * height:
            space = " " if left - last.right > height * 0.12 else ""
            last.text += space + char
            last.right, last.top = right, max(last.top, top)
        else:
            runs.append(_Run(char, left, right, bottom, top))
    return runs


def _lines(runs: list[_Run]) -> list[list[_Run]]:
    """Runs on one height, from the top, each from the left."""
    lines: list[list[_Run]] = []
    for run in sorted(runs, key=lambda run: -run.bottom):
        if lines and abs(lines[-1][0].bottom - run.bottom) < (run.top - run.bottom) / 2:
            lines[-1].append(run)
        else:
            lines.append([run])
    return [sorted(line, key=lambda run: run.left) for line in lines]


def _aligned(lines: list[list[_Run]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows with as many cells as the page has columns; a run goes to the column whose middle is nearest."""
    widest = max(map(len, lines))
    full = [line for line in lines if len(line) == widest]
    middles = [median(line[column].middle for line in full) for column in range(widest)]
    rows = []
    for line in lines:
        row: list[str] = [""] * widest
        for run in line:
            column = min(range(widest), key=lambda at: abs(middles[at] - run.middle))
            row[column] = f"{row[column]} {run.text}".strip()
        rows.append(tuple(row))
    return tuple(rows)
