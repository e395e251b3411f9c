"""The rules of an inventory that look at several places at once: names that must meet, things twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from provision.errors import N_, Problem
from provision.site.draft import Draft, Placed
from provision.site.draft import problem as _problem
from provision.site.lab_mistakes import lab_mistakes
from provision.site.model import Exam, Room, Seating
from provision.site.nodes import Node
from provision.site.wording import nearest

_CORRECT = N_("Correct one of the two, or remove it")
_TRUE = {"true", "yes", "on", "y", "t", "1"}  # what pydantic reads as true
_NEAR = N_("Did you mean '{near}'?")


def broken_rules(draft: Draft) -> list[Problem]:
    """All that is wrong between the parts of the inventory."""
    return [problem for rule in _RULES for problem in rule(draft)]


def _twice(draft: Draft) -> Iterator[Problem]:
    """Printers, rooms and exams with the same name."""
    for group, key, what in (
        ("printers", "name", N_("the printer '{name}' is described twice (first in line {first})")),
        ("rooms", "number", N_("room {name} is described twice (first in line {first})")),
        ("exams", "id", N_("the exam id '{name}' is used twice (first in line {first})")),
    ):
        first: dict[str, Node] = {}
        for node in draft.root.items(group):
            name = node.text(key)
            if name is not None and (other := first.setdefault(name, node)) is not node:
                line, above = node.line_of(key), other.line_of(key)
                yield _problem(draft, line, what, _CORRECT, name=name, first=above)


def _room_prints(draft: Draft) -> Iterator[Problem]:
    """Every room has a printer or a pool, and it exists."""
    printers = tuple(n for node in draft.root.items("printers") if (n := node.text("name")))
    pools = tuple(pool for node in draft.root.items("printers") for pool in node.texts("pools"))
    for room in draft.root.items("rooms"):
        name, pool = room.text("printer"), room.text("pool")
        if name is not None and name not in printers:
            what = N_("there is no printer '{name}'")
            yield _unknown(draft, room.line_of("printer"), what, name, printers)
        if pool is not None and pool not in pools:
            what = N_("no printer belongs to the pool '{name}'")
            cure = N_("Add 'pools: [{name}]' to a printer, or correct the pool's name")
            yield _problem(draft, room.line_of("pool"), what, cure, name=pool)
        if room.child("number") and not room.child("printer") and not room.child("pool"):
            what = N_("room {name} has no printer")
            cure = N_("Add 'printer: …' or 'pool: …' to the room")
            yield _problem(draft, room.line, what, cure, name=room.text("number") or "…")


def _unknown(draft: Draft, line: int, what: str, name: str, known: tuple[str, ...]) -> Problem:
    near = nearest(name, known)
    cure = _NEAR if near else N_("Known are: {known}")
    return _problem(draft, line, what, cure, name=name, near=near, known=", ".join(known))


def _seats(draft: Draft) -> Iterator[Problem]:
    """Seats that are named lie in their room's grid."""
    for room in draft.rooms:
        full = {room.item.seat_label(r, c) for r, c in _cells(room.item)}
        for position, seat in enumerate(room.item.without):
            if seat not in full:
                line = _line_of_item(room.node, "without", seat, position)
                yield _outside(draft, line, room.item, seat)
        existing = full - set(room.item.without)
        if not existing:
            what = N_("room {name} has no seat left")
            cure = N_("Leave out of 'without' the seats that exist")
            yield _problem(draft, room.node.line_of("without"), what, cure, name=room.item.number)
            continue
        yield from _stations(draft, room, existing)


def _cells(room: Room) -> Iterator[tuple[int, int]]:
    return ((row, column) for row in range(1, room.rows + 1) for column in range(1, room.columns + 1))


def _outside(draft: Draft, line: int, room: Room, seat: str) -> Problem:
    what = N_("room {room} has no seat {seat}")
    cure = N_("Its seats are {first} to {last}; correct the seat, or 'rows', 'columns' and 'without'")
    first, last = room.seat_label(1, 1), room.seat_label(room.rows, room.columns)
    return _problem(draft, line, what, cure, room=room.number, seat=seat, first=first, last=last)


def _line_of_item(node: Node, key: str, text: str, position: int) -> int:
    """The line of the list item that was read as ``text``; positions shift when an item was dropped."""
    items = [inner for inner in node.items(key) if isinstance(inner.value, str)]
    same = [inner.line for inner in items if str(inner.value).strip() == text]
    return same[0] if len(same) == 1 else node.line_of(key, position)


def _stations(draft: Draft, room: Placed[Room], existing: set[str]) -> Iterator[Problem]:
    """Workstations of one room stand each in a seat of its own that exists."""
    first: dict[str, int] = {}
    nodes = [n for n in room.node.items("workstations") if n.text("seat") and n.text("host")]
    stations = room.item.workstations
    lines = [n.line_of("seat") for n in nodes] if len(nodes) == len(stations) else []
    for position, station in enumerate(stations):
        line = lines[position] if lines else room.node.line_of("workstations")
        if station.seat not in existing:
            yield _outside(draft, line, room.item, station.seat)
        elif station.seat in first:
            what = N_("two workstations stand in seat {seat} (the first in line {first})")
            yield _problem(draft, line, what, _CORRECT, seat=station.seat, first=first[station.seat])
        first.setdefault(station.seat, line)


def _hosts(draft: Draft) -> Iterator[Problem]:
    """No two workstations have one address."""
    first: dict[tuple[str, str], Node] = {}
    stations = [node for room in draft.root.items("rooms") for node in room.items("workstations")]
    for node in stations:
        host = node.text("host")
        key = ((host or "").lower(), node.text("port") or "22")
        if host and (other := first.setdefault(key, node)) is not node:
            what = N_("two workstations have the address {host} (the first in line {first})")
            line, above = node.line_of("host"), other.line_of("host")
            yield _problem(draft, line, what, _CORRECT, host=host, first=above)


def _exam_rooms(draft: Draft) -> Iterator[Problem]:
    """Exams sit in rooms that exist, each named once; oral ones where there are computers."""
    numbers = tuple(n for node in draft.root.items("rooms") if (n := node.text("number")))
    labs = {
        n for node in draft.root.items("rooms") if node.child("workstations") and (n := node.text("number"))
    }
    for exam in draft.root.items("exams"):
        seen: set[str] = set()
        for node in exam.items("rooms"):
            number = node.value.strip() if isinstance(node.value, str) else None
            if number is None:
                continue
            if number not in numbers:
                what, cure = N_("there is no room {name}"), N_("Known are: {known}")
                yield _problem(draft, node.line, what, cure, name=number, known=", ".join(numbers))
            elif number in seen:
                what, cure = N_("room {name} is named twice for this exam"), N_("Name every room once")
                yield _problem(draft, node.line, what, cure, name=number)
            elif (exam.text("oral") or "").lower() in _TRUE and number not in labs:
                what = N_("the exam is oral, but room {name} has no computers")
                cure = N_("Choose the language lab, or add 'workstations' to the room")
                yield _problem(draft, node.line, what, cure, name=number)
            seen.add(number)


def _parts(draft: Draft) -> Iterator[Problem]:
    """Part 2 follows a part 1 of the same class and subject; part 1 follows nothing."""
    ids = tuple(i for node in draft.root.items("exams") if (i := node.text("id")))
    by_id = {exam.item.id: exam.item for exam in reversed(draft.exams)}
    for exam in draft.exams:
        if exam.dropped & {"part", "follows"}:
            continue
        item, line = exam.item, exam.node.line_of("follows")
        if item.part == 1 and item.follows is not None:
            cure = N_("Write 'part: 2', or remove 'follows'")
            yield _problem(draft, line, N_("only part 2 follows another exam"), cure)
        elif item.part == 2 and item.follows is None:
            what, cure = N_("part 2 does not say which exam it follows"), N_("Add 'follows: {example}'")
            example = next((e.id for e in by_id.values() if _same_work(e, item)), "ma-7a")
            yield _problem(draft, exam.node.line_of("part"), what, cure, example=example)
        elif item.follows is not None and item.follows not in ids:
            yield _unknown(draft, line, N_("there is no exam with the id '{name}'"), item.follows, ids)
        elif item.follows in by_id:
            yield from _follows(draft, line, item, by_id[item.follows])


def _same_work(first: Exam, second: Exam) -> bool:
    return (first.part, first.class_name, first.subject) == (1, second.class_name, second.subject)


def _follows(draft: Draft, line: int, second: Exam, first: Exam) -> Iterator[Problem]:
    if not _same_work(first, second):
        what = N_("'{name}' is no part 1 of the same subject and class")
        cure = N_("Name the exam with part 1 of: {subject}, {class_name}")
        yield _problem(
            draft, line, what, cure, name=first.id, subject=second.subject, class_name=second.class_name
        )
    elif (second.date, second.start) <= (first.date, first.start):
        what = N_("part 2 does not start after part 1 ({date} {time})")
        when = {"date": first.date.isoformat(), "time": f"{first.start:%H:%M}"}
        yield _problem(draft, line, what, N_("Correct the date or the time of one of them"), **when)


def _at_once(draft: Draft) -> Iterator[Problem]:
    """No class writes two exams at the same time."""
    first: dict[tuple[object, ...], Placed[Exam]] = {}
    for exam in draft.exams:
        item = exam.item
        other = first.setdefault((item.class_name, item.date, item.start), exam)
        if other is not exam:
            what = N_("{class_name} writes another exam at the same time ('{other}', line {first})")
            cure = N_("Correct the date, the time or the class of one of them")
            yield _problem(
                draft,
                exam.node.line_of("start"),
                what,
                cure,
                class_name=item.class_name,
                other=other.item.id,
                first=other.node.line,
            )


def _seating_list(draft: Draft) -> Iterator[Problem]:
    """A supplied list is supplied."""
    if draft.profile is None or draft.profile.dropped & {"seating", "seating_list"}:
        return
    profile, node = draft.profile.item, draft.profile.node
    if profile.seating is Seating.LIST and profile.seating_list is None:
        what = N_("the seating is by a list, but no list is named")
        yield _problem(draft, node.line_of("seating"), what, N_("Add 'seating_list: seating.csv'"))
    elif profile.seating_list is not None and not (_site(draft) / profile.seating_list).is_file():
        what = N_("there is no seating list '{name}'")
        cure = N_("Put the file into the site's folder, or correct its name")
        yield _problem(draft, node.line_of("seating_list"), what, cure, name=str(profile.seating_list))


def _site(draft: Draft) -> Path:
    return draft.file.parent


_RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _twice,
    _room_prints,
    _seats,
    _hosts,
    _exam_rooms,
    _parts,
    _at_once,
    _seating_list,
    lab_mistakes,
)
