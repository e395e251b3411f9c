"""Tables and verdicts as a person sees them: words and marks first, colour besides."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from provision.errors import N_
from provision.locale import gettext as _
from provision.status import Verdict
from provision.work import What

PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""

VERDICT_WORDS = {
    Verdict.READY: (N_("READY"), "bold green"),
    Verdict.CLAIMED: (N_("COUNT SHEETS"), "bold yellow"),
    Verdict.MOVING: (N_("under way"), "cyan"),
    Verdict.UNKNOWN: (N_("UNKNOWN"), "bold red"),
    Verdict.TODO: (N_("to print"), "yellow"),
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


def right(heading: str) -> str:
    """A heading over figures."""
    return _RIGHT + heading


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table with translated headings; those wrapped in :func:`right` are aligned to the right."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="dim", pad_edge=False)
    for column in columns:
        aligned = column.startswith(_RIGHT)
        heading = _(column.removeprefix(_RIGHT))
        made.add_column(heading, justify="right" if aligned else "left", overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def verdict(found: Verdict) -> str:
    """The verdict's word, with its colour as rich mark-up."""
    word, style = VERDICT_WORDS[found]
    return f"[{style}]{_(word)}[/]"


def fraction(done: tuple[int, int] | None) -> str:
    """ "3/13", or a dash where nothing of the kind is planned."""
    return f"{done[0]}/{done[1]}" if done else "—"
