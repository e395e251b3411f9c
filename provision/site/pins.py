"""Host keys written into ``inventory.yaml``: every other byte of the file stays as it is.

The places are found in the file's YAML tree, the text is changed there, and the result is read again: it must
be the same inventory with nothing but those keys in it, or the file is left alone.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from provision.errors import N_, ProvisionError
from provision.site.inventory import load_inventory
from provision.site.model import Inventory
from provision.site.names import normal_seat

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
    file = file.resolve()
    before = load_inventory(file)
    with file.open(encoding="utf-8", newline="") as stream:  # its own line ends
        text = stream.read()
    beside = _write_beside(file, pinned(text, pins))
    try:
        if load_inventory(beside) != _expected(before, pins):
            raise PinRefused(N_("{file} cannot be changed without changing its meaning"), file=file.name)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def pinned(text: str, pins: Pins) -> str:
    """The file's text with the keys in it. Raises PinRefused."""
    offset = text.startswith("\ufeff")
    root = YAML(pure=True).compose(io.StringIO(text[offset:]))
    edits = [_edit(text, _place(root, room, seat), key, int(offset)) for (room, seat), key in pins.items()]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _place(root: Any, room: str, seat: str) -> MappingNode:
    """The mapping that the key belongs into."""
    for inner in _items(_value(root, "rooms")):
        if _text(_value(inner, "number")) != room:
            continue
        if seat == JUMP and isinstance(jump := _value(_value(inner, "access"), "jump"), MappingNode):
            return jump
        for station in _items(_value(inner, "workstations")):
            if normal_seat(_text(_value(station, "seat"))) == seat and isinstance(station, MappingNode):
                return station
    raise PinRefused(N_("room {room}, seat {seat} is not found in the file"), room=room, seat=seat or "—")


def _edit(text: str, place: MappingNode, key: str, offset: int) -> tuple[int, int, str]:
    """From, to, and what is to stand there."""
    old = _value(place, KEY)
    if old is not None:
        return old.start_mark.index + offset, old.end_mark.index + offset, key
    if place.flow_style:
        end = place.value[-1][1].end_mark.index + offset
        return end, end, f", {KEY}: {key}"
    mark = _value(place, "host")
    host = mark.start_mark if mark is not None else place.start_mark
    end = text.find("\n", host.index + offset)
    end = len(text) if end < 0 else end
    newline = "\n"
    if text[:end].endswith("\r"):
        end, newline = end - 1, "\r\n"
    return end, end, f"{newline}{' ' * place.start_mark.column}{KEY}: {key}"


def _value(node: Node | None, key: str) -> Any:
    if isinstance(node, MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    return None


def _items(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []


def _text(node: Node | None) -> str:
    return str(node.value).strip() if node is not None else ""


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


def _write_beside(file: Path, text: str) -> Path:
    """A file in the same folder, on disk, with the same rights."""
    number, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    with os.fdopen(number, "w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside = Path(name)
    beside.chmod(file.stat().st_mode & 0o7777)
    return beside
