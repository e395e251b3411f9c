"""Host keys written into ``inventory.yaml``: every other byte of the file stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode

from provision.errors import N_, ProvisionError
from provision.site.model import Inventory
from provision.site.names import normal_seat
from provision.site.rewrite import composed, items_of, line_end, rewrite, text_of, value_of

KEY = "host_key"
JUMP = ""
"""Stands for the seat of the computer that a room's workstations are behind."""

Pins = Mapping[tuple[str, str], str]
"""(room, seat) -> key."""


class PinRefused(ProvisionError):
    """Host keys cannot be written into the inventory without doubt; the file is as it was."""

    code = "pin-refused"
    remedy = N_("Write the keys into inventory.yaml by hand (rooms: workstations: host_key).")


def pin(file: Path, pins: Pins) -> None:
    """Write the keys into the inventory. Raises PinRefused, ProblemsError, OSError."""
    name = file.resolve().name
    refused = PinRefused(N_("{file} cannot be changed without changing its meaning"), file=name)
    rewrite(file, lambda text: pinned(text, pins), lambda before: _expected(before, pins), refused)


def pinned(text: str, pins: Pins) -> str:
    """The file's text with the keys in it. Raises PinRefused."""
    root, offset = composed(text)
    edits = [_edit(text, _place(root, room, seat), key, offset) for (room, seat), key in pins.items()]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _place(root: Any, room: str, seat: str) -> MappingNode:
    """The mapping that the key belongs into."""
    for inner in items_of(value_of(root, "rooms")):
        if text_of(value_of(inner, "number")) != room:
            continue
        if seat == JUMP and isinstance(jump := value_of(value_of(inner, "access"), "jump"), MappingNode):
            return jump
        for station in items_of(value_of(inner, "workstations")):
            if normal_seat(text_of(value_of(station, "seat"))) == seat and isinstance(station, MappingNode):
                return station
    raise PinRefused(N_("room {room}, seat {seat} is not found in the file"), room=room, seat=seat or "—")


def _edit(text: str, place: MappingNode, key: str, offset: int) -> tuple[int, int, str]:
    """From, to, and what is to stand there."""
    old = value_of(place, KEY)
    if old is not None:
        return old.start_mark.index + offset, old.end_mark.index + offset, key
    if place.flow_style:
        end = place.value[-1][1].end_mark.index + offset
        return end, end, f", {KEY}: {key}"
    mark = value_of(place, "host")
    host = mark.start_mark if mark is not None else place.start_mark
    end, newline = line_end(text, host.index + offset)
    return end, end, f"{newline}{' ' * place.start_mark.column}{KEY}: {key}"


def _expected(before: Inventory, pins: Pins) -> Inventory:
    rooms = []
    for room in before.rooms:
        stations = tuple(
            station.model_copy(update={KEY: pins[room.number, station.seat]})
            if (room.number, station.seat) in pins
            else station
            for station in room.workstations
        )
        access, jump = room.access, room.access.jump
        if jump is not None and (room.number, JUMP) in pins:
            jump = jump.model_copy(update={KEY: pins[room.number, JUMP]})
            access = access.model_copy(update={"jump": jump})
        rooms.append(room.model_copy(update={"workstations": stations, "access": access}))
    return before.model_copy(update={"rooms": tuple(rooms)})
