"""A site: the folder of one school, with what was read from it and where things lie in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from provision.errors import Problem, ProblemsError
from provision.site.checks import Together, cross_check
from provision.site.draft import Draft, participants_of
from provision.site.inventory import Examined, examine
from provision.site.model import Exam, Inventory
from provision.site.people import Roster
from provision.site.roster import examine_roster

INVENTORY = "inventory.yaml"
INBOX = "inbox"
OUT = "out"
STATE = ".provision"

Clock = Callable[[], dt.datetime]
"""The time now, with a time zone."""

_UTC_NOW: Clock = partial(dt.datetime.now, dt.UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """One school's folder. ``clock`` is asked for every ``now``; tests give their own."""

    root: Path
    inventory: Inventory
    roster: Roster
    clock: Clock = field(default=_UTC_NOW, repr=False)

    @property
    def inventory_file(self) -> Path:
        """The inventory that was read."""
        return self.root / INVENTORY

    @property
    def roster_file(self) -> Path:
        """The list of participants that was read."""
        return self.root / self.inventory.participants

    @property
    def inbox(self) -> Path:
        """Where downloaded files are put; need not exist."""
        return self.root / INBOX

    @property
    def out(self) -> Path:
        """Where results for people are written; need not exist."""
        return self.root / OUT

    @property
    def state(self) -> Path:
        """Our own records; made at the first use, for the owner alone (0700)."""
        return private_folder(self.root / STATE)

    @property
    def zone(self) -> ZoneInfo:
        """The school's time zone."""
        return ZoneInfo(self.inventory.school.time_zone)

    def now(self) -> dt.datetime:
        """The time now, on the school's clock."""
        return self.clock().astimezone(self.zone)

    def starts(self, exam: Exam) -> dt.datetime:
        """When the exam starts."""
        return dt.datetime.combine(exam.date, exam.start, self.zone)

    def ready_by(self, exam: Exam) -> dt.datetime:
        """When the exam's rooms are to be ready."""
        return self.starts(exam) - dt.timedelta(minutes=self.inventory.profile.ready_before_minutes)


def private_folder(path: Path) -> Path:
    """The folder at ``path``, made when absent, open to its owner alone."""
    path.mkdir(mode=0o700, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def open_site(path: Path, clock: Clock = _UTC_NOW) -> Site:
    """The site in the folder ``path``. Raises ProblemsError with all that is wrong in the inventory and in
    the list of participants together."""
    root = path.resolve()
    file = root / INVENTORY
    examined = examine(file)
    problems = list(examined.problems)
    roster = None
    if examined.draft is not None:
        roster, found = _examine_roster(root, file, examined, examined.draft)
        problems += found
    if problems or examined.inventory is None or roster is None:
        raise ProblemsError(sorted(problems, key=lambda problem: _order(problem, file)))
    return Site(root, examined.inventory, roster, clock)


def _examine_roster(
    root: Path, inventory_file: Path, examined: Examined, draft: Draft
) -> tuple[Roster | None, list[Problem]]:
    """The list of participants, and what is wrong in it and between it and the inventory."""
    named = PurePosixPath(participants_of(draft.root))
    if named.is_absolute() or ".." in named.parts:
        return None, []  # the inventory's problems say so
    roster, problems = examine_roster(root / named)
    whole = not problems
    both = Together(
        inventory=examined.inventory or draft.partial(),
        inventory_file=inventory_file,
        inventory_whole=examined.inventory is not None,
        exams=draft.sound_exams(),
        roster=roster,
        roster_file=root / named,
        roster_whole=whole,
    )
    return roster, [*problems, *cross_check(both)]


def _order(problem: Problem, inventory_file: Path) -> tuple[bool, str, int]:
    """The inventory first, then the list; each by line."""
    return problem.file != inventory_file, str(problem.file), problem.line
