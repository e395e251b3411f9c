"""Verdicts as a person sees them: words and marks first, colour besides."""

from __future__ import annotations

from provision.cli.screen import PLAIN_WIDTH, console, right, table
from provision.errors import N_
from provision.locale import gettext as _
from provision.status import Verdict
from provision.work import What

__all__ = ["PLAIN_WIDTH", "console", "fraction", "right", "table", "verdict"]

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


def verdict(found: Verdict) -> str:
    """The verdict's word, with its colour as rich mark-up."""
    word, style = VERDICT_WORDS[found]
    return f"[{style}]{_(word)}[/]"


def fraction(done: tuple[int, int] | None) -> str:
    """ "3/13", or a dash where nothing of the kind is planned."""
    return f"{done[0]}/{done[1]}" if done else "—"
