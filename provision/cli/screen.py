"""The screen, and tables on it. Light: commands that know nothing of paper use it too."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from provision.locale import gettext as _

PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""


def console(*, err: bool = False) -> Console:
    """A console; plain and wide enough where nobody looks at a terminal."""
    stream = sys.stderr if err else sys.stdout
    return Console(file=stream, highlight=False, width=None if stream.isatty() else PLAIN_WIDTH)


_RIGHT = ">"
_LONG = 24
"""Columns; what is longer within a sentence is no word."""
GAP = 2
"""Columns of the screen between two columns of a table."""


def right(heading: str) -> str:
    """A heading over figures."""
    return _RIGHT + heading


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table with translated headings; those wrapped in :func:`right` are aligned to the right.

    Without frames, and no word is broken while the screen is wide enough for all of them; a path or a
    checksum within a sentence may be.
    """
    lines = [[_(column.removeprefix(_RIGHT)) for column in columns], *rows]
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, GAP - 1, 0, 0),
        pad_edge=False,
        caption=" ",  # an empty line below
    )
    for column, heading, width in zip(columns, lines[0], _widths(lines, console().width), strict=True):
        justify: JustifyMethod = "right" if column.startswith(_RIGHT) else "left"
        made.add_column(heading, justify=justify, overflow="fold", width=width)
    for row in lines[1:]:
        made.add_row(*row)
    return made


def _least(cell: str) -> int:
    """The width that breaks none of its words."""
    first, *others = cell.split() or [""]
    if not others:
        return cell_len(first)
    return min(_LONG, max(map(cell_len, (first, *others))))


def _widths(lines: Sequence[Sequence[str]], screen: int) -> Sequence[int | None]:
    """Widths that break no word but a very long one; all None where nothing need be broken, or where words
    must be."""
    cells = [[Text.from_markup(cell).plain for cell in column] for column in zip(*lines, strict=True)]
    least = [max(map(_least, column)) for column in cells]
    most = [max(map(cell_len, column)) for column in cells]
    room = screen - GAP * (len(cells) - 1)
    if not sum(least) <= room < sum(most):
        return [None] * len(cells)
    spare, wanted = room - sum(least), sum(most) - sum(least)
    return [low + (high - low) * spare // wanted for low, high in zip(least, most, strict=True)]
