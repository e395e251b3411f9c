"""How a language lab stands, from the inventory and the ledger alone. Pure.

A result counts on the day on which it was made, and only for what is demanded now of the computer that stands
there now. An earlier one is shown, and is never green.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from labcheck.outcome import Outcome
from provision.lab import requirements_of, terms_of
from provision.ledger.lab import Checked
from provision.site.model import Inventory, Room, Workstation


class LabState(StrEnum):
    """What can be said of a lab as a whole; READY when every workstation that is no reserve is."""

    NOT_CHECKED = "not-checked"
    EARLIER = "earlier"
    PROBLEMS = "problems"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class SeatStatus:
    """One workstation. ``checked`` is the last result of all; ``counts`` whether it says something of now."""

    station: Workstation
    checked: Checked | None
    counts: bool

    @property
    def outcome(self) -> Outcome:
        """The outcome that counts."""
        return self.checked.result.outcome if self.checked and self.counts else Outcome.NOT_CHECKED


@dataclass(frozen=True, slots=True)
class LabStatus:
    """A lab on a day, its workstations in the inventory's order."""

    room: Room
    day: dt.date
    seats: tuple[SeatStatus, ...]

    @property
    def main(self) -> tuple[SeatStatus, ...]:
        """The workstations that are no reserve."""
        return tuple(seat for seat in self.seats if not seat.station.reserve)

    @property
    def reserves(self) -> tuple[SeatStatus, ...]:
        """Those kept free to replace one that fails."""
        return tuple(seat for seat in self.seats if seat.station.reserve)

    @property
    def state(self) -> LabState:
        """What can be said of all of them."""
        main = self.main
        if main and all(seat.outcome.good for seat in main):
            return LabState.READY
        if any(seat.counts for seat in self.seats):
            return LabState.PROBLEMS
        return LabState.EARLIER if any(seat.checked for seat in self.seats) else LabState.NOT_CHECKED

    @property
    def last_check(self) -> dt.datetime | None:
        """When the last result was written (UTC)."""
        every = (seat.checked for seat in self.seats if seat.checked)
        return max((one.headset_at or one.at for one in every), default=None)


def ready_of(seats: tuple[SeatStatus, ...]) -> tuple[int, int]:
    """How many of them are ready, and how many there are."""
    return sum(seat.outcome.good for seat in seats), len(seats)


def lab_status(
    inventory: Inventory,
    room: Room,
    results: Mapping[tuple[str, str], Checked],
    at: dt.datetime,
) -> LabStatus:
    """The lab as it stands for an exam that starts ``at`` (in the school's zone)."""
    wanted = requirements_of(inventory, at)

    def seat(station: Workstation) -> SeatStatus:
        checked = results.get((room.number, station.seat))
        counts = (
            checked is not None
            and checked.at.astimezone(at.tzinfo).date() == at.date()
            and checked.result.terms == terms_of(wanted, station)
        )
        return SeatStatus(station, checked, counts)

    return LabStatus(room, at.date(), tuple(map(seat, room.workstations)))
