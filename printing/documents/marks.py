"""Signs for the state of a workstation: each has a shape, a colour and a word of its own.

The shapes differ so that nothing is lost on a black-and-white printer or on a colour-blind reader.
"""

from __future__ import annotations

import math
from enum import StrEnum

from printing.documents.paper import Colour, Paper, Point
from printing.documents.room import Translate


class Mark(StrEnum):
    """What is said of a workstation."""

    READY = "ready"
    REMARKS = "remarks"
    NOT_CHECKED = "not-checked"
    NOT_READY = "not-ready"
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"


COLOURS: dict[Mark, Colour] = {
    Mark.READY: (0.10, 0.50, 0.22),
    Mark.REMARKS: (0.10, 0.50, 0.22),
    Mark.NOT_CHECKED: (1.0, 1.0, 1.0),
    Mark.NOT_READY: (0.78, 0.11, 0.11),
    Mark.TIMED_OUT: (0.92, 0.62, 0.05),
    Mark.UNREACHABLE: (0.45, 0.45, 0.45),
    Mark.UNTRUSTED: (0.45, 0.15, 0.55),
}
"""Of the signs."""
TINTS: dict[Mark, Colour] = {
    Mark.READY: (0.86, 0.95, 0.86),
    Mark.REMARKS: (0.86, 0.95, 0.86),
    Mark.NOT_CHECKED: (1.0, 1.0, 1.0),
    Mark.NOT_READY: (0.99, 0.86, 0.84),
    Mark.TIMED_OUT: (1.0, 0.94, 0.80),
    Mark.UNREACHABLE: (0.90, 0.90, 0.90),
    Mark.UNTRUSTED: (0.93, 0.86, 0.96),
}
"""Of what lies behind a sign; light enough to be written on."""


def word(mark: Mark, translate: Translate) -> str:
    """The sign's word."""
    _ = translate
    return {
        Mark.READY: _("ready"),
        Mark.REMARKS: _("ready, see remarks"),
        Mark.NOT_CHECKED: _("not checked"),
        Mark.NOT_READY: _("not ready"),
        Mark.TIMED_OUT: _("no answer in time"),
        Mark.UNREACHABLE: _("no connection"),
        Mark.UNTRUSTED: _("not trusted"),
    }[mark]


def sign(paper: Paper, mark: Mark, x: float, y: float, size: float) -> None:
    """Draw the sign, ``size`` mm wide, around ``x``, ``y``.

    A disc with a tick is good; with a dot beside the tick there are remarks. An octagon with a cross is not
    ready, an empty circle with a question mark not checked, a diamond unreachable, a triangle timed out, a
    square with a bar not trusted.
    """
    radius, colour = size / 2, COLOURS[mark]
    pen = max(0.9, size * 0.32)
    if mark in {Mark.READY, Mark.REMARKS}:
        paper.disc(x, y, radius, colour)
        tick = [(-0.45, 0.02), (-0.12, 0.36), (0.46, -0.32)]
        if mark is Mark.REMARKS:
            tick = [(px - 0.13, py) for px, py in tick]
            paper.disc(x + 0.52 * radius, y + 0.42 * radius, 0.15 * radius, (1, 1, 1))
        paper.line(_placed(tick, x, y, radius), pen, grey=1)
    elif mark is Mark.NOT_CHECKED:
        paper.disc(x, y, radius * 0.92, colour, weight=max(0.6, size * 0.18))
        hook = [(-0.26, -0.22), (-0.16, -0.46), (0.12, -0.48), (0.27, -0.24), (0.0, 0.06), (0.0, 0.2)]
        paper.line(_placed(hook, x, y, radius), pen * 0.8)
        paper.disc(x, y + 0.48 * radius, 0.1 * radius, (0, 0, 0))
    elif mark is Mark.NOT_READY:
        paper.shape(_corners(8, x, y, radius * 1.04, turn=math.pi / 8), colour)
        for side in (-1, 1):
            paper.line(_placed([(-0.4, -0.4 * side), (0.4, 0.4 * side)], x, y, radius), pen, grey=1)
    elif mark is Mark.UNREACHABLE:
        paper.shape(_corners(4, x, y, radius * 1.1, turn=0), colour)
        for side in (-1, 1):
            paper.line(_placed([(0.3 * side - 0.15, 0.25), (0.3 * side + 0.15, -0.25)], x, y, radius), pen, 1)
    elif mark is Mark.TIMED_OUT:
        paper.shape(_corners(3, x, y + 0.12 * radius, radius * 1.15, turn=-math.pi / 2), colour, 0.6)
        paper.line(_placed([(0, -0.42), (0, 0.2)], x, y, radius), pen)
        paper.disc(x, y + 0.46 * radius, 0.11 * radius, (0, 0, 0))
    else:
        paper.shape(_corners(4, x, y, radius * 1.25, turn=math.pi / 4), colour)
        paper.line(_placed([(-0.5, 0), (0.5, 0)], x, y, radius), pen * 1.3, grey=1)


def _placed(points: list[Point], x: float, y: float, radius: float) -> list[Point]:
    return [(x + px * radius, y + py * radius) for px, py in points]


def _corners(count: int, x: float, y: float, radius: float, turn: float) -> list[Point]:
    angles = [turn + 2 * math.pi * number / count for number in range(count)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]
