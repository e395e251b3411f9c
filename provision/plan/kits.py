"""The kits of one exam whose pupils have seats and codes: printed ones that still hold, and new ones."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from printing.kit import Kit, Media
from provision.errors import N_
from provision.plan.coding import CodeBook, deal_spares, spare_of
from provision.plan.model import (
    Assignment,
    ExamPlan,
    ListedCode,
    Materials,
    Notice,
    Place,
    Pupil,
    Refusal,
    RoomPlan,
)
from provision.plan.seating import Seated, Session, session_of
from provision.plan.variants import SeatingList, deal_variants, offset
from provision.site.model import Exam, Inventory

MAX_KITS = 9999
"""The barcode holds four digits of kit index."""
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Request:
    """All that a plan follows from. ``pupils`` maps class to pupils in the list's order; ``materials`` holds
    the exams whose materials are here; ``attempted`` the (exam, kit number) that were ever on their way."""

    inventory: Inventory
    pupils: Mapping[str, Sequence[Pupil]]
    materials: Mapping[str, Materials]
    record: Sequence[Assignment]
    attempted: frozenset[tuple[str, str]]
    seed: int
    seating_list: SeatingList


def batch_of(seed: int, exam_id: str) -> str:
    """The exam's batch mark: 6 characters of Crockford base 32 (30 bits of SHA-256)."""
    number = int.from_bytes(hashlib.sha256(f"{seed}/{exam_id}".encode()).digest()[:4]) >> 2
    return "".join(_BASE32[(number >> shift) & 31] for shift in range(25, -1, -5))


class Counters:
    """Next kit index of an exam, next kit number of a room in a session."""

    def __init__(self, record: Sequence[Assignment], exams: Sequence[Exam]) -> None:
        sessions = {exam.id: session_of(exam) for exam in exams}
        self.index: Counter[str] = Counter()
        self.number: Counter[tuple[Session, str]] = Counter()
        for entry in record:
            self.index[entry.exam] = max(self.index[entry.exam], entry.index)
            session = sessions.get(entry.exam)
            if session is not None:
                key = (session, entry.room)
                self.number[key] = max(self.number[key], int(entry.number.rpartition("-")[2]))

    def next(self, exam: Exam, room: str) -> tuple[int, str]:
        self.index[exam.id] += 1
        key = (session_of(exam), room)
        self.number[key] += 1
        return self.index[exam.id], f"{room}-{self.number[key]:02d}"


class ExamPlanner:
    """Plans one exam whose pupils have seats and codes."""

    def __init__(
        self,
        request: Request,
        exam: Exam,
        materials: Materials,
        pages: Mapping[str, int],
        book: CodeBook,
        counters: Counters,
    ) -> None:
        self.request, self.exam, self.book, self.counters = request, exam, book, counters
        self.materials, self.pages = materials, pages
        self.labels = tuple(pages)
        self.refusals: list[Refusal] = []
        self.notices: list[Notice] = []
        self.new: list[Assignment] = []
        self.by_ref = {code.ref: code for code in self.materials.codes}
        self.recorded = {a.pupil: a for a in request.record if a.exam == exam.id and a.pupil}
        self.spares = [a for a in request.record if a.exam == exam.id and not a.pupil]
        self.lying = {number for exam_id, number in request.attempted if exam_id == exam.id}

    def plan(self, seated: Sequence[Seated], codes: Mapping[str, ListedCode]) -> ExamPlan:
        rooms = []
        # a room that was taken from the exam stays while kits that were printed for it are in use
        for room in dict.fromkeys((*self.exam.rooms, *(s.room for s in seated))):
            here = [s for s in seated if s.room == room]
            if here:
                variants = self._variants(room)
                places = tuple(self._place(s, codes[s.pupil.ref], variants) for s in here)
                spares = () if self.exam.oral else self._spares(room)
                rooms.append(RoomPlan(self.exam, room, "", "", places, spares, self.pages))
        void = self._void(rooms)
        rooms = [dataclasses.replace(room, void=void.get(room.room, ())) for room in rooms]
        if self.counters.index[self.exam.id] > MAX_KITS:
            self.refusals.append(Refusal(self.exam.id, _TOO_MANY, _CURE_SPLIT, {"most": MAX_KITS}))
        left = sum(1 for code in self.materials.codes if code.ref not in self.book.owner)
        batch = batch_of(self.request.seed, self.exam.id)
        return ExamPlan(self.exam, batch, tuple(rooms), left, tuple(self.new), tuple(self.notices))

    def _variants(self, room: str) -> dict[str, str]:
        if self.exam.oral:
            return {}
        start = offset(self.request.seed, self.exam, room, len(self.labels))
        profile = self.request.inventory.profile
        site_room = self.request.inventory.room(room)
        return deal_variants(profile.seating, site_room, self.labels, start, self.request.seating_list)

    def _place(self, seated: Seated, code: ListedCode, variants: Mapping[str, str]) -> Place:
        pupil = seated.pupil
        before = self.recorded.get(pupil.ref)
        lies = before is not None and before.number in self.lying
        variant = before.variant if before and lies and self._known(before) else variants.get(seated.seat, "")
        wanted = (seated.room, seated.seat, code.ref, variant, pupil.large_print)
        if (
            before is not None
            and self._known(before)
            and wanted == (before.room, before.seat, before.code, before.variant, before.large_print)
        ):
            if lies:
                self._note_moved(pupil, before)
            return self._made(before, pupil, code.code)
        if not variant and not self.exam.oral:
            params = {"room": seated.room, "seat": seated.seat}
            self.refusals.append(Refusal(self.exam.id, _UNLISTED_SEAT, _CURE_SEATING_LIST, params))
        return self._made(self._assign(pupil, seated.room, seated.seat, code.ref, variant), pupil, code.code)

    def _assign(self, pupil: Pupil | None, room: str, seat: str, code: str, variant: str) -> Assignment:
        """A kit with a number of its own."""
        index, number = self.counters.next(self.exam, room)
        if pupil is None:
            variant = self.labels[index % len(self.labels)]
        made = Assignment(
            exam=self.exam.id,
            pupil=pupil.ref if pupil is not None else "",
            room=room,
            seat=seat,
            code=code,
            variant=variant,
            index=index,
            number=number,
            large_print=pupil is not None and pupil.large_print,
            source=self.materials.sources.get(variant, ""),
        )
        self.new.append(made)
        return made

    def _known(self, a: Assignment) -> bool:
        """Whether the archive holds the variant that the kit was made from."""
        if self.exam.oral:
            return not a.variant
        return a.variant in self.labels and a.source == self.materials.sources.get(a.variant, "")

    def _note_moved(self, pupil: Pupil, lying: Assignment) -> None:
        """The list names another room or seat than the printed kit does: the kit is not printed again."""
        room, seat = pupil.room or lying.room, (pupil.seat or lying.seat) if lying.seat else ""
        if (room, seat) != (lying.room, lying.seat):
            params = {"row": pupil.row, "number": lying.number, "room": lying.room, "seat": lying.seat or "—"}
            self.notices.append(Notice(_MOVED, params))

    def _void(self, rooms: Sequence[RoomPlan]) -> dict[str, tuple[str, ...]]:
        """By room: kits and codes that are on paper, or may be, and hold no longer. Notes why."""
        valid = {place.number for room in rooms for place in room.places + room.spares}
        listed = {pupil.ref for pupils in self.request.pupils.values() for pupil in pupils}
        found: dict[str, dict[str, list[str]]] = {}
        for a in self.request.record:
            if a.exam == self.exam.id and a.number in self.lying - valid:
                why = _VOID if not a.pupil or a.pupil in listed else _VOID_PUPIL
                found.setdefault(a.room, {}).setdefault(why, []).append(a.number)
        for room, reasons in found.items():
            for why, numbers in reasons.items():
                self.notices.append(Notice(why, {"room": room, "numbers": ", ".join(numbers)}))
        return {room: tuple(n for some in reasons.values() for n in some) for room, reasons in found.items()}

    def _spares(self, room: str) -> tuple[Place, ...]:
        profile = self.request.inventory.profile
        usable = [a for a in self.spares if a.room == room and self._known(a) and self._holds(a.code)]
        kept = [a for a in usable if a.number in self.lying]
        waiting = [a for a in usable if a.number not in self.lying]
        kept += waiting[: max(0, profile.spare_kits_per_room - len(kept))]
        missing = max(0, profile.spare_kits_per_room - len(kept))
        codes: list[ListedCode | None] = list(deal_spares(self.exam, missing, self.materials, self.book))
        if len(codes) < missing:
            if profile.spare_without_code:
                codes += [None] * (missing - len(codes))
            else:
                params = {"room": room, "count": missing - len(codes)}
                self.notices.append(Notice(_NO_SPARE_CODE, params))
        kept += [self._assign(None, room, "", code.ref if code else "", "") for code in codes]
        known = ((a, self.by_ref.get(a.code)) for a in kept)
        return tuple(self._made(a, None, code.code if code else "") for a, code in known)

    def _holds(self, ref: str) -> bool:
        """Whether a spare kit still may carry its code; a kit without code needs none."""
        return not ref or (ref in self.by_ref and self.book.owner.get(ref) == spare_of(self.exam.id))

    def _made(self, a: Assignment, pupil: Pupil | None, code: str) -> Place:
        media = Media.A3 if pupil is not None and pupil.large_print else Media.A4
        kit = Kit(a.index, a.number, code, a.variant, a.room, a.seat, spare=pupil is None, media=media)
        return Place(a, pupil, kit)


_UNLISTED_SEAT = N_("room {room}, seat {seat}: the seating list names no variant of this exam for it")
_CURE_SEATING_LIST = N_("add the seat to the seating list, or choose another seating in the profile")
_NO_SPARE_CODE = N_("room {room}: {count} spare kits are left out, for no spare code is left in the list")
_MOVED = N_(
    "participants, row {row}: the list names another place now, but kit {number} is printed for room {room},"
    " seat {seat}, and stays there: seat the pupil there, or carry the kit over by hand"
)
_VOID = N_(
    "room {room}: take out and put away kits and code slips {numbers}: they were printed, but the list of"
    " participants, the codes or the tasks have changed since"
)
_VOID_PUPIL = N_(
    "room {room}: kits and code slips {numbers} were printed for pupils who are in the list no more: if only"
    " a name was corrected, write it as before and they hold again; else take them out and put them away"
)
_TOO_MANY = N_("more than {most} kits in one exam")
_CURE_SPLIT = N_("split the exam into several in inventory.yaml")
