"""Where a source page lies on the output page. Lengths are points; a page is as a reader sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from pikepdf import Array, Page

A4 = (595.0, 842.0)
"""Whole points, so that a page of another size that is placed on it keeps every pixel of a render."""
A4_TOLERANCE = 3.0
"""A page this near to A4 (1 mm) is A4: it keeps its own size, and not a pixel moves."""
LARGEST_SIDE = 4000.0
"""Nothing that is larger is a page of a test; bounds the render of an oversize page."""
ENLARGEMENT = math.sqrt(2)
"""A4 to A3."""

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Geometry:
    """``box`` is what shows of the source page, in its own units; ``matrix`` maps it to the output page
    of ``size``; ``seen`` is the source page's size; ``oversize``: it is larger than the output page."""

    box: Box
    matrix: Matrix
    size: tuple[float, float]
    seen: tuple[float, float]

    @property
    def moved(self) -> bool:
        """Whether the source page is not itself the output page."""
        return self.size != self.seen

    @property
    def oversize(self) -> bool:
        """Whether the source page is wider or higher than the paper."""
        return self.seen[0] > self.size[0] or self.seen[1] > self.size[1]


def read_geometry(page: Page) -> Geometry | None:
    """The geometry of ``page``: MediaBox ∩ CropBox, Rotate and UserUnit (ISO 32000-1, 14.11.2), unscaled and
    centred on A4, upright or lying as the page is. None when the page has no usable size."""
    box = _visible_box(page)
    unit = _number(page.obj.get("/UserUnit", 1))
    if box is None or unit is None or unit <= 0:
        return None
    rotate = _number(page.obj.get("/Rotate", 0)) or 0.0
    quarter = int(rotate // 90) % 4 if rotate % 90 == 0 else 0
    width, height = (box[2] - box[0]) * unit, (box[3] - box[1]) * unit
    seen = (height, width) if quarter % 2 else (width, height)
    if max(seen) > LARGEST_SIDE:
        return None
    size, shift = _place(seen)
    return Geometry(box, _upright(box, unit, quarter, shift), size, seen)


def _visible_box(page: Page) -> Box | None:
    media = _box(page.obj.get("/MediaBox"))
    if media is None:
        return None
    crop = _box(page.obj.get("/CropBox")) or media
    box = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    if box[0] < box[2] and box[1] < box[3]:
        return box
    return media if media[0] < media[2] and media[1] < media[3] else None


def _box(value: object) -> Box | None:
    if not isinstance(value, Array) or len(value) != 4:
        return None
    numbers = [_number(item) for item in value]
    if any(number is None for number in numbers):
        return None
    x0, y0, x1, y1 = (float(number or 0.0) for number in numbers)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _number(value: object) -> float | None:
    if isinstance(value, int | float | Decimal) and math.isfinite(value):
        return float(value)
    return None


def _place(seen: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Size of the output page and how far the source page is moved on it. The move is by whole points from
    the upper left corner, so that the pixels of a render stay the same."""
    paper = A4 if seen[0] <= seen[1] else (A4[1], A4[0])
    if all(abs(has - wants) <= A4_TOLERANCE for has, wants in zip(seen, paper, strict=True)):
        return seen, (0.0, 0.0)
    right = round((paper[0] - seen[0]) / 2)
    down = round((paper[1] - seen[1]) / 2)
    return paper, (float(right), paper[1] - seen[1] - down)


def _upright(box: Box, unit: float, quarter: int, shift: tuple[float, float]) -> Matrix:
    """From source units to the page as seen, turned clockwise by ``quarter`` right angles, then moved."""
    x0, y0, x1, y1 = (side * unit for side in box)
    a, b, c, d, e, f = (
        (unit, 0.0, 0.0, unit, -x0, -y0),
        (0.0, -unit, unit, 0.0, -y0, x1),
        (-unit, 0.0, 0.0, -unit, x1, y1),
        (0.0, unit, -unit, 0.0, y1, -x0),
    )[quarter]
    return a, b, c, d, e + shift[0], f + shift[1]
