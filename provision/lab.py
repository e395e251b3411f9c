"""The language lab, from the inventory's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labcheck.errors import NoWorkstations
from labcheck.reach import Reached, Target, reach_room
from provision.errors import N_
from provision.site.model import Inventory


def call_rooms(inventory: Inventory, numbers: Sequence[str]) -> Mapping[str, tuple[Reached, ...]]:
    """Call the workstations of the rooms named, of all labs when none is. Raises NoWorkstations."""
    rooms = [
        room for room in inventory.rooms if room.number in numbers or (not numbers and room.workstations)
    ]
    missing = set(numbers) - {room.number for room in rooms}
    if missing or not rooms:
        raise NoWorkstations(
            N_("room {room} has no workstations in the inventory"), room=", ".join(sorted(missing)) or "—"
        )
    targets = {
        room.number: [Target(w.seat, w.host, w.port, w.reserve) for w in room.workstations] for room in rooms
    }
    return {number: reach_room(number, called) for number, called in targets.items()}
