"""The sums of each room: sheets planned, printed, printed again, spoiled, and left to be used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from printing.documents.happened import RoomSum
from printing.journal import Delivery, Entry
from provision.copies import Spoil, read
from provision.rooms import Morning
from provision.work import Parts, What, parts_of

Room = tuple[str, str]
"""Exam and room."""


def room_sums(morning: Morning) -> tuple[RoomSum, ...]:
    """The rooms in scope in the order of the day: those of the plan, and those that only the ledger knows."""
    survey, rooms = morning.survey, morning.scope.rooms
    planned = {(plan.exam.id, room.room): room.kit_sheets for plan in morning.plans for room in plan.rooms}
    entries: defaultdict[Room, list[tuple[Parts, Entry]]] = defaultdict(list)
    for entry in survey.journal.entries():
        if parts := parts_of(entry.attempt.work):
            entries[parts.exam, parts.room].append((parts, entry))
    spoiled: defaultdict[Room, set[tuple[str, int, int]]] = defaultdict(set)
    for event in read(survey.ledger):
        if isinstance(event, Spoil):
            sheets = {(event.kit, page, event.copy) for page in event.pages}
            spoiled[event.exam, event.room] |= sheets
    known = sorted({*planned, *entries})
    return tuple(
        _sum(
            f"{exam.subject} {exam.class_name}",
            room,
            planned.get((exam.id, room)),
            entries[exam.id, room],
            len(spoiled[exam.id, room]),
        )
        for exam in survey.exams
        for exam_id, room in known
        if exam_id == exam.id and (rooms is None or room in rooms)
    )


def _sum(
    exam: str, room: str, planned: int | None, entries: Iterable[tuple[Parts, Entry]], spoiled: int
) -> RoomSum:
    printed = additional = others = unknown = 0
    for parts, entry in entries:
        sheets = entry.attempt.sheets
        if entry.state is Delivery.UNKNOWN:
            unknown += sheets
        elif entry.state.delivered and parts.what is not What.KITS:
            others += sheets
        elif entry.state.delivered:
            printed += sheets
            additional += sheets if parts.copy > 1 else 0
    return RoomSum(exam, room, planned, printed, additional, spoiled, others, unknown)
