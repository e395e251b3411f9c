"""What the small documents of a room are made from: one exam in one room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

Translate = Callable[[str], str]
"""gettext of the language that the paper is printed in."""


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One line of a room: a pupil's seat, or a spare kit (``seat`` empty)."""

    seat: str
    code: str
    variant: str
    kit: str
    name: str = field(default="", repr=False)
    large_print: bool = False
    spare: bool = False


@dataclass(frozen=True, slots=True)
class RoomSheet:
    """One exam in one room. ``seats`` are in seat order; ``revision`` > 1 replaces an earlier print."""

    school: str
    subject: str
    class_name: str
    part: int
    date: dt.date
    start: dt.time
    room: str
    seats: tuple[SeatLine, ...]
    spares: tuple[SeatLine, ...] = ()
    kit_pages: int = 0
    """Pages of the longest kit."""
    revision: int = 1
    with_names: bool = False
    void: tuple[str, ...] = ()
    """Kits that were printed for the room and hold no longer."""


@dataclass(frozen=True, slots=True)
class BundleCount:
    """What lies in a room's bundle, for the cover: sheets of paper by kind of document."""

    kits: int
    spare_kits: int
    kit_sheets: int
    briefing_sheets: int
    protocol_sheets: int
    cut_sheets: int
    codes: int
    spare_codes: int

    @property
    def total(self) -> int:
        """Sheets in the bundle, the cover included."""
        return 1 + self.kit_sheets + self.briefing_sheets + self.protocol_sheets + self.cut_sheets
