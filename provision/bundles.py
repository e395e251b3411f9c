"""Documents put together into bundles, and the printers that may print them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from printing.feed import Work
from printing.journal import Entry
from printing.kit import Media
from provision.flow import Bundle
from provision.site.model import Inventory
from provision.work import Item

_FIRST = dt.datetime(1, 1, 1)  # noqa: DTZ001 - sessions are local times without zone
_Place = tuple[str, str, str]
"""Exam, room and printer."""


class Bundles:
    """Collects the documents of a run. What of a room goes to another printer (large print, where the room's
    printer has no A3) is a bundle of its own."""

    def __init__(self, inventory: Inventory, entries: Iterable[Entry]) -> None:
        """``entries`` say which bundles have begun already."""
        self._inventory = inventory
        self._works: dict[_Place, list[Work]] = {}
        self._begun = {
            (*entry.attempt.work.split("/")[:2], entry.attempt.queue)
            for entry in entries
            if not entry.state.may_send
        }

    def add(self, item: Item, work: Work) -> None:
        """The next document of an item's room."""
        self.put(item.room.exam.id, item.room.room, item.printer, work)

    def put(self, exam: str, room: str, printer: str, work: Work) -> None:
        """The next document of a room that a printer is to print."""
        self._works.setdefault((exam, room, printer), []).append(work)

    def planned(self, *, stealing: bool) -> tuple[Bundle, ...]:
        """The bundles, in the order of their first documents; with ``stealing`` printers help each other."""
        return tuple(self._bundle(place, works, stealing=stealing) for place, works in self._works.items())

    def _bundle(self, place: _Place, works: list[Work], *, stealing: bool) -> Bundle:
        exam_id, number, home = place
        large = any(work.options.media is Media.A3 for work in works)
        pools = {p for printer in self._inventory.printers if printer.name == home for p in printer.pools}
        pool = next((room.pool for room in self._inventory.rooms if room.number == number), None)
        takers = self._printers({pool} - {None}, large=large) if stealing and pool else frozenset()
        wanted = pools | ({pool} - {None})
        return Bundle(
            "/".join(place),
            home,
            self._session(exam_id),
            tuple(works),
            takers,
            heirs=self._printers(wanted, large=False),
            large_heirs=self._printers(wanted, large=True),
            begun=place in self._begun,
        )

    def _printers(self, pools: Iterable[str | None], *, large: bool) -> frozenset[str]:
        wanted = set(pools)
        return frozenset(
            printer.name
            for printer in self._inventory.printers
            if wanted & set(printer.pools) and (printer.a3 or not large)
        )

    def _session(self, exam_id: str) -> dt.datetime:
        """When the exam starts; what is of an exam that the inventory no longer has comes first."""
        for exam in self._inventory.exams:
            if exam.id == exam_id:
                return dt.datetime.combine(exam.date, exam.start)
        return _FIRST
