"""Tables and verdicts as a person sees them: words and marks first, colour besides."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from provision.errors import N_
from provision.locale import gettext as _
from provision.status import Verdict
from provision.work import What

PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""

VERDICT_WORDS = {
    Verdict.NOBODY: (N_("nobody here"), "dim"),
    Verdict.READY: (N_("READY"), "bold green"),
    Verdict.LAB: (N_("CHECK THE LAB"), "bold yellow"),
    Verdict.CLAIMED: (N_("COUNT SHEETS"), "bold yellow"),
    Verdict.MOVING: (N_("under way"), "cyan"),
    Verdict.HELD: (N_("held"), "cyan"),
    Verdict.UNKNOWN: (N_("UNKNOWN"), "bold red"),
    Verdict.DISAGREE: (N_("DISAGREES"), "bold red"),
    Verdict.SPOILED: (N_("SPOILED"), "bold red"),
    Verdict.TODO: (N_("to print"), "yellow"),
    Verdict.REFUSED: (N_("CORRECT MISTAKES"), "bold red"),
    Verdict.BLOCKED: (N_("WAITS FOR MATERIALS"), "bold red"),
}

WHAT_WORDS = {
    What.COVER: N_("cover"),
    What.KITS: N_("kits"),
    What.BRIEFING: N_("briefing"),
    What.PROTOCOL: N_("protocol"),
    What.CODES: N_("codes"),
}


def console(*, err: bool = False) -> Console:
    """A console; plain and wide enough where nobody looks at a terminal."""
    stream = sys.stderr if err else sys.stdout
    return Console(file=stream, highlight=False, width=None if stream.isatty() else PLAIN_WIDTH)


_RIGHT = ">"
_GAP = 2
"""Columns of the screen between two columns of a table."""


def right(heading: str) -> str:
    """A heading over figures."""
    return _RIGHT + heading


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table with translated headings; those wrapped in :func:`right` are aligned to the right.

    Without frames, and no word is broken while the screen is wide enough for all of them.
    """
    lines = [[_(column.removeprefix(_RIGHT)) for column in columns], *rows]
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, _GAP - 1, 0, 0),
        pad_edge=False,
        caption=" ",  # an empty line below
    )
    for column, heading, width in zip(columns, lines[0], _widths(lines, console().width), strict=True):
        justify: JustifyMethod = "right" if column.startswith(_RIGHT) else "left"
        made.add_column(heading, justify=justify, overflow="fold", width=width)
    for row in lines[1:]:
        made.add_row(*row)
    return made


def _widths(lines: Sequence[Sequence[str]], screen: int) -> Sequence[int | None]:
    """Widths that break no word; all None where nothing need be broken, or where words must be."""
    cells = [[Text.from_markup(cell).plain for cell in column] for column in zip(*lines, strict=True)]
    least = [max(cell_len(word) for cell in column for word in cell.split() or [""]) for column in cells]
    most = [max(map(cell_len, column)) for column in cells]
    room = screen - _GAP * (len(cells) - 1)
    if not sum(least) <= room < sum(most):
        return [None] * len(cells)
    spare, wanted = room - sum(least), sum(most) - sum(least)
    return [low + (high - low) * spare // wanted for low, high in zip(least, most, strict=True)]


def verdict(found: Verdict) -> str:
    """The verdict's word, with its colour as rich mark-up."""
    word, style = VERDICT_WORDS[found]
    return f"[{style}]{_(word)}[/]"


def fraction(done: tuple[int, int] | None) -> str:
    """ "3/13", or a dash where nothing of the kind is planned."""
    return f"{done[0]}/{done[1]}" if done else "—"
