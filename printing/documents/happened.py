"""What the print journal says, before it is drawn."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. ``at`` is on the school's clock; ``sheets`` is None where none moved."""

    at: dt.datetime
    room: str
    what: str
    printer: str
    sheets: int | None
    outcome: str
    who: str


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs together, in the order it happened: an exam's lines, or the printers'."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class RoomSum:
    """Sheets of one exam in one room. ``planned`` is None when it cannot be told any more; ``additional``
    are part of ``printed``; ``others`` are the sheets that are no kit's; ``unknown`` may be on paper."""

    exam: str
    room: str
    planned: int | None
    printed: int
    additional: int
    spoiled: int
    others: int
    unknown: int

    @property
    def in_room(self) -> int:
        """Sheets of kits that may be used."""
        return self.printed - self.spoiled


@dataclass(frozen=True, slots=True)
class PrintJournal:
    """All of it. ``events`` and ``last_hash`` are those of the whole record at the moment ``made``;
    ``second_person`` says whether somebody confirmed additional prints, and signs too."""

    school: str
    made: dt.datetime
    sums: tuple[RoomSum, ...]
    sections: tuple[Section, ...]
    events: int
    last_hash: str
    second_person: bool = False
