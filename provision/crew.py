"""Every printer at work at once: each gets the next document when it is ready, and somebody looks on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from printing.dispatch import Dispatcher, OnEvent, Progress
from printing.errors import QueueUnreachable
from printing.feed import Work
from printing.queues.base import PrintOptions
from printing.queues.facts import InspectedQueue
from provision.flow import Bundle, Flow
from provision.ledger import Ledger, LedgerJournal
from provision.site.model import Failover
from provision.site.site import Site
from provision.station import Failure, Job, PrinterNow, Station

OnProgress = Callable[[str, Progress], None]
"""Told the printer's name and what happened there; one call at a time."""

TICK = 0.2
"""Seconds between two looks at the printers."""
GRACE = 60.0
"""Seconds that a stopped printer has to recover before "always" sends its work elsewhere."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a stopped printer was to print and was never sent, and the ``others`` that could print it."""

    printer: str
    others: tuple[str, ...]
    documents: int
    sheets: int
    rooms: tuple[str, ...]


class Watch(Protocol):
    """Who looks on while the printers work; called often, from one thread."""

    def look(self, board: Sequence[PrinterNow], offer: Offer | None) -> bool | None:
        """See how the printers stand, and say whether ``offer`` is accepted; None: no answer yet."""
        ...


@dataclass(frozen=True, slots=True)
class Ended:
    """What stopped printers, by name, and those of them whose work went elsewhere."""

    failures: Mapping[str, Failure]
    moved: frozenset[str]


class Crew:
    """The printers of a site, and what they do in one command."""

    def __init__(self, site: Site, ledger: Ledger, journal: LedgerJournal, on_progress: OnProgress) -> None:
        """Nothing is connected yet."""
        self._site, self._ledger, self._journal = site, ledger, journal
        self._on_progress = on_progress
        self._lock = threading.RLock()
        self._stations: dict[str, Station] = {}
        self._speeds = {printer.name: printer.ppm for printer in site.inventory.printers}
        self._flow = Flow([], self._speeds)
        self._failover = Failover.NEVER
        self._settled: dict[str, bool] = {}
        """Of a printer in trouble: whether its work goes elsewhere."""
        self._moved: set[str] = set()
        self._stopped = False

    def stop(self) -> None:
        """Send nothing more; what is on its way is let end. For a signal handler."""
        self._stopped = True
        for station in tuple(self._stations.values()):
            station.stop()

    def follow(self, works: Mapping[str, Sequence[Work]], watch: Watch) -> Ended:
        """Follow what an earlier run left at printers (by name) to its end; send nothing."""

        def follow(name: str) -> Job:
            return lambda _queue, dispatcher, told: dispatcher.follow(works[name], told)

        for name in works:
            self._start(name, follow(name))
        while self._alive():
            watch.look(self._board(), None)
            time.sleep(TICK)
        return self._ended(works)

    def serve(
        self, bundles: Sequence[Bundle], watch: Watch, failover: Failover, *, release: bool = False
    ) -> Ended:
        """Print ``bundles``, or with ``release`` let the held jobs go that they name, each in its order."""
        self._flow, self._failover = Flow(bundles, self._speeds), failover
        homes = dict.fromkeys(bundle.home for bundle in bundles)
        for name in homes:
            self._start(name, self._server(name, release=release))
        while True:
            offer = self._mind()
            answer = watch.look(self._board(), offer)
            if offer is not None and answer is not None:
                self._settle(offer.printer, move=answer)
            waking = [name for name in self._speeds if self._may_begin(name)]
            for name in waking:
                self._start(name, self._server(name, release=release))
            if not (self._alive() or waking or offer):
                return self._ended(homes)
            time.sleep(TICK)

    def _server(self, name: str, *, release: bool) -> Job:
        def serve(queue: InspectedQueue, dispatcher: Dispatcher, told: OnEvent) -> None:
            for options in self._options(name):
                queue.check(options)
            dispatcher.serve(_Feed(self._flow, self._lock, name), told, release=release)

        return serve

    def _options(self, name: str) -> frozenset[PrintOptions]:
        """What its printer must be able to do before it gets anything."""
        with self._lock:
            return frozenset(work.options for work in self._flow.waiting(name)) or frozenset({PrintOptions()})

    def _start(self, name: str, job: Job) -> None:
        station = self._stations.get(name)
        if station is None:
            station = self._stations[name] = Station(self._site, self._ledger, self._journal, name)
        if self._stopped:
            station.stop()
        station.begin(job, lambda step: self._told(name, step))

    def _told(self, name: str, step: Progress) -> None:
        with self._lock:
            self._stations[name].note(step)
            self._on_progress(name, step)

    def _alive(self) -> bool:
        return any(station.alive for station in self._stations.values())

    def _may_begin(self, name: str) -> bool:
        """Whether a printer that is not at work could be: what it may take waits, here or elsewhere."""
        station = self._stations.get(name)
        if self._stopped or (station is not None and (station.failure is not None or station.alive)):
            return False
        with self._lock:
            return self._flow.offers(name)

    def _board(self) -> tuple[PrinterNow, ...]:
        with self._lock:
            board = []
            for station in self._stations.values():
                station.passes(TICK)
                waiting = sum(work.sheets for work in self._flow.waiting(station.name))
                board.append(station.now(waiting))
            return tuple(board)

    def _mind(self) -> Offer | None:
        """Look after the printers in trouble; returns what somebody has to decide."""
        with self._lock:
            offers = [self._trouble(station) for station in self._stations.values()]
        return next((offer for offer in offers if offer is not None and not self._stopped), None)

    def _trouble(self, station: Station) -> Offer | None:
        name, still = station.name, station.standstill
        self._flow.stands(name, still=still is not None or station.failure is not None)
        if station.failure is None and still is None:
            self._settled.pop(name, None)  # it has recovered, and goes on by itself
            return None
        if name in self._settled:
            return None
        offer = self._offer(station)
        if offer is None or self._failover is Failover.NEVER:
            return None
        if self._failover is Failover.ASK:
            return offer
        if still is None or time.monotonic() - still.since >= GRACE:
            self._settle(name, move=True)
        return None

    def _offer(self, station: Station) -> Offer | None:
        """What of its work others could print; None when it must not be moved or nobody could."""
        if station.failure is not None and not isinstance(station.failure, QueueUnreachable):
            return None  # a document or a setting is at fault, not the printer
        in_trouble = {s.name for s in self._stations.values() if s.failure is not None or s.standstill}
        others = tuple(name for name in self._speeds if name not in in_trouble)
        works = self._flow.movable(station.name, others)
        if not works:
            return None
        able = tuple(name for name in others if self._flow.movable(station.name, [name]))
        rooms = dict.fromkeys(work.key.split("/")[1] for work in works)
        return Offer(station.name, able, len(works), sum(work.sheets for work in works), tuple(rooms))

    def _settle(self, name: str, *, move: bool) -> None:
        with self._lock:
            self._settled[name] = move
            if move:
                self._moved.add(name)
                self._flow.give_up(name)
                self._stations[name].withdraw()

    def _ended(self, homes: Mapping[str, object]) -> Ended:
        """Of a printer that was only to help, and could not, nothing is said: nothing of it was lost."""
        failures = {
            name: station.failure
            for name, station in self._stations.items()
            if station.failure is not None and (name in homes or station.done)
        }
        return Ended(failures, frozenset(self._moved))


class _Feed:
    """What one printer gets of the flow that all share."""

    def __init__(self, flow: Flow, lock: threading.RLock, printer: str) -> None:
        self._flow, self._lock, self._printer = flow, lock, printer

    def next(self) -> Work | None:
        with self._lock:
            return self._flow.take(self._printer)

    def exhausted(self) -> bool:
        with self._lock:
            return not self._flow.offers(self._printer)

    def back(self, works: Sequence[Work]) -> None:
        with self._lock:
            self._flow.back(works)
