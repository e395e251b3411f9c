"""``provision day --watch``: looks again when something changed, and reminds before deadlines.

The loop knows no screen and no clock of its own, so that a whole day is tested in no time.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from provision.runbook.board import Row, State
from provision.runbook.look import Board
from provision.runbook.reminders import Reminder, reminders
from provision.site.site import Site

EVERY = 20.0
"""Seconds between two looks at the clock."""
AFRESH = dt.timedelta(minutes=5)
"""Everything is looked at anew after this, even when nothing seems to have changed."""

Shown = Callable[[Board, tuple[Row, ...], dt.datetime, tuple[Reminder, ...]], object]


def watch(
    look: Callable[[], Board],
    clock: Callable[[], dt.datetime],
    pause: Callable[[float], object],
    shown: Shown,
) -> Board:
    """Look, show, remind, wait, until every step is done; returns the last board. Ends at once by
    KeyboardInterrupt."""
    seen, at = look(), clock()
    mark, since = fingerprint(seen.site), at
    found = seen.at(at)
    shown(seen, found, at, ())
    while any(row.state.open for row in found):
        pause(EVERY)
        now = clock()
        changed = fingerprint(seen.site)
        if changed != mark or now - since >= AFRESH:
            seen, mark, since = look(), changed, now
        before = _states(found)
        found = seen.at(now)
        due = reminders(found, at, now)
        at = max(at, now)  # a clock that is set back reminds of nothing twice
        if due or _states(found) != before or now.minute != since.minute:
            shown(seen, found, now, due)
    return seen


def fingerprint(site: Site) -> tuple[tuple[str, int, int], ...]:
    """What changes when something is downloaded, recorded, filled or written into the files of the site."""
    return tuple(_entries(site))


def _entries(site: Site) -> Iterator[tuple[str, int, int]]:
    folders = (site.inbox, site.root, site.root / "forms")
    files = [Path(entry.path) for folder in folders if folder.is_dir() for entry in os.scandir(folder)]
    files += sorted(site.state.glob("ledger.sqlite3*"))
    for path in sorted(files):
        try:
            status = path.stat()
        except FileNotFoundError:  # gone since it was listed
            continue
        yield str(path), status.st_mtime_ns, status.st_size


def _states(found: tuple[Row, ...]) -> tuple[tuple[str, State], ...]:
    return tuple((row.id, row.state) for row in found)
