"""Sheets of A4 that are drawn on in millimetres from the upper left corner, ``y`` downwards."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from printing.documents.type import CAP_HEIGHT, Face, Style, fit

WIDTH, HEIGHT = 210.0, 297.0
HAIRLINE = 0.25
"""Width of thin rules, in points: the thinnest that a 600 dpi laser draws evenly."""


Colour = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1."""
Point = tuple[float, float]
"""Millimetres from the upper left corner of the sheet."""


class Area(NamedTuple):
    """A rectangle: its upper left corner, width and height."""

    x: float
    y: float
    width: float
    height: float


class Paper:
    """A document in the making. Sizes of type and widths of rules are in points, all else in mm."""

    def __init__(self, title: str) -> None:
        """Start a document; ``title`` goes into its properties and holds no name of a person."""
        self._file = io.BytesIO()
        # invariant: the same content gives the same bytes
        self._canvas = Canvas(self._file, pagesize=A4, invariant=1, pageCompression=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor("")

    def next_page(self) -> None:
        """Finish this page and start another."""
        self._canvas.showPage()

    def finish(self) -> bytes:
        """The document; its last page is finished by this."""
        self._canvas.save()
        return self._file.getvalue()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        face: Face = Face.SANS,
        *,
        align: str = "left",
        grey: float = 0.0,
    ) -> None:
        """One line with its baseline at ``y``; ``align`` says what ``x`` is: left, centre or right."""
        draw = {
            "left": self._canvas.drawString,
            "centre": self._canvas.drawCentredString,
            "right": self._canvas.drawRightString,
        }[align]
        self._canvas.setFont(face, size)
        self._canvas.setFillGray(grey)
        draw(x * mm, (HEIGHT - y) * mm, text)

    def lines(self, x: float, y: float, lines: Sequence[str], size: float, style: Style) -> float:
        """Lines below each other, the first baseline at ``y``; returns the last baseline."""
        step = float(size * style.leading / mm)
        for number, line in enumerate(lines):
            self.text(x, y + number * step, line, size, style.face, align=style.align)
        return y + max(0, len(lines) - 1) * step

    def fitted(self, x: float, y: float, width: float, text: str, style: Style) -> float:
        """Text made to fit ``width``, the first baseline at ``y``; returns the last baseline."""
        size, lines = fit(text, style, width)
        return self.lines(x, y, lines, size, style)

    def in_cell(self, cell: Area, text: str, style: Style, *, pad: float = 1.2) -> None:
        """Text in the vertical middle of a cell, ``pad`` from its sides."""
        size, lines = fit(text, style, cell.width - 2 * pad)
        step = size * style.leading / mm
        first = cell.y + (cell.height - (len(lines) - 1) * step + CAP_HEIGHT * size / mm) / 2
        x = {
            "left": cell.x + pad,
            "centre": cell.x + cell.width / 2,
            "right": cell.x + cell.width - pad,
        }[style.align]
        self.lines(x, first, lines, size, style)

    def rule(self, x1: float, y1: float, x2: float, y2: float, weight: float = HAIRLINE) -> None:
        """A straight black line, ``weight`` points wide."""
        self._canvas.setStrokeGray(0)
        self._canvas.setLineWidth(weight)
        self._canvas.line(x1 * mm, (HEIGHT - y1) * mm, x2 * mm, (HEIGHT - y2) * mm)

    def box(self, area: Area, weight: float = HAIRLINE) -> None:
        """An empty rectangle."""
        self._canvas.setStrokeGray(0)
        self._canvas.setLineWidth(weight)
        self._canvas.rect(*self._corner(area), stroke=1, fill=0)

    def fill(self, area: Area, grey: float = 0.0) -> None:
        """A filled rectangle; ``grey`` is 0 for black and 1 for white."""
        self._canvas.setFillGray(grey)
        self._canvas.rect(*self._corner(area), stroke=0, fill=1)

    def shape(self, points: Sequence[Point], colour: Colour, weight: float = 0.0) -> None:
        """A filled polygon; with a ``weight`` it has a black outline."""
        path = self._path(points, close=True)
        self._canvas.setFillColorRGB(*colour)
        self._stroke(weight)
        self._canvas.drawPath(path, stroke=int(weight > 0), fill=1)

    def disc(self, x: float, y: float, radius: float, colour: Colour, weight: float = 0.0) -> None:
        """A filled circle around ``x``, ``y``; with a ``weight`` it has a black outline."""
        self._canvas.setFillColorRGB(*colour)
        self._stroke(weight)
        self._canvas.circle(x * mm, (HEIGHT - y) * mm, radius * mm, stroke=int(weight > 0), fill=1)

    def line(self, points: Sequence[Point], weight: float, grey: float = 0.0) -> None:
        """A line from point to point with round ends; ``grey`` is 0 for black and 1 for white."""
        path = self._path(points, close=False)
        self._canvas.saveState()
        self._canvas.setStrokeGray(grey)
        self._canvas.setLineWidth(weight)
        self._canvas.setLineCap(1)
        self._canvas.setLineJoin(1)
        self._canvas.drawPath(path, stroke=1, fill=0)
        self._canvas.restoreState()

    def _path(self, points: Sequence[Point], *, close: bool) -> PDFPathObject:
        path = self._canvas.beginPath()
        (x, y), *others = points
        path.moveTo(x * mm, (HEIGHT - y) * mm)
        for x, y in others:
            path.lineTo(x * mm, (HEIGHT - y) * mm)
        if close:
            path.close()
        return path

    def _stroke(self, weight: float) -> None:
        self._canvas.setStrokeGray(0)
        self._canvas.setLineWidth(weight)

    def signature(self, x: float, y: float, width: float, caption: str) -> None:
        """A line to write on at ``y``, with its caption small and centred beneath."""
        self.rule(x, y, x + width, y, 0.5)
        self.text(x + width / 2, y + 3.0, caption, 7, align="centre")

    @staticmethod
    def _corner(area: Area) -> tuple[float, float, float, float]:
        """The rectangle as reportlab counts it: points, from the lower left."""
        return area.x * mm, (HEIGHT - area.y - area.height) * mm, area.width * mm, area.height * mm
