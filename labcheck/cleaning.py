"""Text of a workstation, which may be anything, made fit to be shown and kept."""

from __future__ import annotations

TEXT_CHARACTERS = 80
"""Of a text from a workstation no more than this is shown or kept."""
LONGEST = 4096
"""A longer text makes no sense as any fact."""


def clean(untrusted: str, most: int = TEXT_CHARACTERS) -> str:
    """One line of printable characters, cut to ``most``: no escapes, no reversed writing, no halves."""
    line = " ".join(untrusted[:LONGEST].split())
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return line if len(line) <= most else line[: most - 1] + "…"
