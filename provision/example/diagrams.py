"""Vector drawings of the mathematics test: functions that draw at the canvas's origin, in points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from reportlab.lib.colors import Color, black

from provision.example.sheet import BOLD, GREY, SANS

Draw = Callable[[Any], None]
Point = tuple[float, float]


def bars(values: Sequence[int], labels: Sequence[str], *, width: float, height: float, step: int) -> Draw:
    """A bar chart with a value grid every ``step``."""

    def draw(canvas: Any) -> None:
        left, foot = 28.0, 18.0
        top = math.ceil(max(values) / step) * step
        scale = (height - foot - 8) / top
        canvas.setFont(SANS, 9.5)
        canvas.setLineWidth(0.4)
        canvas.setStrokeColor(GREY)
        for value in range(0, top + 1, step):
            y = foot + value * scale
            canvas.line(left, y, width, y)
            canvas.drawRightString(left - 4, y - 3, str(value))
        canvas.setStrokeColor(black)
        pitch = (width - left) / len(values)
        canvas.setLineWidth(0.8)
        for index, (value, label) in enumerate(zip(values, labels, strict=True)):
            x = left + pitch * index + pitch * 0.22
            canvas.setFillColor(Color(0.72, 0.72, 0.72))
            canvas.rect(x, foot, pitch * 0.56, value * scale, fill=1)
            canvas.setFillColor(black)
            canvas.drawCentredString(x + pitch * 0.28, 5, label)
        canvas.line(left, foot, left, height)
        canvas.line(left, foot, width, foot)

    return draw


def _arrow(canvas: Any, x: float, y: float, dx: float, dy: float) -> None:
    """A filled arrow head with its point at (x, y), in the direction (dx, dy) of length 1."""
    path = canvas.beginPath()
    path.moveTo(x, y)
    path.lineTo(x - 7 * dx - 2.6 * dy, y - 7 * dy + 2.6 * dx)
    path.lineTo(x - 7 * dx + 2.6 * dy, y - 7 * dy - 2.6 * dx)
    path.close()
    canvas.drawPath(path, fill=1, stroke=0)


def squares(canvas: Any, columns: int, rows: int, cell: float) -> None:
    """A squared field."""
    canvas.setLineWidth(0.4)
    canvas.setStrokeColor(GREY)
    canvas.grid([cell * column for column in range(columns + 1)], [cell * row for row in range(rows + 1)])
    canvas.setStrokeColor(black)


def plane(slope: float, intercept: float, *, cell: float, reach: int = 5) -> Draw:
    """A coordinate plane from -reach to reach with the graph of a linear function."""

    def draw(canvas: Any) -> None:
        side = 2 * reach
        squares(canvas, side, side, cell)
        middle = reach * cell
        canvas.setLineWidth(1)
        canvas.line(0, middle, side * cell + 8, middle)
        canvas.line(middle, 0, middle, side * cell + 8)
        _arrow(canvas, side * cell + 12, middle, 1, 0)
        _arrow(canvas, middle, side * cell + 12, 0, 1)
        canvas.setFont(SANS, 11)
        canvas.drawString(side * cell + 8, middle - 12, "x")
        canvas.drawString(middle - 12, side * cell + 6, "y")
        canvas.drawString(middle - 9, middle - 12, "0")
        canvas.drawCentredString(middle + cell, middle - 12, "1")
        canvas.drawString(middle - 9, middle + cell - 4, "1")
        ends = [
            (x, y)
            for x in (step / 100 for step in range(-100 * reach, 100 * reach + 1))
            if abs(y := slope * x + intercept) <= reach
        ]
        canvas.setLineWidth(1.8)
        canvas.line(*(middle + cell * value for point in (ends[0], ends[-1]) for value in point))

    return draw


def number_line(first: int, last: int, *, width: float) -> Draw:
    """A number line with marks at the whole numbers, numbered at 0 and 1 only."""

    def draw(canvas: Any) -> None:
        pitch = (width - 20) / (last - first)
        canvas.setLineWidth(1)
        canvas.line(0, 18, width - 4, 18)
        _arrow(canvas, width, 18, 1, 0)
        canvas.setFont(SANS, 11)
        for value in range(first, last + 1):
            x = 8 + (value - first) * pitch
            canvas.line(x, 14, x, 22)
            if value in {0, 1}:
                canvas.drawCentredString(x, 2, str(value))

    return draw


def triangle_on_squares(points: Sequence[Point], *, columns: int, rows: int, cell: float) -> Draw:
    """A triangle ABC with its corners in the knots of a squared field."""

    def draw(canvas: Any) -> None:
        squares(canvas, columns, rows, cell)
        _polygon(canvas, [(x * cell, y * cell) for x, y in points], "ABC")

    return draw


def isosceles_with_bisector(angle: float, *, width: float) -> tuple[float, Draw]:
    """The height, and a triangle ABC with AB = BC, ``angle`` degrees at A and the bisector AK."""
    height = 28 + width / 2 * math.tan(math.radians(angle))

    def draw(canvas: Any) -> None:
        a, b, c = (0.0, 14.0), (width / 2, height - 14), (width, 14.0)
        _polygon(canvas, (a, b, c), "ABC")
        share = width / (width + math.dist(a, b))  # the bisector divides BC as AC : AB, from C
        k = (c[0] + (b[0] - c[0]) * share, c[1] + (b[1] - c[1]) * share)
        canvas.setLineWidth(1)
        canvas.line(*a, *k)
        canvas.drawString(k[0] + 6, k[1] + 3, "K")
        slope = math.atan2(b[1] - a[1], b[0] - a[0])
        for radius, start in ((22.0, 0.0), (25.0, slope / 2)):
            canvas.arc(
                a[0] - radius,
                a[1] - radius,
                a[0] + radius,
                a[1] + radius,
                math.degrees(start),
                math.degrees(slope / 2),
            )
        for end, turn in ((a, slope), (c, -slope)):
            x, y = (end[0] + b[0]) / 2, (end[1] + b[1]) / 2
            dx, dy = -5 * math.sin(turn), 5 * math.cos(turn)
            canvas.line(x - dx, y - dy, x + dx, y + dy)

    return height, draw


def _polygon(canvas: Any, corners: Sequence[Point], letters: str) -> None:
    path = canvas.beginPath()
    path.moveTo(*corners[0])
    for corner in corners[1:]:
        path.lineTo(*corner)
    path.close()
    canvas.setLineWidth(1.6)
    canvas.drawPath(path)
    centre = [sum(corner[axis] for corner in corners) / len(corners) for axis in (0, 1)]
    canvas.setFont(BOLD, 12)
    for (x, y), letter in zip(corners, letters, strict=True):
        away = math.dist((x, y), centre)
        canvas.drawCentredString(x + 11 * (x - centre[0]) / away, y + 11 * (y - centre[1]) / away - 4, letter)


def journey(points: Sequence[Point], *, hours: int, kilometres: int, step: int, cell: float) -> Draw:
    """A graph of distance (km) over time (h); two squares an hour, ``step`` km a square."""

    def draw(canvas: Any) -> None:
        columns, rows = hours * 2, kilometres // step
        canvas.translate(22, 18)
        squares(canvas, columns, rows, cell)
        canvas.setLineWidth(1)
        canvas.line(0, 0, columns * cell + 10, 0)
        canvas.line(0, 0, 0, rows * cell + 10)
        _arrow(canvas, columns * cell + 14, 0, 1, 0)
        _arrow(canvas, 0, rows * cell + 14, 0, 1)
        canvas.setFont(SANS, 9.5)
        for hour in range(hours + 1):
            canvas.drawCentredString(hour * 2 * cell, -13, str(hour))
        for row in range(2, rows + 1, 2):
            canvas.drawRightString(-5, row * cell - 3, str(row * step))
        canvas.drawString(columns * cell + 12, -13, "t, ч")
        canvas.drawString(6, rows * cell + 8, "S, км")
        canvas.setLineWidth(1.8)
        for start, end in pairwise(points):
            canvas.line(*(value for t, s in (start, end) for value in (t * 2 * cell, s / step * cell)))

    return draw


def fence(panels: int, *, width: float, height: float) -> Draw:
    """A fence of equal panels between posts, with a gate in the middle."""

    def draw(canvas: Any) -> None:
        pitch = width / panels
        canvas.setLineWidth(0.8)
        canvas.line(-10, 0, width + 10, 0)
        for panel in range(panels):
            x = panel * pitch
            if panel == panels // 2:
                canvas.setFont(SANS, 9.5)
                canvas.drawCentredString(x + pitch / 2, height * 0.35, "калитка")
                canvas.rect(x + 3, 1, pitch - 6, height - 10)
            else:
                for board in range(8):
                    canvas.rect(x + 4 + board * (pitch - 7) / 8, 4, (pitch - 7) / 8 - 1.5, height - 14)
                canvas.line(x, height * 0.25, x + pitch, height * 0.25)
                canvas.line(x, height * 0.7, x + pitch, height * 0.7)
        canvas.setFillColor(GREY)
        for post in range(panels + 1):
            canvas.rect(post * pitch - 2.5, 0, 5, height, fill=1)
        canvas.setFillColor(black)

    return draw
