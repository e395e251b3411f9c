"""A page to judge a printer by: borders, rulers, greys, small type, a code and a symbol."""

from __future__ import annotations

import datetime as dt

import numpy as np
import zxingcpp

from printing.documents.layout import date_text
from printing.documents.paper import HEIGHT, WIDTH, Area, Paper
from printing.documents.room import Translate
from printing.documents.type import Face, Style, wrap

_SAMPLE_CODE = "60894"
_X, _RULER = 30.0, 100.0
_SCALE_Y, _GREY_Y, _TYPE_Y, _CODE_Y = 58.0, 108.0, 160.0, 228.0
_TEXT_WIDTH = 150.0
_LETTERS = "Съешь ещё этих мягких французских булок, да выпей чаю. 0123456789"


def test_page(printer: str, translate: Translate, *, when: dt.datetime) -> bytes:
    """One page; ``printer`` is the name that the site gives the printer."""
    _ = translate
    paper = Paper(_("Test page"))
    _borders(paper, _)
    paper.text(_X, 29, _("Test page"), 22, Face.BOLD)
    paper.fitted(_X, 36, _TEXT_WIDTH, printer, Style(13, 7, Face.BOLD))
    paper.text(_X, 42, f"{date_text(when.date(), _)}, {when:%H:%M}", 10)
    _rulers(paper, _)
    _greys(paper, _)
    _type(paper, _)
    _code(paper, _)
    return paper.finish()


test_page.__test__ = False  # type: ignore[attr-defined]  # pytest takes the name for a test's


def _section(paper: Paper, y: float, title: str, advice: str, width: float = _TEXT_WIDTH) -> float:
    """A heading and how to judge what follows; returns the last baseline."""
    paper.text(_X, y, title, 12, Face.BOLD)
    return paper.lines(_X, y + 5, wrap(advice, Face.SANS, 9.5, width), 9.5, Style(9.5, 9.5))


def _borders(paper: Paper, translate: Translate) -> None:
    """Frames 5 and 10 mm from the edge of the sheet."""
    _ = translate
    for edge in (5.0, 10.0):
        paper.box(Area(edge, edge, WIDTH - 2 * edge, HEIGHT - 2 * edge), 0.5)
    paper.text(WIDTH - 11.5, 9, _("5 mm from the edge"), 6.5, align="right")
    paper.text(WIDTH - 11.5, 14, _("10 mm from the edge"), 6.5, align="right")


def _rulers(paper: Paper, translate: Translate) -> None:
    """100 mm across and 100 mm down, a mark each millimetre."""
    _ = translate
    _section(
        paper,
        _SCALE_Y,
        _("1. Scale and margins"),
        _(
            "With a ruler, measure 100 mm across and 100 mm down, within 0.5 mm. If they are longer or "
            "shorter, the printer scales: switch 'fit to page' off. The frame at 10 mm must be whole and "
            "straight on all four sides; gaps in the frame at 5 mm are usual."
        ),
    )
    left, top = _X, 84.0
    paper.rule(left, top, left + _RULER, top, 0.5)
    paper.rule(WIDTH - 18, top, WIDTH - 18, top + _RULER, 0.5)
    for step in range(int(_RULER) + 1):
        length = 5.0 if step % 10 == 0 else 3.5 if step % 5 == 0 else 2.2
        paper.rule(left + step, top, left + step, top + length)
        paper.rule(WIDTH - 18 - length, top + step, WIDTH - 18, top + step)
        if step % 10 == 0:
            paper.text(left + step, top + 8.2, str(step), 7, align="centre")
            paper.text(WIDTH - 24, top + step + 0.9, str(step), 7, align="right")
    paper.text(left + _RULER + 4, top + 3.4, _("mm"), 8)


def _greys(paper: Paper, translate: Translate) -> None:
    """Patches from white to black."""
    _ = translate
    y = _section(
        paper,
        _GREY_Y,
        _("2. Greys"),
        _(
            "Every patch must differ from its neighbours, be even, and have no stripes. The 5 % patch must "
            "be visible, the 100 % patch deep black. Pale or striped: change the cartridge."
        ),
    )
    steps = (0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
    side = _TEXT_WIDTH / len(steps)
    for number, percent in enumerate(steps):
        x = _X + number * side
        paper.fill(Area(x, y + 4, side, 15), 1 - percent / 100)
        paper.text(x + side / 2, y + 23, f"{percent} %", 8, align="centre")
    paper.box(Area(_X, y + 4, _TEXT_WIDTH, 15), 0.4)


def _type(paper: Paper, translate: Translate) -> None:
    """The same sentence from 12 down to 4 points."""
    _ = translate
    y = _section(
        paper,
        _TYPE_Y,
        _("3. Small type"),
        _("The line of 5 points must be read without effort; no letter may be filled or broken."),
    )
    y += 2
    for size in (12, 10, 9, 8, 7, 6, 5, 4):
        y += size * 0.38 + 1.4
        paper.text(_X, y, _("{size} pt").format(size=size), 7)
        paper.text(_X + 12, y, _LETTERS, size)


def _code(paper: Paper, translate: Translate) -> None:
    """A code as on a cut-sheet, and a symbol as in a kit's stamp."""
    _ = translate
    y = _section(
        paper,
        _CODE_Y,
        _("4. Code and symbol"),
        _(
            "The code must be read at arm's length. The symbol must have sharp square dots; an app that "
            "scans barcodes reads the same code from it."
        ),
    )
    paper.text(_X, y + 17, _SAMPLE_CODE, 32, Face.MONO_BOLD)
    _symbol(paper, _X + 60, y + 6, 0.5)
    _symbol(paper, _X + 90, y + 6, 0.75)
    paper.text(_X + 60, y + 18, _("dots of 0.5 mm"), 7)
    paper.text(_X + 90, y + 18, _("dots of 0.75 mm"), 7)


def _symbol(paper: Paper, x: float, y: float, dot: float) -> None:
    """A DataMatrix symbol with its upper left corner at ``x``, ``y``."""
    made = zxingcpp.create_barcode(_SAMPLE_CODE, zxingcpp.BarcodeFormat.DataMatrix)
    dots = np.array(made.to_image(scale=1, add_quiet_zones=False))
    for row, line in enumerate(dots):
        for column, value in enumerate(line):
            if value == 0:
                paper.fill(Area(x + column * dot, y + row * dot, dot, dot))
