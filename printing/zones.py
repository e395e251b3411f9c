"""Where a page leaves blank paper for the stamp: found on a render of the page, not guessed.

Lengths are points on the page as its reader sees it, origin at the lower left corner.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pypdfium2

from printing.zone import Zone

if TYPE_CHECKING:  # takes long to import, and only pages that are full at their edges need it
    import numpy as np
    import numpy.typing as npt

__all__ = ["Zone", "find_zones"]

_MM: Final = 72 / 25.4

MARGIN: Final = 5.0 * _MM
"""Never printed on: laser printers cannot reach the outer 4.2 to 4.5 mm, and feed half a millimetre askew."""

CLEARANCE: Final = 1.5 * _MM
"""Blank paper between the stamp and what the page shows; it also completes a barcode's quiet zone."""

BAND: Final = 20.0 * _MM
"""A page's margin, where people look for a stamp and no text is expected."""

DPI: Final = 100
"""Of the render. A hairline of 0.1 pt in 5 % grey still darkens its pixels by two levels of 255."""

PAPER: Final = 255
"""The only level that counts as blank. pdfium leaves untouched paper exactly white, and anything darker, by
one level even, is something that the page shows: a tint, a watermark, a light hairline."""

_SLACK: Final = 3 * 72 / DPI
"""Three pixels, by which a search's whole pixels may exceed a box."""


def find_zones(pdf: bytes, size: tuple[float, float]) -> tuple[Zone | None, ...]:
    """Return a blank place for a stamp of ``size`` (width, height) for each page; None where there is none.

    In order of preference: a corner or the middle of the upper edge, of the lower edge, turned at the right
    or left edge; for pages where none of these is blank, as in `_Sheet.search`. One place for all pages if
    one is blank on all of them; else pages share places as far as they can.
    """
    zones: list[Zone | None] = []
    usual: dict[int, list[tuple[int, Zone]]] = {}
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        corner = _common_corner(document, size)
        if corner is not None:
            return (corner,) * len(document)
        for number, page in enumerate(document):
            with closing(page):
                sheet = _Sheet(page)
            places = enumerate(_usual_places(sheet, size))
            blank = [(rank, zone) for rank, zone in places if sheet.blank(zone, size)]
            if blank:
                usual[number] = blank
            zones.append(None if blank else sheet.search(size))
    for number, shared in _shared(usual):
        zones[number] = shared
    return tuple(zones)


def _common_corner(document: Any, size: tuple[float, float]) -> Zone | None:
    """Return the first of the usual places if it is blank on every page, as mostly it is: a strip of each
    page shows that."""
    common = None
    for page in document:
        with closing(page):
            sheet = _upper_strip(page, size)
        zone = next(_usual_places(sheet, size))
        if not sheet.blank(zone, size) or common not in {None, zone}:
            return None
        common = zone
    return common


def _upper_strip(page: Any, size: tuple[float, float]) -> _Sheet:
    """As much of a page as the places at its upper edge need. A pixel may differ by one level from the whole
    page's, in the strip's last row by more."""
    return _Sheet(page, MARGIN + size[1] + CLEARANCE + _SLACK)


class _Sheet:
    """What one page leaves blank: its size in points, and the levels of its pixels, row by row from the top.

    ``strip`` is the height of the upper part that is to be known; by default the whole page is.
    """

    def __init__(self, page: Any, strip: float = math.inf) -> None:
        self.width, self.height = page.get_size()
        below = max(0.0, self.height - strip)
        bitmap = page.render(scale=DPI / 72, crop=(0, below, 0, 0), grayscale=True, optimize_mode="print")
        with closing(bitmap):
            self._levels = bytes(bitmap.buffer)
            self._columns, self._stride = bitmap.width, bitmap.stride
        rows = math.ceil(self.height * (DPI / 72))  # of the whole page, as pypdfium2 counts them
        self._across, self._down = self._columns / self.width, rows / self.height

    @cached_property
    def _table(self) -> npt.NDArray[np.int32]:
        """Summed areas of the marked pixels; only a page whose edges are not blank is searched with it."""
        import numpy as np  # noqa: PLC0415

        levels = np.frombuffer(self._levels, np.uint8).reshape(-1, self._stride)
        marked = levels[:, : self._columns] < PAPER
        rows, columns = marked.shape
        table: npt.NDArray[np.int32] = np.zeros((rows + 1, columns + 1), np.int32)
        np.cumsum(marked, axis=0, out=table[1:, 1:])
        np.cumsum(table[1:, 1:], axis=1, out=table[1:, 1:])
        return table

    def blank(self, zone: Zone, size: tuple[float, float]) -> bool:
        """Say whether a stamp of ``size`` and its clearance lie on blank paper, inside the margin."""
        width, height = _box(size, turned=zone.turned)
        if not (self._inside(zone.x, width, self.width) and self._inside(zone.y, height, self.height)):
            return False
        left = math.floor((zone.x - CLEARANCE) * self._across)
        right = math.ceil((zone.x + width + CLEARANCE) * self._across)
        top = math.floor((self.height - zone.y - height - CLEARANCE) * self._down)
        bottom = math.ceil((self.height - zone.y + CLEARANCE) * self._down)
        paper = bytes([PAPER]) * (right - left)
        starts = range(top * self._stride + left, bottom * self._stride + left, self._stride)
        return all(self._levels.startswith(paper, start) for start in starts)

    @staticmethod
    def _inside(start: float, length: float, whole: float) -> bool:
        return start >= MARGIN - 1e-6 and start + length <= whole - MARGIN + 1e-6

    def search(self, size: tuple[float, float]) -> Zone | None:
        """Return a blank place in the margins, else in a strip that is blank from edge to edge, so that it is
        not within a box for an answer, else anywhere: the uppermost, then the rightmost."""
        margins = (
            (False, 0.0, 0.0, self.width, BAND),
            (False, 0.0, self.height - BAND, self.width, self.height),
            (True, self.width - BAND, 0.0, self.width, self.height),
            (True, 0.0, 0.0, BAND, self.height),
        )
        for turned, *region in margins:
            zone = self._search_in(_box(size, turned=turned), turned, *region)
            if zone is not None:
                return zone
        page = (0.0, 0.0, self.width, self.height)
        width, height = size
        wide = self.width - 2 * MARGIN - _SLACK
        strip = self._search_in((wide, height), False, *page) if wide >= width else None
        if strip is not None:
            return Zone(strip.x + wide - width, strip.y, turned=False)
        return self._search_in(size, False, *page) or self._search_in((height, width), True, *page)

    def _search_in(
        self, box: tuple[float, float], turned: bool, left: float, top: float, right: float, bottom: float
    ) -> Zone | None:
        """Search a region, given in points from the upper left corner, for a ``box``."""
        width, height = box
        keep = MARGIN - CLEARANCE
        columns = math.ceil((width + 2 * CLEARANCE) * self._across) + 1
        rows = math.ceil((height + 2 * CLEARANCE) * self._down) + 1
        x0 = math.ceil(max(left, keep) * self._across)
        y0 = math.ceil(max(top, keep) * self._down)
        x1 = math.floor(min(right, self.width - keep) * self._across) + 1
        y1 = math.floor(min(bottom, self.height - keep) * self._down) + 1
        part = self._table[y0:y1, x0:x1]
        if part.shape[0] <= rows or part.shape[1] <= columns:
            return None
        marked = (
            part[rows:, columns:] - part[:-rows, columns:] - part[rows:, :-columns] + part[:-rows, :-columns]
        )
        blank = marked[:, ::-1] == 0
        if not blank.any():
            return None
        row, from_right = divmod(int(blank.argmax()), marked.shape[1])
        x = (x0 + marked.shape[1] - 1 - from_right) / self._across + CLEARANCE
        y = self.height - (y0 + row) / self._down - CLEARANCE - height
        return Zone(x, y, turned)


def _box(size: tuple[float, float], *, turned: bool) -> tuple[float, float]:
    return (size[1], size[0]) if turned else size


def _usual_places(sheet: _Sheet, size: tuple[float, float]) -> Iterator[Zone]:
    """Yield the places at the edges, the best first."""
    width, height = size
    left, right, centre = MARGIN, sheet.width - MARGIN - width, (sheet.width - width) / 2
    top, bottom = sheet.height - MARGIN - height, MARGIN
    for y in (top, bottom):
        for x in (right, left, centre) if y == top else (right, centre, left):
            yield Zone(x, y, turned=False)
    for x in (sheet.width - MARGIN - height, MARGIN):
        for y in (sheet.height - MARGIN - width, (sheet.height - width) / 2, MARGIN):
            yield Zone(x, y, turned=True)


def _shared(usual: Mapping[int, Sequence[tuple[int, Zone]]]) -> Iterator[tuple[int, Zone]]:
    """Choose for each page one of its blank usual places (with their ranks), few different ones in all."""
    left = dict(usual)
    while left:
        counts = Counter(place for places in left.values() for place in places)
        chosen = max(
            counts,
            key=lambda place: (counts[place] == len(left), not place[1].turned, counts[place], -place[0]),
        )
        for number in [number for number, places in left.items() if chosen in places]:
            del left[number]
            yield number, chosen[1]
