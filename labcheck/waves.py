"""Who comes to the workstations when: groups, stations and minutes. Pure.

Groups keep their order and are not mixed up: a wave takes the next pupils in line, so that a class comes
together as far as there are seats. Reserves stay free; each replaces one workstation that fails.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from labcheck.errors import N_, LabcheckError


class WavesImpossible(LabcheckError):
    """No workstation is left, or a number makes no sense."""

    code = "waves-impossible"
    remedy = N_("Correct the numbers: at least one workstation and one minute are needed.")


@dataclass(frozen=True, slots=True)
class Group:
    """Pupils who belong together, a class for instance."""

    name: str
    pupils: int


@dataclass(frozen=True, slots=True)
class Share:
    """A group's part of a wave: the ``first`` to the ``last`` of its pupils, from 1."""

    group: str
    first: int
    last: int

    @property
    def pupils(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Wave:
    """Those who work at the same time. ``number`` is from 1."""

    number: int
    begins: dt.datetime
    ends: dt.datetime
    shares: tuple[Share, ...]

    @property
    def pupils(self) -> int:
        """How many they are."""
        return sum(share.pupils for share in self.shares)


@dataclass(frozen=True, slots=True)
class Waves:
    """A plan. ``stations`` are those in use, ``reserves`` those still free."""

    waves: tuple[Wave, ...]
    stations: int
    reserves: int

    @property
    def ends(self) -> dt.datetime | None:
        """When the last wave ends; None when nobody comes."""
        return self.waves[-1].ends if self.waves else None


def plan(
    groups: Sequence[Group],
    stations: int,
    reserves: int,
    begins: dt.datetime,
    minutes: float,
    change: float = 0.0,
    *,
    broken: int = 0,
    even: bool = True,
) -> Waves:
    """As few waves as there can be.

    ``minutes`` is what a pupil takes, ``change`` the pause between two waves, ``broken`` how many
    workstations have failed, whichever they are. ``even``: waves of nearly the same size instead of full
    ones and a small last one. Raises WavesImpossible."""
    usable = min(stations, stations + reserves - broken)
    if usable < 1 or minutes <= 0 or change < 0 or broken < 0 or any(g.pupils < 0 for g in groups):
        raise WavesImpossible(
            N_("no waves with {stations} workstations and {minutes:g} minutes"),
            stations=max(0, usable),
            minutes=minutes,
        )
    pupils = sum(group.pupils for group in groups)
    count = -(-pupils // usable)
    line = [(group.name, number) for group in groups for number in range(1, group.pupils + 1)]
    waves, at = [], 0
    for index in range(count):
        many = (pupils * (index + 1) // count - pupils * index // count) if even else usable
        begin = begins + index * dt.timedelta(minutes=minutes + change)
        shares = _shares(line[at : at + many])
        waves.append(Wave(index + 1, begin, begin + dt.timedelta(minutes=minutes), shares))
        at += many
    return Waves(tuple(waves), usable, max(0, reserves - broken))


def fewest_stations(
    groups: Sequence[Group], begins: dt.datetime, until: dt.datetime, minutes: float, change: float = 0.0
) -> int | None:
    """How many workstations it takes to end by ``until``; None when not one wave fits."""
    available = (until - begins).total_seconds() / 60
    if available < minutes:
        return None
    count = int((available + change) // (minutes + change))
    return -(-sum(group.pupils for group in groups) // count)


def _shares(some: Sequence[tuple[str, int]]) -> tuple[Share, ...]:
    shares: list[Share] = []
    for name, number in some:
        if shares and shares[-1].group == name and shares[-1].last == number - 1:
            shares[-1] = Share(name, shares[-1].first, number)
        else:
            shares.append(Share(name, number, number))
    return tuple(shares)
