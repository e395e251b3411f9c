"""A plan of waves as a table, a warning, and data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from labcheck.waves import Group, Share, Waves, fewest_stations
from provision.cli.screen import right, table
from provision.errors import N_
from provision.locale import gettext as _
from provision.site.model import Room


def wave_table(room: Room, found: Waves) -> Table:
    """A line for each wave; pupils by their number in the class's list."""
    rows = [
        (
            str(wave.number),
            f"{wave.begins:%H:%M}-{wave.ends:%H:%M}",
            str(wave.pupils),
            escape("; ".join(map(_share, wave.shares))),
        )
        for wave in found.waves
    ]
    headings = (right(N_("wave")), N_("time"), right(N_("pupils")), N_("who, by number in the class's list"))
    return table(_("Room {room}").format(room=room.number), headings, rows)


def _share(share: Share) -> str:
    numbers = str(share.first) if share.first == share.last else f"{share.first}-{share.last}"
    return _("{name}: {numbers}").format(name=share.group, numbers=numbers)


def too_late(found: Waves, groups: Sequence[Group], limit: dt.datetime, minutes: float, change: float) -> str:
    """What would have to be otherwise."""
    begins = found.waves[0].begins
    needed = fewest_stations(groups, begins, limit, minutes, change)
    text = _("It ends at {ends:%H:%M}, later than {limit:%H:%M}.").format(ends=found.ends, limit=limit)
    if needed is None:
        return text + " " + _("Not even one wave fits.")
    return text + " " + _("{n} workstations would be enough.").format(n=needed)


def wave_json(room: Room, found: Waves, groups: Sequence[Group], *, late: bool) -> dict[str, Any]:
    """The same as data."""
    return {
        "room": room.number,
        "pupils": sum(group.pupils for group in groups),
        "stations": found.stations,
        "reserves": found.reserves,
        "late": late,
        "waves": [
            {
                "number": wave.number,
                "begins": wave.begins.isoformat(),
                "ends": wave.ends.isoformat(),
                "shares": [{"group": s.group, "first": s.first, "last": s.last} for s in wave.shares],
            }
            for wave in found.waves
        ],
    }
