"""The loop of ``provision day --watch``, a whole day in no time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from provision.runbook.board import Fact, Level, rows
from provision.runbook.look import Board
from provision.runbook.model import When
from provision.runbook.reminders import Cause
from provision.runbook.watching import AFRESH, EVERY, fingerprint, watch
from tests.unit.provision.runbook.test_clock import day, step

PROCEDURE = {
    "D1": step(When(at=dt.time(7, 30)), When(at=dt.time(6, 30)), remind=15),
    "D2": step(When(at=dt.time(7, 50)), When(at=dt.time(7, 30)), remind=10),
}
START = dt.datetime(2027, 4, 15, 7, 0, tzinfo=day().zone)


class Rehearsed:
    """A site with a clock that only pauses move; a download arrives, a signature is given."""

    def __init__(self, root: Path) -> None:
        self.now = START
        self.looks = 0
        self.facts: dict[str, Fact] = {}
        (root / "inbox").mkdir()
        (root / "state").mkdir()
        self.site = cast(Any, SimpleNamespace(root=root, inbox=root / "inbox", state=root / "state"))
        self.told: list[tuple[str, str, Cause]] = []
        self.due_at: dict[dt.time, Any] = {}

    def look(self) -> Board:
        self.looks += 1
        return Board(self.site, PROCEDURE, day(), dict(self.facts), {}, 0, "")

    def pause(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)
        for moment in [at for at in self.due_at if self.now.time() >= at]:
            self.due_at.pop(moment)()

    def shown(self, _board: Board, _rows: object, now: dt.datetime, due: tuple[Any, ...]) -> None:
        self.told += [(f"{now:%H:%M}", one.row.id, one.cause) for one in due]

    def done(self, name: str) -> None:
        self.facts[name] = Fact(Level.PROVED)
        (self.site.inbox / name).write_text("x")

    def watch(self) -> Board:
        return watch(self.look, lambda: self.now, self.pause, self.shown)


def test_reminds_until_every_step_is_done_and_looks_when_something_arrives(tmp_path: Path) -> None:
    site = Rehearsed(tmp_path)
    site.due_at = {dt.time(7, 35): lambda: site.done("D1"), dt.time(7, 55): lambda: site.done("D2")}
    last = site.watch()
    assert site.told == [
        ("07:15", "D1", Cause.SOON),
        ("07:30", "D1", Cause.PASSED),
        ("07:30", "D2", Cause.BEGINS),
        ("07:40", "D2", Cause.SOON),
        ("07:50", "D2", Cause.PASSED),
    ]
    assert not any(row.state.open for row in rows(last.procedure, last.day, last.facts, {}, site.now))
    # one look at the start, one for each arrival, and one at least every five minutes: not one every pause
    assert site.looks <= 3 + dt.timedelta(minutes=55) // AFRESH < 55 * 60 / EVERY


def test_a_computer_that_slept_tells_on_waking_what_it_missed(tmp_path: Path) -> None:
    site = Rehearsed(tmp_path)
    sleeps = iter([50 * 60.0])

    def pause(_seconds: float) -> None:
        try:
            site.now += dt.timedelta(seconds=next(sleeps))
        except StopIteration:
            raise KeyboardInterrupt from None

    with pytest.raises(KeyboardInterrupt):
        watch(site.look, lambda: site.now, pause, site.shown)
    assert [(step_, cause) for _at, step_, cause in site.told] == [
        ("D1", Cause.SOON),
        ("D1", Cause.PASSED),
        ("D2", Cause.BEGINS),
        ("D2", Cause.SOON),
        ("D2", Cause.PASSED),
    ]


def test_a_clock_that_is_set_back_reminds_of_nothing_twice(tmp_path: Path) -> None:
    site = Rehearsed(tmp_path)
    moves = iter([16 * 60.0, -10 * 60.0, 11 * 60.0, None])

    def pause(_seconds: float) -> None:
        move = next(moves)
        if move is None:
            raise KeyboardInterrupt
        site.now += dt.timedelta(seconds=move)

    with pytest.raises(KeyboardInterrupt):
        watch(site.look, lambda: site.now, pause, site.shown)
    assert [(step_, cause) for _at, step_, cause in site.told] == [("D1", Cause.SOON)]


def test_the_fingerprint_changes_with_every_download_and_form(tmp_path: Path) -> None:
    site = Rehearsed(tmp_path).site
    seen = [fingerprint(site)]
    (tmp_path / "forms").mkdir()
    for path in ("inbox/a.zip", "forms/b.xls", "inventory.yaml", "state/ledger.sqlite3"):
        (tmp_path / path).write_text("x")
        seen.append(fingerprint(site))
    assert len(set(seen)) == len(seen)
