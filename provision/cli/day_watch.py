"""``provision day --watch`` on a terminal: the board, and a bell with a line before deadlines."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

from rich.text import Text

from provision.cli.day_view import look, show
from provision.cli.exits import Exit
from provision.cli.tables import console
from provision.locale import gettext as _
from provision.locale import language
from provision.runbook.board import Row
from provision.runbook.look import Board
from provision.runbook.reminders import Cause, Reminder
from provision.runbook.watching import watch
from provision.runbook.words import duration

_KEPT = 5
"""Reminders that stay on the screen."""


def keep_watching(site: Path, date: str | None, *, whole: bool) -> int:
    """Until every step is done, or Ctrl-C."""
    first = look(site, date)
    day = str(first.day.date)
    screen = _Screen(whole=whole)
    boards = iter([first])
    last = watch(lambda: next(boards, None) or look(site, day), first.site.now, time.sleep, screen.shown)
    return Exit.DONE if last else Exit.INCOMPLETE


class _Screen:
    """The board drawn anew on a terminal; elsewhere, a line for each reminder."""

    def __init__(self, *, whole: bool) -> None:
        self._out = console()
        self._whole = whole
        self._told: list[str] = []

    def shown(self, seen: Board, found: tuple[Row, ...], now: dt.datetime, due: tuple[Reminder, ...]) -> None:
        """Show how it stands; ring for what is due."""
        lines = [reminder_line(one, now) for one in due]
        self._told = [*self._told, *lines][-_KEPT:]
        if not self._out.is_terminal:
            for line in lines:
                self._out.print(line, markup=False, soft_wrap=True)
            return
        self._out.clear()
        show(self._out, seen, found, now, whole=self._whole)
        for line in self._told:
            self._out.print(Text(f"🔔 {line}", "bold yellow"))
        self._out.print(Text(_("Watching; Ctrl-C ends it."), "dim"))
        if due:
            self._out.bell()


def reminder_line(one: Reminder, now: dt.datetime) -> str:
    """ "07:40 D2 Download the cipher: 10 min left"."""
    words = {
        "time": f"{one.at:%H:%M}",
        "step": one.row.id,
        "title": one.row.step.title.of(language()),
        "left": duration(abs(one.row.deadline - now)),
    }
    if one.cause is Cause.PASSED:
        return _("{time} {step} {title}: the deadline has passed").format(**words)
    if one.cause is Cause.BEGINS:
        return _("{time} {step} {title}: may begin, {left} left").format(**words)
    return _("{time} {step} {title}: {left} left").format(**words)
