"""Where each part of a stamp lies: lengths in points, origin at the stamp's lower left corner.

Blank paper is scarce in height (a page's upper margin), not in width, so a stamp is one low band:
the code large, then two lines of two columns, then the symbol at the right, in the sheet's corner::

    10234   ИК 204-07   стр. 3 из 8   ▓▒▓
            ауд. 204    место 2Б      ▒▓▒

Columns have fixed places, so that in a pile every sheet shows the same thing at the same place; a text
that is wider than its column is set smaller. Code 128 is 79 mm wide; there all texts are one line above it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from printing.documents.stamp_font import StampFont
from printing.symbols import SymbolTable

FONT_RESOURCE: Final = "VPRStampF"
"""Name under which the streams use the font."""

LINE_HEIGHT: Final = 24.0
"""Height of the code or of two small lines."""

CODE_SIZE: Final = 20.0
SMALL_SIZE: Final = 9.0
NOTE_SIZE: Final = 6.5

CODE_WIDTH: Final = 68.0
"""Six digits of the large size; ten characters come out at 12 pt. Also the line to write a code on: 24 mm."""

GAP: Final = 8.0

MODULE: Final = 1.2
"""Side of a module of the square symbols: 0.42 mm, 10 dots of a 600 dpi printer, 2.5 of a 150 dpi scan."""

BAR: Final = 0.96
"""Width of Code 128's narrowest bar: 0.34 mm, 8 dots of a 600 dpi printer, 2 of a 150 dpi scan."""

BAR_HEIGHT: Final = 14.4
BAR_QUIET: Final = 10 * BAR
BAR_LINE_HEIGHT: Final = 15.0
BAR_CODE_SIZE: Final = 14.0
BAR_CODE_WIDTH: Final = 62.0

FIELDS: Final = ("code", "kit", "page", "room", "seat")
"""What a profile may name."""

_ROWS: Final = (("kit", "page"), ("room", "seat"))


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one text: baseline from ``x``, ``y``, at most ``width`` wide at ``size`` or smaller."""

    x: float
    y: float
    size: float
    width: float
    right: bool = False
    """The text ends at ``x + width`` instead of beginning at ``x``."""

    def fit(self, font: StampFont, text: str) -> tuple[int, int, int]:
        """Return x, y and size for ``text``, in tenths of a point."""
        wide = font.width(font.encode(text), self.size)
        shrink = min(1.0, self.width / wide) if wide else 1.0
        x = self.x + self.width - wide * shrink if self.right else self.x
        return round(10 * x), round(10 * self.y), math.floor(10 * self.size * shrink)


@dataclass(frozen=True, slots=True)
class Layout:
    """A stamp's size, its texts' slots by name, and the symbol's box (x, y, width, height), if any.

    Names are those of the fields, ``note`` (copy, spare), and where the code can have a note under it
    ``raised``, its slot then.
    """

    size: tuple[float, float]
    slots: Mapping[str, Slot]
    symbol: tuple[float, float, float, float] | None


def lay_out(fields: Sequence[str], table: SymbolTable | None, widths: Mapping[str, float]) -> Layout:
    """Lay a stamp out; ``widths`` are the usual texts' widths at size 1, by slot name."""
    if table is not None and table.rows == 1:
        return _above_bars(fields, table, widths)
    side = MODULE * (table.columns + 2) if table else 0.0
    height = max(LINE_HEIGHT, side)
    lift = (height - LINE_HEIGHT) / 2
    slots: dict[str, Slot] = {}
    x = 0.0
    if "code" in fields:
        slots["code"] = Slot(x, lift + 5.0, CODE_SIZE, CODE_WIDTH, right=True)
        slots["raised"] = Slot(x, lift + 9.6, CODE_SIZE, CODE_WIDTH, right=True)
        slots["note"] = Slot(x, lift + 1.4, NOTE_SIZE, CODE_WIDTH, right=True)
        x += CODE_WIDTH + GAP
    rows = [row for row in ([name for name in row if name in fields] for row in _ROWS) if row]
    if rows and "code" not in fields:
        rows[-1].append("note")
    baselines = (14.0, 3.6) if len(rows) == 2 else (8.8,)
    for column in range(max(map(len, rows), default=0)):
        cells = [(row[column], y) for row, y in zip(rows, baselines, strict=True) if column < len(row)]
        width = max(widths[name] for name, _ in cells) * SMALL_SIZE
        slots |= {name: Slot(x, lift + y, SMALL_SIZE, width) for name, y in cells}
        x += width + GAP
    if table is None:
        return Layout((x - GAP, height), slots, None)
    drawn = side - 2 * MODULE
    return Layout((x + side, height), slots, (x + MODULE, MODULE, drawn, drawn))


def _above_bars(fields: Sequence[str], table: SymbolTable, widths: Mapping[str, float]) -> Layout:
    """Code 128: one line of text, the bars under it."""
    bars = table.columns * BAR
    slots: dict[str, Slot] = {}
    x, y = BAR_QUIET, BAR_HEIGHT + 4.0
    for name in (*(name for name in FIELDS if name in fields), *(["note"] if fields else [])):
        if name == "code":
            width = BAR_CODE_WIDTH
            slots["code"] = Slot(x, y, BAR_CODE_SIZE, width)
        else:
            width = widths[name] * SMALL_SIZE
            slots[name] = Slot(x, y, SMALL_SIZE, width)
        x += width + GAP
    height = BAR_HEIGHT + BAR_LINE_HEIGHT + 1.0 if fields else BAR_HEIGHT
    return Layout((max(x - GAP, bars + 2 * BAR_QUIET), height), slots, (BAR_QUIET, 0.0, bars, BAR_HEIGHT))
