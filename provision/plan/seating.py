"""Who sits where. Pure: the same site, participants and record give the same seats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from provision.errors import N_
from provision.plan.model import Assignment, Pupil, Refusal
from provision.site.model import Exam, Inventory

Session = tuple[dt.date, dt.time]
"""Exams of one session share seats: same date and start."""


@dataclass(frozen=True, slots=True)
class Seated:
    """Where one pupil of one exam sits; ``seat`` is empty in an oral exam: pupils are called in turn."""

    pupil: Pupil
    room: str
    seat: str


def session_of(exam: Exam) -> Session:
    """The session of an exam."""
    return (exam.date, exam.start)


def seat_order(inventory: Inventory, room: str) -> dict[str, int]:
    """Rank of every seat of a room, row by row from the board."""
    return {label: rank for rank, (_, _, label) in enumerate(inventory.room(room).grid())}


class _Chart:
    """The seats of every session, and who has them. Local to one call of :func:`seat_all`."""

    def __init__(self, inventory: Inventory, listed: Container[str]) -> None:
        self.inventory, self.listed = inventory, listed
        self.taken: dict[tuple[Session, str], dict[str, str]] = {}

    def free(self, exam: Exam, room: str) -> list[str]:
        taken = self.taken.get((session_of(exam), room), {})
        return [label for _, _, label in self.inventory.room(room).grid() if label not in taken]

    def owner(self, exam: Exam, room: str, seat: str) -> str | None:
        return self.taken.get((session_of(exam), room), {}).get(seat)

    def take(self, exam: Exam, room: str, seat: str, pupil: str) -> None:
        self.taken.setdefault((session_of(exam), room), {})[seat] = pupil


def seat_all(
    inventory: Inventory,
    exams: Sequence[Exam],
    pupils: Mapping[str, Sequence[Pupil]],
    record: Sequence[Assignment],
    attempted: frozenset[tuple[str, str]] = frozenset(),
) -> tuple[dict[str, tuple[Seated, ...]], tuple[Refusal, ...]]:
    """Give every pupil of every exam a seat.

    ``pupils`` maps a class to its pupils in the list's order; ``record`` holds earlier assignments,
    which are kept unless a pin says otherwise and the kit was never on its way (``attempted``, as exam and
    kit number). Exams are filled room by room in the order the inventory names them. Returns the
    seats per exam in the order of rooms and seats, and every reason why one could not be had.
    """
    chart = _Chart(inventory, {pupil.ref for some in pupils.values() for pupil in some})
    refusals: list[Refusal] = []
    by_id = {exam.id: exam for exam in exams}
    for before in record:  # a seat once given is not given again, even when its pupil has gone
        if before.seat and before.exam in by_id and (before.exam, before.number) in attempted:
            chart.take(by_id[before.exam], before.room, before.seat, before.pupil)
    seated: dict[str, dict[str, Seated]] = {exam.id: {} for exam in exams}
    waiting: list[tuple[Exam, Pupil]] = []
    recorded = {(a.exam, a.pupil): a for a in record if a.pupil}
    rooms = {room.number for room in inventory.rooms}
    for exam in exams:
        for pupil in pupils.get(exam.class_name, ()):
            earlier = recorded.get((exam.id, pupil.ref))
            if earlier is not None and _stays(earlier, pupil, exam, attempted):
                if earlier.room not in rooms:
                    refusals.append(_refuse(exam, pupil, _ROOM_GONE, _CURE_ROOM_GONE, room=earlier.room))
                    continue
                seated[exam.id][pupil.ref] = Seated(pupil, earlier.room, earlier.seat)
                if earlier.seat:
                    chart.take(exam, earlier.room, earlier.seat, pupil.ref)
            elif not pupil.absent:
                waiting.append((exam, pupil))
    for exam, pupil in sorted(waiting, key=lambda item: not item[1].seat):  # stable: pinned seats first
        _place(chart, exam, pupil, seated, refusals)
    refusals.sort(key=lambda refusal: cast(int, refusal.params["row"]))
    return {exam.id: _ordered(inventory, seated[exam.id].values()) for exam in exams}, tuple(refusals)


def _stays(before: Assignment, pupil: Pupil, exam: Exam, attempted: frozenset[tuple[str, str]]) -> bool:
    """Whether a recorded seat holds: always once its kit was on its way, else unless a pin or an absence
    or a room taken from the exam says otherwise."""
    if (before.exam, before.number) in attempted:
        return True
    moved = (pupil.room or before.room) != before.room or (
        bool(before.seat) and (pupil.seat or before.seat) != before.seat
    )
    return not moved and not pupil.absent and before.room in exam.rooms


def _place(
    chart: _Chart,
    exam: Exam,
    pupil: Pupil,
    seated: dict[str, dict[str, Seated]],
    refusals: list[Refusal],
) -> None:
    rooms = _rooms_for(exam, pupil, seated)
    if pupil.room and pupil.room not in exam.rooms:
        refusals.append(_refuse(exam, pupil, _NOT_ITS_ROOM, _CURE_ROOM, room=pupil.room))
        return
    if exam.oral:
        seated[exam.id][pupil.ref] = Seated(pupil, rooms[0], "")
        return
    if pupil.seat:
        _place_pinned(chart, exam, pupil, rooms, seated, refusals)
        return
    wished = _seat_of_part_one(exam, pupil, seated)
    for room in rooms:
        free = chart.free(exam, room)
        if free:
            seat = wished if wished in free else free[0]
            chart.take(exam, room, seat, pupil.ref)
            seated[exam.id][pupil.ref] = Seated(pupil, room, seat)
            return
    refusals.append(_refuse(exam, pupil, _NO_SEAT, _CURE_SEATS, rooms=", ".join(rooms)))


def _place_pinned(
    chart: _Chart,
    exam: Exam,
    pupil: Pupil,
    rooms: Sequence[str],
    seated: dict[str, dict[str, Seated]],
    refusals: list[Refusal],
) -> None:
    seat = pupil.seat or ""
    having = [room for room in rooms if seat in seat_order(chart.inventory, room)]
    free = [room for room in having if chart.owner(exam, room, seat) is None]
    if free:
        chart.take(exam, free[0], seat, pupil.ref)
        seated[exam.id][pupil.ref] = Seated(pupil, free[0], seat)
    elif having and chart.owner(exam, having[0], seat) not in chart.listed:
        refusals.append(_refuse(exam, pupil, _SEAT_KEPT, _CURE_KEPT, seat=seat, room=having[0]))
    elif having:
        refusals.append(_refuse(exam, pupil, _SEAT_TAKEN, _CURE_PIN, seat=seat, room=having[0]))
    else:
        refusals.append(_refuse(exam, pupil, _NO_SUCH_SEAT, _CURE_PIN, seat=seat, rooms=", ".join(rooms)))


def _rooms_for(exam: Exam, pupil: Pupil, seated: Mapping[str, Mapping[str, Seated]]) -> tuple[str, ...]:
    """The rooms to try, in order: the pinned one only; part 1's first; else the exam's as listed."""
    if pupil.room:
        return (pupil.room,)
    earlier = seated.get(exam.follows or "", {}).get(pupil.ref)
    if earlier is not None and earlier.room in exam.rooms:
        return (earlier.room, *(room for room in exam.rooms if room != earlier.room))
    return exam.rooms


def _seat_of_part_one(exam: Exam, pupil: Pupil, seated: Mapping[str, Mapping[str, Seated]]) -> str:
    earlier = seated.get(exam.follows or "", {}).get(pupil.ref)
    return earlier.seat if earlier is not None else ""


def _ordered(inventory: Inventory, seats: Iterable[Seated]) -> tuple[Seated, ...]:
    rank = {room.number: seat_order(inventory, room.number) for room in inventory.rooms}
    return tuple(
        sorted(seats, key=lambda s: (s.room, rank[s.room].get(s.seat, 0) if s.seat else s.pupil.row))
    )


def _refuse(exam: Exam, pupil: Pupil, template: str, cure: str, **params: object) -> Refusal:
    return Refusal(exam.id, template, cure, {"row": pupil.row, **params})


_NOT_ITS_ROOM = N_("participants, row {row}: room {room} is not among the exam's rooms")
_CURE_ROOM = N_("name one of the exam's rooms in the list, or add the room to the exam in inventory.yaml")
_NO_SEAT = N_("participants, row {row}: no free seat is left in {rooms}")
_CURE_SEATS = N_("add a room to the exam in inventory.yaml, or seats to its rooms")
_SEAT_TAKEN = N_("participants, row {row}: seat {seat} in room {room} is already given to another")
_ROOM_GONE = N_(
    "participants, row {row}: the kit is printed for room {room}, which inventory.yaml does not name any more"
)
_CURE_ROOM_GONE = N_("put the room back into 'rooms' of inventory.yaml, under the same number")
_SEAT_KEPT = N_(
    "participants, row {row}: the kit of seat {seat} in room {room} is printed for a pupil who is in the list"
    " no more"
)
_CURE_KEPT = N_("if only the name was corrected, write it as before; else give another seat, or none")
_NO_SUCH_SEAT = N_("participants, row {row}: there is no seat {seat} in {rooms}")
_CURE_PIN = N_("give another seat in the list, or leave the seat empty")
