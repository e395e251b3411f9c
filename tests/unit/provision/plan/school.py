"""A small invented school for the plan's tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from provision.plan import Assignment, ListedCode, Materials, Plan, Pupil, Request, make_plan
from provision.secret import Secret
from provision.site.model import Inventory

DAY = "2027-04-15"


def inventory(**changes: Any) -> Inventory:
    """Two rooms of 3 x 4 seats, one printer, one exam of class 7А in both rooms."""
    data: dict[str, Any] = {
        "school": {"name": "Школа № 1"},
        "profile": {"spare_kits_per_room": 1},
        "printers": [
            {"name": "П1", "queue": "folder:out/1", "ppm": 30, "pools": ["все"]},
            {"name": "П2", "queue": "folder:out/2", "ppm": 30, "pools": ["все"]},
        ],
        "rooms": [
            {"number": "201", "rows": 4, "columns": 3, "pool": "все"},
            {"number": "202", "rows": 4, "columns": 3, "pool": "все"},
        ],
        "exams": [exam("ma-7a")],
    }
    data.update(changes)
    return Inventory.model_validate(data)


def exam(exam_id: str, **changes: Any) -> dict[str, Any]:
    """An exam's entry, with the usual values."""
    entry = {
        "id": exam_id,
        "subject": "Математика",
        "class": "7А",
        "date": dt.date.fromisoformat(DAY),
        "start": dt.time(9, 0),
        "rooms": ["201", "202"],
    }
    return {**entry, **changes}


def pupil(row: int, class_name: str = "7А", **changes: Any) -> Pupil:
    """The pupil in a row of the list."""
    values: dict[str, Any] = {
        "ref": f"{class_name}-{row}",
        "class_name": class_name,
        "name": Secret(f"Имя {row}"),
        "row": row,
    }
    return Pupil(**{**values, **changes})


def codes(count: int, first: int = 10001) -> tuple[ListedCode, ...]:
    """A list of ``count`` codes."""
    return tuple(ListedCode(f"ref-{first + n}", str(first + n), f"row {n + 2}") for n in range(count))


def plan(
    pupils: Sequence[Pupil],
    *,
    site: Inventory | None = None,
    materials: Mapping[str, Materials] | None = None,
    record: Sequence[Assignment] = (),
    attempted: frozenset[tuple[str, str]] = frozenset(),
    seed: int = 7,
) -> Plan:
    """Plan the school for these pupils, with plenty of codes and two variants unless told otherwise."""
    site = site or inventory()
    by_class: dict[str, list[Pupil]] = {}
    for one in pupils:
        by_class.setdefault(one.class_name, []).append(one)
    if materials is None:
        materials = {e.id: Materials(codes(60), {"1": 8, "2": 8}) for e in site.exams}
    return make_plan(Request(site, by_class, materials, record, attempted, seed, {}))


def assignments(made: Plan) -> tuple[Assignment, ...]:
    """Everything that was planned."""
    return tuple(
        place.assignment
        for exam_plan in made.exams.values()
        for room in exam_plan.rooms
        for place in room.places + room.spares
    )
