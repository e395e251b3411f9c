"""The page of a test as a national one looks: frame, numbered tasks, formulas, places for answers.

Lengths are in points, y grows upwards as in PDF; ``Sheet.y`` is the lower edge of what the page holds so far.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pikepdf
from reportlab.lib.colors import Color, black
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

import printing.fonts

SANS: Final = "ExampleSans"
BOLD: Final = "ExampleSans-Bold"
WIDTH, HEIGHT = A4
LEFT: Final = 20 * mm
RIGHT: Final = WIDTH - 15 * mm
INDENT: Final = 12 * mm
"""From the left margin, where the tasks' numbers stand, to their text."""
GREY: Final = Color(0.55, 0.55, 0.55)
ANSWERS_LAYER: Final = "Ответы"

Expression = Sequence[str | tuple[str, str]]
"""Pieces of a formula: text with powers as ``a^{5}``, a fraction (numerator, denominator), a tall bracket."""


def _register_fonts() -> None:
    folder = Path(printing.fonts.__file__).parent
    for name, file in ((SANS, "PTS55F.ttf"), (BOLD, "PTS75F.ttf")):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, folder / file))
    pdfmetrics.registerFontFamily(SANS, normal=SANS, bold=BOLD, italic=SANS, boldItalic=BOLD)


class Sheet:
    """A variant that is being drawn."""

    def __init__(self, running_head: str, *, sideways: bool = False, answers: bool = False) -> None:
        """Begin the first page.

        ``sideways`` stores every page as landscape with /Rotate, the way some scanners and printer
        drivers do; ``answers`` adds the answers as a layer that is switched off.
        """
        _register_fonts()
        self._file = io.BytesIO()
        self.canvas: Any = Canvas(self._file, pagesize=A4, invariant=1, pageCompression=1)
        self.canvas.setTitle(running_head)
        self._head = running_head
        self._sideways = sideways
        self._with_answers = answers
        self._answers: list[tuple[float, float, str]] = []
        self._number = 0
        self.y = 0.0
        self._begin_page()

    def _begin_page(self) -> None:
        self._number += 1
        canvas = self.canvas
        if self._sideways:
            canvas.setPageRotation(90)  # the media box becomes landscape with it
            canvas.transform(0, 1, -1, 0, HEIGHT, 0)
        canvas.setFont(SANS, 9)
        canvas.drawString(LEFT, HEIGHT - 14 * mm, self._head)
        canvas.drawRightString(RIGHT - 33 * mm, HEIGHT - 14 * mm, "Код")
        canvas.setLineWidth(0.8)
        canvas.rect(RIGHT - 31 * mm, HEIGHT - 16.5 * mm, 31 * mm, 8 * mm)
        canvas.setFont(SANS, 10)
        canvas.drawCentredString(WIDTH / 2, 10 * mm, str(self._number))
        self.y = HEIGHT - 22 * mm

    def new_page(self) -> None:
        """End the page and begin the next."""
        self._end_page()
        self._begin_page()

    def _end_page(self) -> None:
        if self._answers:
            name = f"answers{self._number}"
            self.canvas.beginForm(name, 0, 0, max(A4), max(A4))
            self.canvas.setFont(BOLD, 13)
            for x, y, text in self._answers:
                self.canvas.drawString(x, y, text)
            self.canvas.endForm()
            self.canvas.doForm(name)
            self._answers.clear()
        self.canvas.showPage()

    def text(
        self,
        markup: str,
        *,
        size: float = 12.5,
        indent: float = INDENT,
        align: int = TA_JUSTIFY,
        after: float = 6,
    ) -> None:
        """Set a paragraph (reportlab's markup) over the width of the page."""
        style = ParagraphStyle("text", fontName=SANS, fontSize=size, leading=size * 1.32, alignment=align)
        paragraph = Paragraph(markup, style)
        _, height = paragraph.wrap(RIGHT - LEFT - indent, HEIGHT)
        paragraph.drawOn(self.canvas, LEFT + indent, self.y - height)
        self.y -= height + after

    def heading(self, markup: str, *, size: float = 13, after: float = 8) -> None:
        """Set centred words over the whole width."""
        self.text(markup, size=size, indent=0, align=TA_CENTER, after=after)

    def task(self, number: int, markup: str) -> None:
        """Set a task: its number in a box in the margin, then its text."""
        self.y -= 8
        side = 8 * mm
        self.canvas.setLineWidth(0.8)
        self.canvas.rect(LEFT, self.y - side + 3, side, side)
        self.canvas.setFont(BOLD, 13)
        self.canvas.drawCentredString(LEFT + side / 2, self.y - side / 2 - 1.5, str(number))
        self.text(markup)

    def formula(self, pieces: Expression, *, size: float = 13) -> None:
        """Set a formula on a line of its own."""
        self.y -= size * 1.5
        x = LEFT + INDENT + 8 * mm
        for piece in pieces:
            if isinstance(piece, tuple):
                x = self._fraction(x, self.y, piece, size)
            elif piece in {"(", ")"}:
                x = self._powers(x, self.y - size * 0.15, piece, size * 1.9) + 2
            else:
                x = self._powers(x, self.y, piece, size)
        self.y -= size * 1.6

    def _fraction(self, x: float, y: float, fraction: tuple[str, str], size: float) -> float:
        width: float = (
            max(pdfmetrics.stringWidth(re.sub(r"\^{|}", "", part), SANS, size) for part in fraction) + 3
        )
        axis = y + size * 0.3
        for part, base in zip(fraction, (axis + size * 0.28, axis - size * 0.95), strict=True):
            own = pdfmetrics.stringWidth(re.sub(r"\^{|}", "", part), SANS, size)
            self._powers(x + 1 + (width - own) / 2, base, part, size)
        self.canvas.setLineWidth(0.7)
        self.canvas.line(x + 1, axis, x + 1 + width, axis)
        return x + width + 3

    def _powers(self, x: float, y: float, text: str, size: float) -> float:
        for index, part in enumerate(re.split(r"\^{([^}]*)}", text)):
            own, rise = (size * 0.66, size * 0.42) if index % 2 else (size, 0)
            self.canvas.setFont(SANS, own)
            self.canvas.drawString(x, y + rise, part)
            x += pdfmetrics.stringWidth(part, SANS, own)
        return x

    def answer(self, answer: str, *, unit: str = "") -> None:
        """Set the line "Ответ" with its box."""
        height = 9 * mm
        self.y -= height
        x = LEFT + INDENT
        self.canvas.setFont(SANS, 12.5)
        self.canvas.drawString(x, self.y + 3 * mm, "Ответ:")
        self.canvas.setLineWidth(0.8)
        self.canvas.rect(x + 17 * mm, self.y, 62 * mm, height)
        if unit:
            self.canvas.drawString(x + 81 * mm, self.y + 3 * mm, unit)
        self._answer_at(x + 19 * mm, self.y + 2.7 * mm, answer)
        self.y -= 10

    def solution(self, height: float, answer: str, *, title: str = "Решение.") -> None:
        """Set a large box for a written solution with the line "Ответ" at its foot."""
        self.y -= height
        x = LEFT + INDENT
        self.canvas.setLineWidth(0.8)
        self.canvas.rect(x, self.y, RIGHT - x, height)
        self.canvas.setFont(SANS, 10)
        self.canvas.drawString(x + 3 * mm, self.y + height - 6 * mm, title)
        self.canvas.drawString(x + 3 * mm, self.y + 4 * mm, "Ответ:")
        self._answer_at(x + 18 * mm, self.y + 4 * mm, answer)
        self.y -= 10

    def lines(self, count: int, *, pitch: float = 8.5 * mm) -> None:
        """Set ruled lines to write on."""
        self.canvas.setLineWidth(0.5)
        self.canvas.setStrokeColor(GREY)
        for _ in range(count):
            self.y -= pitch
            self.canvas.line(LEFT + INDENT, self.y, RIGHT, self.y)
        self.canvas.setStrokeColor(black)
        self.y -= 12

    def figure(
        self, width: float, height: float, draw: Callable[[Any], None], *, indent: float = INDENT
    ) -> None:
        """Call ``draw`` with the canvas, its origin moved to the lower left of a centred figure."""
        self.y -= height
        self.canvas.saveState()
        self.canvas.translate(LEFT + indent + (RIGHT - LEFT - indent - width) / 2, self.y)
        draw(self.canvas)
        self.canvas.restoreState()
        self.y -= 10

    def table(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        row: float = 8 * mm,
        indent: float = INDENT,
    ) -> None:
        """Set a ruled table with a bold head; ``widths`` are in points."""

        def draw(canvas: Any) -> None:
            height = row * len(rows)
            canvas.setLineWidth(0.7)
            canvas.grid(
                [sum(widths[:column]) for column in range(len(widths) + 1)],
                [row * line for line in range(len(rows) + 1)],
            )
            for line, cells in enumerate(rows):
                canvas.setFont(SANS if line else BOLD, 10.5)
                for column, cell in enumerate(cells):
                    x = sum(widths[:column]) + widths[column] / 2
                    canvas.drawCentredString(x, height - row * line - row / 2 - 3.7, cell)

        self.figure(sum(widths), row * len(rows), draw, indent=indent)

    def _answer_at(self, x: float, y: float, text: str) -> None:
        if self._with_answers:
            self._answers.append((x, y, text))

    def finish(self) -> bytes:
        """End the last page and return the file."""
        self._end_page()
        self.canvas.save()
        self._file.seek(0)
        out = io.BytesIO()
        with pikepdf.open(self._file) as pdf:
            _unwrap_photographs(pdf)
            if self._with_answers:
                _hide_answers(pdf)
            pdf.save(out, deterministic_id=True)
        return out.getvalue()


def _unwrap_photographs(pdf: pikepdf.Pdf) -> None:
    """Take off the base 85 that reportlab puts around JPEG, which makes a file a quarter larger."""
    for image in pdf.objects:
        if isinstance(image, pikepdf.Stream) and image.get("/Subtype") == pikepdf.Name.Image:
            data = image.read_raw_bytes().strip().removesuffix(b"~>")
            image.write(base64.a85decode(data), filter=pikepdf.Name.DCTDecode)


def _hide_answers(pdf: pikepdf.Pdf) -> None:
    """Put the answers' forms on an optional content layer that is off on screen and paper."""
    layer = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String(ANSWERS_LAYER)),
    )
    for page in pdf.pages:
        for name, form in page.resources.get("/XObject", {}).items():
            if "answers" in name:
                form.OC = layer
    pdf.Root.OCProperties = pikepdf.Dictionary(
        OCGs=[layer], D=pikepdf.Dictionary(Order=[layer], OFF=[layer], BaseState=pikepdf.Name.ON)
    )
