"""What the papers of a language lab are made from: one room, its workstations, and what was found of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from printing.documents.marks import Mark


@dataclass(frozen=True, slots=True)
class Fault:
    """A check that did not come out well: what it is called, what was measured against which limit, and what
    to do. All in the language of the paper."""

    title: str
    measured: str
    limit: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Station:
    """One workstation. ``checked`` is on the school's clock; ``values`` are the measured values in words."""

    seat: str
    row: int
    column: int
    host: str
    reserve: bool
    mark: Mark
    checked: dt.datetime | None = None
    values: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Headset:
    """What was found of a seat's headset, in a line; ``tested`` is on the school's clock."""

    seat: str
    mark: Mark
    said: str
    tested: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """Who heard whom in a test of several seats: a row for each microphone, a column for each seat that
    played, dB; None where nothing was heard. A row is None where no recording came."""

    at: dt.datetime
    seats: tuple[str, ...]
    levels_db: tuple[tuple[float | None, ...] | None, ...]


@dataclass(frozen=True, slots=True)
class Lab:
    """One room as it stands at the moment ``made``. ``places`` are its other seats, as (row, column, label);
    ``demands`` are what was checked, each with its limit; ``headsets`` and ``heard`` are there where headsets
    were tested. ``events`` and ``last_hash`` are the record's."""

    school: str
    test: str
    room: str
    made: dt.datetime
    rows: int
    columns: int
    stations: tuple[Station, ...]
    places: tuple[tuple[int, int, str], ...] = ()
    demands: tuple[tuple[str, str], ...] = ()
    software: str = ""
    events: int = 0
    last_hash: str = ""
    headsets: tuple[Headset, ...] = ()
    heard: tuple[Heard, ...] = ()

    @property
    def main(self) -> tuple[Station, ...]:
        """The workstations that are no reserve."""
        return tuple(station for station in self.stations if not station.reserve)

    @property
    def reserves(self) -> tuple[Station, ...]:
        """Those kept free to replace one that fails."""
        return tuple(station for station in self.stations if station.reserve)


def ready(stations: Iterable[Station]) -> int:
    """How many of them are ready."""
    return sum(station.mark in {Mark.READY, Mark.REMARKS} for station in stations)
