"""Which printer gets which room's bundle next. Pure: no clock, no threads, no printer.

A printer asks for its next document when it will soon need one. It finishes the bundle that it began, then
begins its own ones in their order; when it has none left, it takes the biggest that nobody has begun from
another printer of the room's pool, as long as that helps. A bundle is never divided, unless its printer has
failed and a person, or the profile, lets the rest of it go elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from printing.feed import Work
from printing.kit import Media


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is to be printed for one room and exam, in its order; an earlier ``session`` comes first.

    ``home`` is the printer that it was planned for. Those in ``takers`` may take it as a whole while nothing
    of it has begun; those in ``heirs`` may get what was never sent when its printer has failed. ``begun``:
    some of it came out of its home in an earlier run.
    """

    name: str
    home: str
    session: dt.datetime
    works: tuple[Work, ...]
    takers: frozenset[str] = frozenset()
    heirs: frozenset[str] = frozenset()
    large_heirs: frozenset[str] = frozenset()
    """Those of the heirs that print A3."""
    begun: bool = False

    def heirs_of(self, work: Work) -> frozenset[str]:
        """The printers that may get one of its documents."""
        return self.heirs & self.large_heirs if work.options.media is Media.A3 else self.heirs


@dataclass(slots=True)
class _Line:
    """A bundle and what of it still waits; ``freed``: its printer has failed and any heir may go on."""

    bundle: Bundle
    waiting: deque[Work]
    owner: str | None
    freed: bool = False
    sheets: int = field(init=False)

    def __post_init__(self) -> None:
        self.count()

    def count(self) -> None:
        self.sheets = sum(work.sheets for work in self.waiting)

    @property
    def at(self) -> str:
        """The printer that it belongs to now."""
        return self.owner or self.bundle.home

    def may_get(self, printer: str) -> bool:
        """Whether ``printer`` may ever get something of it."""
        mine = {self.at, self.bundle.home} | self.bundle.heirs
        return printer in (mine if self.owner else mine | self.bundle.takers)


class Flow:
    """The bundles that are still to be printed, and whose they are. ``speeds`` are pages per minute."""

    def __init__(self, bundles: Iterable[Bundle], speeds: Mapping[str, float]) -> None:
        """Sort the bundles by session; within one their order stays."""
        self._lines = [
            _Line(bundle, deque(bundle.works), bundle.home if bundle.begun else None)
            for bundle in sorted(bundles, key=lambda bundle: bundle.session)
        ]
        self._by_key = {work.key: line for line in self._lines for work in line.waiting}
        self._speeds = speeds
        self._idle: set[str] = set()

    def take(self, printer: str) -> Work | None:
        """The next document for ``printer``; None when there is none for now."""
        line = self._choose(printer)
        if line is None:
            return None
        line.owner, line.freed = printer, False
        work = line.waiting.popleft()
        line.count()
        return work

    def back(self, works: Sequence[Work]) -> None:
        """Put back what was taken and did not print; it comes first again, in its order."""
        for work in reversed(works):
            line = self._by_key[work.key]
            line.waiting.appendleft(work)
            line.count()

    def stands(self, printer: str, *, still: bool) -> None:
        """Note whether a printer stands still; others then take from it whatever its speed."""
        (self._idle.add if still else self._idle.discard)(printer)

    def waiting(self, printer: str) -> tuple[Work, ...]:
        """What waits for this printer."""
        return tuple(work for line in self._lines if line.at == printer for work in line.waiting)

    def movable(self, printer: str, others: Collection[str]) -> tuple[Work, ...]:
        """What waits for this printer and one of the ``others`` may get once it is given up."""
        lines = (line for line in self._lines if line.at == printer and not line.freed)
        heirs = frozenset(others) - {printer}
        return tuple(work for line in lines for work in line.waiting if line.bundle.heirs_of(work) & heirs)

    def give_up(self, printer: str) -> None:
        """Let the heirs have what waits for this printer; what none of them can print waits on."""
        for line in tuple(self._lines):
            if line.at != printer:
                continue
            parts: dict[frozenset[str], list[Work]] = {}
            for work in line.waiting:
                parts.setdefault(line.bundle.heirs_of(work), []).append(work)
            if parts.keys() <= {line.bundle.heirs}:
                line.freed = bool(line.bundle.heirs - {printer})
            else:
                self._divide(line, parts)

    def _divide(self, line: _Line, parts: Mapping[frozenset[str], list[Work]]) -> None:
        """Large print and the rest of a bundle go different ways."""
        made = [
            _Line(
                replace(line.bundle, heirs=heirs, takers=frozenset()),
                deque(works),
                line.at,
                bool(heirs - {line.at}),
            )
            for heirs, works in parts.items()
        ]
        place = self._lines.index(line)
        self._lines[place : place + 1] = made
        self._by_key |= {work.key: line for line in made for work in line.waiting}
        for work in line.bundle.works:  # what is at the printer now belongs where its like went
            if self._by_key[work.key] is line:
                fits = (each for each in made if each.bundle.heirs == line.bundle.heirs_of(work))
                self._by_key[work.key] = next(fits, made[0])

    def offers(self, printer: str) -> bool:
        """Whether :meth:`take` would give ``printer`` something now."""
        return self._choose(printer) is not None

    def _choose(self, printer: str) -> _Line | None:
        lines = [line for line in self._lines if line.waiting]
        for line in lines:
            if line.owner == printer:
                return line
        takeable = [line for line in lines if self._takeable(line, printer)]
        return min(takeable, key=lambda line: self._rank(line, printer), default=None)

    def _takeable(self, line: _Line, printer: str) -> bool:
        if line.freed:
            return line.may_get(printer)
        if line.owner is not None:
            return False
        return line.bundle.home == printer or (printer in line.bundle.takers and self._helps(line, printer))

    def _helps(self, line: _Line, printer: str) -> bool:
        """Whether a bundle that nobody has begun is done no later here than where it waits."""
        home = line.bundle.home
        ahead = sum(each.sheets for each in self._lines if each.at == home)
        return home in self._idle or line.sheets / self._speeds[printer] <= ahead / self._speeds[home]

    def _rank(self, line: _Line, printer: str) -> tuple[dt.datetime, bool, int]:
        """The earlier session first, then one's own in their order, then the biggest of the others'."""
        own = line.bundle.home == printer and not line.freed
        return line.bundle.session, not own, 0 if own else -line.sheets
