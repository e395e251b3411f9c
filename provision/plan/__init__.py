"""Desired state: (site, materials, participants, what was recorded) -> what must be on paper. Pure.

Seats are given for every exam, whatever has been downloaded, so that an exam whose archive comes late
finds its seats free. Codes, variants and kits follow once an exam's materials are here.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from printing.kit import Kit, Media
from provision.errors import N_
from provision.plan.coding import CodeBook, check_list, deal_codes, deal_spares
from provision.plan.forecast import assign_printers
from provision.plan.model import (
    Assignment,
    ExamPlan,
    ListedCode,
    Materials,
    Notice,
    Place,
    PlanRefused,
    Pupil,
    Refusal,
    RoomPlan,
)
from provision.plan.seating import Seated, Session, seat_all, session_of
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What must be, for every exam whose materials are here; and why not for the others."""

    exams: Mapping[str, ExamPlan]
    refused: Mapping[str, PlanRefused]


def batch_of(seed: int, exam_id: str) -> str:
    """The exam's batch mark: 6 characters of Crockford base 32 (30 bits of SHA-256)."""
    number = int.from_bytes(hashlib.sha256(f"{seed}/{exam_id}".encode()).digest()[:4]) >> 2
    return "".join(_BASE32[(number >> shift) & 31] for shift in range(25, -1, -5))


def make_plan(request: Request) -> Plan:
    """Plan every exam. Never raises for a single exam: its refusal is in the result beside the others."""
    inventory = request.inventory
    exams = sorted(inventory.exams, key=lambda e: (e.date, e.part, e.start))
    seated, refusals = seat_all(inventory, exams, request.pupils, request.record, request.attempted)
    reasons: dict[str, list[Refusal]] = {exam.id: [] for exam in exams}
    for refusal in refusals:
        reasons[refusal.exam].append(refusal)
    listed = {code.ref: code for materials in request.materials.values() for code in materials.codes}
    book = CodeBook.from_record(request.record, listed)
    _reserve_named(book, request)
    counters = _Counters(request.record, exams)
    dealt: dict[str, dict[str, ListedCode]] = {}
    for exam in exams:  # codes of every pupil first: a spare kit must not take a code that a pupil needs
        materials = request.materials.get(exam.id)
        if materials is not None:
            reasons[exam.id] += check_list(exam, materials, inventory.profile.code_pattern)
            reasons[exam.id] += _check_variants(exam, materials, inventory.profile.variants)
            pupils = sorted((s.pupil for s in seated[exam.id]), key=lambda p: p.row)
            dealt[exam.id], more = deal_codes(exam, pupils, materials, book)
            reasons[exam.id] += more
    plans: dict[str, ExamPlan] = {}
    for exam in exams:
        if exam.id in dealt and not reasons[exam.id]:
            planner = _ExamPlanner(request, exam, book, counters)
            plans[exam.id] = planner.plan(seated[exam.id], dealt[exam.id])
            reasons[exam.id] += planner.refusals
    refused = {exam_id: PlanRefused(found) for exam_id, found in reasons.items() if found}
    kept = {exam_id: plan for exam_id, plan in plans.items() if exam_id not in refused}
    return Plan(_with_printers(inventory, kept), refused)


def _reserve_named(book: CodeBook, request: Request) -> None:
    """Codes that the participants' list names belong to their pupils before any other is dealt."""
    listed = {code.code: code for materials in request.materials.values() for code in materials.codes}
    for pupils in request.pupils.values():
        for pupil in pupils:
            if pupil.code is not None and (code := listed.get(pupil.code)) is not None:
                book.owner.setdefault(code.ref, pupil.ref)


def _check_variants(exam: Exam, materials: Materials, wanted: int) -> list[Refusal]:
    if exam.oral:
        return []
    found = [
        Refusal(exam.id, _NO_PAGES, _CURE_ARCHIVE, {"variant": label})
        for label, pages in materials.variants.items()
        if pages < 1
    ]
    if len(materials.variants) != wanted:
        params = {"found": len(materials.variants), "wanted": wanted}
        found.append(Refusal(exam.id, _VARIANT_COUNT, _CURE_VARIANTS, params))
    return found


class _Counters:
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


class _ExamPlanner:
    """Plans one exam whose pupils have seats and codes."""

    def __init__(self, request: Request, exam: Exam, book: CodeBook, counters: _Counters) -> None:
        self.request, self.exam, self.book, self.counters = request, exam, book, counters
        self.materials = request.materials[exam.id]
        self.labels = tuple(self.materials.variants)
        self.refusals: list[Refusal] = []
        self.notices: list[Notice] = []
        self.new: list[Assignment] = []
        self.by_ref = {code.ref: code for code in self.materials.codes}
        self.recorded = {a.pupil: a for a in request.record if a.exam == exam.id and a.pupil}
        self.spares = [a for a in request.record if a.exam == exam.id and not a.pupil]

    def plan(self, seated: Sequence[Seated], codes: Mapping[str, ListedCode]) -> ExamPlan:
        rooms = []
        for room in self.exam.rooms:
            here = [s for s in seated if s.room == room]
            if here:
                variants = self._variants(room)
                places = tuple(self._place(s, codes[s.pupil.ref], variants) for s in here)
                spares = () if self.exam.oral else self._spares(room)
                rooms.append(RoomPlan(self.exam, room, "", "", places, spares, self.materials.variants))
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
        before = self.recorded.get(seated.pupil.ref)
        same = before is not None and (before.room, before.seat) == (seated.room, seated.seat)
        if before is not None and same and before.code == code.ref and self._known(before.variant):
            assignment = before
        else:
            variant = "" if self.exam.oral else variants.get(seated.seat, "")
            if not variant and not self.exam.oral:
                params = {"room": seated.room, "seat": seated.seat}
                self.refusals.append(Refusal(self.exam.id, _UNLISTED_SEAT, _CURE_SEATING_LIST, params))
            index, number = self.counters.next(self.exam, seated.room)
            assignment = Assignment(
                self.exam.id, seated.pupil.ref, seated.room, seated.seat, code.ref, variant, index, number
            )
            self.new.append(assignment)
        return self._made(assignment, seated.pupil, code.code)

    def _known(self, variant: str) -> bool:
        return self.exam.oral or variant in self.labels

    def _spares(self, room: str) -> tuple[Place, ...]:
        profile = self.request.inventory.profile
        kept = [a for a in self.spares if a.room == room and self._known(a.variant)]
        missing = max(0, profile.spare_kits_per_room - len(kept))
        codes: list[ListedCode | None] = list(deal_spares(self.exam, missing, self.materials, self.book))
        if len(codes) < missing:
            if profile.spare_without_code:
                codes += [None] * (missing - len(codes))
            else:
                params = {"room": room, "count": missing - len(codes)}
                self.notices.append(Notice(_NO_SPARE_CODE, params))
        for code in codes:
            index, number = self.counters.next(self.exam, room)
            variant = self.labels[index % len(self.labels)]
            ref = code.ref if code is not None else ""
            assignment = Assignment(self.exam.id, "", room, "", ref, variant, index, number)
            self.new.append(assignment)
            kept.append(assignment)
        known = ((a, self.by_ref.get(a.code)) for a in kept)
        return tuple(self._made(a, None, code.code if code else "") for a, code in known)

    def _made(self, a: Assignment, pupil: Pupil | None, code: str) -> Place:
        media = Media.A3 if pupil is not None and pupil.large_print else Media.A4
        kit = Kit(a.index, a.number, code, a.variant, a.room, a.seat, spare=pupil is None, media=media)
        return Place(a, pupil, kit)


def _with_printers(inventory: Inventory, plans: Mapping[str, ExamPlan]) -> dict[str, ExamPlan]:
    """The same plans with a printer for every room, the rooms of a session shared out together."""
    sheets: dict[Session, Counter[str]] = {}
    for plan in plans.values():
        for room in plan.rooms:
            sheets.setdefault(session_of(plan.exam), Counter())[room.room] += room.kit_sheets
    chosen = {session: assign_printers(inventory, rooms) for session, rooms in sheets.items()}
    a3 = next((printer.name for printer in inventory.printers if printer.a3), "")
    result = {}
    for exam_id, plan in plans.items():
        printers = chosen.get(session_of(plan.exam), {})
        rooms = tuple(
            RoomPlan(r.exam, r.room, printers[r.room], a3, r.places, r.spares, r.pages) for r in plan.rooms
        )
        notices = plan.notices
        if not a3 and any(place.kit.media is Media.A3 for room in rooms for place in room.kits):
            notices += (Notice(_NO_A3, {}),)
        result[exam_id] = ExamPlan(plan.exam, plan.batch, rooms, plan.spare_codes, plan.new, notices)
    return result


_NO_PAGES = N_("variant {variant} has no pages")
_CURE_ARCHIVE = N_("download the archive again")
_VARIANT_COUNT = N_("the archive holds {found} variants, the profile says {wanted}")
_CURE_VARIANTS = N_("download the archive again, or correct variants in the profile")
_UNLISTED_SEAT = N_("room {room}, seat {seat}: the seating list names no variant of this exam for it")
_CURE_SEATING_LIST = N_("add the seat to the seating list, or choose another seating in the profile")
_NO_SPARE_CODE = N_("room {room}: {count} spare kits are left out, for no spare code is left in the list")
_TOO_MANY = N_("more than {most} kits in one exam")
_CURE_SPLIT = N_("split the exam into several in inventory.yaml")
_NO_A3 = N_("no printer of the inventory prints A3: kits in large print wait (printers: a3: true)")

__all__ = [
    "Assignment",
    "ExamPlan",
    "ListedCode",
    "Materials",
    "Notice",
    "Place",
    "Plan",
    "PlanRefused",
    "Pupil",
    "Refusal",
    "Request",
    "RoomPlan",
    "batch_of",
    "make_plan",
]
