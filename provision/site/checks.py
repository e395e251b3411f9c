"""What must hold between the inventory and the list of participants.

Messages name rows, rooms and classes, never a pupil or a code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from provision.errors import N_, Problem
from provision.site.model import Exam, Inventory
from provision.site.nodes import Node
from provision.site.people import Participant, Roster


@dataclass(frozen=True, slots=True)
class Together:
    """An inventory and a list of participants with their files; ``exams`` are its exams with their nodes.

    Either may be what is left of a file with mistakes (not ``whole``): then nothing is said that a missing
    part could make false.
    """

    inventory: Inventory
    inventory_file: Path
    inventory_whole: bool
    exams: tuple[tuple[Exam, Node], ...]
    roster: Roster
    roster_file: Path
    roster_whole: bool

    def at_exam(self, line: int, what: str, cure: str, **params: object) -> Problem:
        """A problem in the inventory."""
        return Problem(self.inventory_file, line, what, cure, params)

    def at_pupil(self, pupil: Participant, what: str, cure: str, **params: object) -> Problem:
        """A problem in a row of the list."""
        return Problem(self.roster_file, pupil.row, what, cure, {"where": pupil.sheet, **params})


def cross_check(both: Together) -> list[Problem]:
    """All that is wrong between the two."""
    checks = _CHECKS + (_NEED_ALL_EXAMS if both.inventory_whole else ())
    return [problem for check in checks for problem in check(both)]


def _sizes(both: Together) -> Iterator[Problem]:
    """Every class has pupils, and its rooms have a seat for each of them."""
    for exam, node in both.exams:
        pupils = len(both.roster.of_class(exam.class_name))
        seats = sum(len(both.inventory.room(number).grid()) for number in exam.rooms)
        if not pupils and both.roster_whole:
            what = N_("no pupil of {class_name} is in the list of participants")
            known = ", ".join(sorted({p.class_name for p in both.roster.participants}))
            cure = N_("Correct the class (in the list: {known}), or add the pupils to the list")
            yield both.at_exam(node.line_of("class"), what, cure, class_name=exam.class_name, known=known)
        elif seats < pupils:
            what = N_("{class_name} has {pupils} pupils, but the rooms have {seats} seats")
            cure = N_("Add a room to 'rooms', or correct the room's 'rows', 'columns' and 'without'")
            params = {"class_name": exam.class_name, "pupils": pupils, "seats": seats}
            yield both.at_exam(node.line_of("rooms"), what, cure, **params)


def _shared_rooms(both: Together) -> Iterator[Problem]:
    """Classes that sit in the same rooms at the same time fit in together."""
    groups: list[tuple[set[str], list[tuple[Exam, Node]]]] = []
    for exam, node in both.exams:
        rooms, members = set(exam.rooms), [(exam, node)]
        for group in [g for g in groups if g[0] & rooms and _same_time(g[1][0][0], exam)]:
            groups.remove(group)
            rooms |= group[0]
            members = group[1] + members
        groups.append((rooms, members))
    for rooms, members in groups:
        needs = [len(both.roster.of_class(exam.class_name)) for exam, _ in members]
        seats = sum(len(both.inventory.room(number).grid()) for number in rooms)
        own = [sum(len(both.inventory.room(n).grid()) for n in exam.rooms) for exam, _ in members]
        fits_alone = all(need <= room for need, room in zip(needs, own, strict=True))
        if len(members) > 1 and fits_alone and sum(needs) > seats:
            what = N_("{classes} sit here at the same time: {pupils} pupils, {seats} seats")
            cure = N_("Give one of the classes another room or another time")
            classes = ", ".join(exam.class_name for exam, _ in members)
            line = members[-1][1].line_of("rooms")
            yield both.at_exam(line, what, cure, classes=classes, pupils=sum(needs), seats=seats)


def _same_time(one: Exam, other: Exam) -> bool:
    return (one.date, one.start) == (other.date, other.start)


def _pins(both: Together) -> Iterator[Problem]:
    """Rooms and seats in the list exist, are used by the class, and are given to one pupil of an exam."""
    rooms = {room.number: room for room in both.inventory.rooms}
    used: dict[str, set[str]] = {}
    for exam in both.inventory.exams:
        used.setdefault(exam.class_name, set()).update(exam.rooms)
    for pupil in both.roster.participants:
        room = rooms.get(pupil.room or "")
        if pupil.room is None:
            continue
        if room is None:
            what = N_("{where}the pupil's room is not in the inventory")
            yield both.at_pupil(pupil, what, N_("Known are: {known}"), known=", ".join(rooms))
        elif pupil.class_name in used and room.number not in used[pupil.class_name]:
            what = N_("{where}{class_name} has no exam in the pupil's room {room}")
            cure = N_("Correct the room, or add it to 'rooms' of the exam; exams are in: {known}")
            known = ", ".join(sorted(used[pupil.class_name]))
            params = {"class_name": pupil.class_name, "room": room.number, "known": known}
            yield both.at_pupil(pupil, what, cure, **params)
        elif pupil.seat and pupil.seat not in {label for _, _, label in room.grid()}:
            what = N_("{where}room {room} has no seat {seat}")
            cure = N_("Correct the seat: row number and column letter, like 3Б")
            yield both.at_pupil(pupil, what, cure, room=room.number, seat=pupil.seat)


def _same_seat(both: Together) -> Iterator[Problem]:
    """No two pupils who write at the same time are pinned to one seat."""
    seated = [p for p in both.roster.participants if p.room and p.seat]
    for index, pupil in enumerate(seated):
        for other in seated[:index]:
            if (other.room, other.seat) == (pupil.room, pupil.seat) and _meet(both, other, pupil):
                what = N_("{where}seat {seat} in room {room} is already given to the pupil in row {other}")
                cure = N_("Give one of the two another seat, or clear it")
                params = {"seat": pupil.seat, "room": pupil.room, "other": _row(other, pupil)}
                yield both.at_pupil(pupil, what, cure, **params)
                break


def _meet(both: Together, one: Participant, other: Participant) -> bool:
    """Whether two pupils may ever need the seat at the same time."""
    if one.class_name == other.class_name:
        return True

    def times(class_name: str) -> set[tuple[object, object]]:
        exams = both.inventory.exams
        return {(e.date, e.start) for e in exams if e.class_name == class_name and one.room in e.rooms}

    return bool(times(one.class_name) & times(other.class_name))


def _codes(both: Together) -> Iterator[Problem]:
    """Codes in the list have the profile's form, and each is one pupil's."""
    pattern = re.compile(both.inventory.profile.code_pattern)
    first: dict[str, Participant] = {}
    for pupil in both.roster.participants:
        if pupil.code is None:
            continue
        if not pattern.fullmatch(pupil.code):
            what = N_("{where}the participant code has not the form {pattern}")
            cure = N_("Correct it; if leading zeros were lost, format the column as text and type it anew")
            yield both.at_pupil(pupil, what, cure, pattern=pattern.pattern)
        other = first.setdefault(pupil.code, pupil)
        if other is not pupil:
            what = N_("{where}the participant code is already given to the pupil in row {other}")
            yield both.at_pupil(pupil, what, N_("Correct one of the two codes"), other=_row(other, pupil))


def _pupils_twice(both: Together) -> Iterator[Problem]:
    """No pupil is in the list twice."""
    first: dict[tuple[str, str], Participant] = {}
    for pupil in both.roster.participants:
        plain = re.sub(r"[\s.\-]+", " ", pupil.name.reveal().casefold().replace("ё", "е")).strip()
        other = first.setdefault((pupil.class_name, plain), pupil)
        if other is not pupil:
            what = N_("{where}the same pupil of {class_name} is already in row {other}")
            cure = N_("Remove one of the rows; if they are two pupils, make their names differ")
            params = {"class_name": pupil.class_name, "other": _row(other, pupil)}
            yield both.at_pupil(pupil, what, cure, **params)


def _row(other: Participant, pupil: Participant) -> str:
    """The other pupil's row, with its sheet when that is another one."""
    return f"{other.sheet if other.sheet != pupil.sheet else ''}{other.row}"


_Checks = tuple[Callable[[Together], Iterator[Problem]], ...]
_CHECKS: _Checks = (_sizes, _shared_rooms, _codes, _pupils_twice)
_NEED_ALL_EXAMS: _Checks = (_pins, _same_seat)
