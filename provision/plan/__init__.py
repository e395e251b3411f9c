"""Desired state: (site, materials, participants, what was recorded) -> what must be on paper. Pure.

Seats are given for every exam, whatever has been downloaded, so that an exam whose archive comes late
finds its seats free. Codes, variants and kits follow once an exam's materials are here.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from printing.kit import Media
from provision.errors import N_
from provision.plan.coding import CodeBook, check_list, deal_codes
from provision.plan.forecast import assign_printers
from provision.plan.kits import Counters, ExamPlanner, Request, batch_of
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
from provision.plan.seating import Session, seat_all, session_of
from provision.site.model import Exam, Inventory


@dataclass(frozen=True, slots=True)
class Plan:
    """What must be, for every exam whose materials are here; and why not for the others."""

    exams: Mapping[str, ExamPlan]
    refused: Mapping[str, PlanRefused]


def make_plan(request: Request) -> Plan:
    """Plan every exam. Never raises for a single exam: its refusal is in the result beside the others."""
    inventory = request.inventory
    exams = sorted(inventory.exams, key=lambda e: (e.date, e.part, e.start))
    seated, refusals = seat_all(inventory, exams, request.pupils, request.record, request.attempted)
    reasons: dict[str, list[Refusal]] = {exam.id: [] for exam in exams}
    for refusal in refusals:
        reasons[refusal.exam].append(refusal)
    listed = {code.ref: code for materials in request.materials.values() for code in materials.codes}
    book = CodeBook()
    lying = [a for a in request.record if (a.exam, a.number) in request.attempted]
    book.note(lying, listed)
    named = _reserve_named(book, request)
    book.note(request.record, listed, but=named)  # what was never printed gives way to what is named
    counters = Counters(request.record, exams)
    dealt: dict[str, dict[str, ListedCode]] = {}
    for exam in exams:  # codes of every pupil first: a spare kit must not take a code that a pupil needs
        materials = request.materials.get(exam.id)
        if materials is not None:
            reasons[exam.id] += check_list(exam, materials, inventory.profile.code_pattern)
            if materials.variants is not None:
                reasons[exam.id] += _check_variants(exam, materials.variants, inventory.profile.variants)
            pupils = sorted((s.pupil for s in seated[exam.id]), key=lambda p: p.row)
            dealt[exam.id], more = deal_codes(exam, pupils, materials, book)
            reasons[exam.id] += more
    plans: dict[str, ExamPlan] = {}
    for exam in exams:
        materials = request.materials.get(exam.id)
        if materials is not None and materials.variants is not None and not reasons[exam.id]:
            planner = ExamPlanner(request, exam, materials, materials.variants, book, counters)
            plans[exam.id] = planner.plan(seated[exam.id], dealt[exam.id])
            reasons[exam.id] += planner.refusals
    gone = _gone(request)
    begun = {exam_id for exam_id, _number in request.attempted}
    for exam_id, made in plans.items():
        if exam_id not in begun:  # about to be printed: the moment to say it
            notices = made.notices + gone.get(made.exam.class_name, ())
            plans[exam_id] = dataclasses.replace(made, notices=notices)
    refused = {exam_id: PlanRefused(found) for exam_id, found in reasons.items() if found}
    kept = {exam_id: plan for exam_id, plan in plans.items() if exam_id not in refused}
    return Plan(_with_printers(inventory, kept), refused)


def _reserve_named(book: CodeBook, request: Request) -> frozenset[str]:
    """Codes that the participants' list names belong to their pupils before any other is dealt. Returns the
    refs of these pupils."""
    named = set()
    listed = {code.code: code for materials in request.materials.values() for code in materials.codes}
    for pupils in request.pupils.values():
        for pupil in pupils:
            if pupil.code is not None:
                named.add(pupil.ref)
                if (code := listed.get(pupil.code)) is not None:
                    book.owner.setdefault(code.ref, pupil.ref)
    return frozenset(named)


def _check_variants(exam: Exam, variants: Mapping[str, int], wanted: int) -> list[Refusal]:
    if exam.oral:
        return []
    found = [
        Refusal(exam.id, _NO_PAGES, _CURE_ARCHIVE, {"variant": label})
        for label, pages in variants.items()
        if pages < 1
    ]
    if len(variants) != wanted:
        params = {"found": len(variants), "wanted": wanted}
        found.append(Refusal(exam.id, _VARIANT_COUNT, _CURE_VARIANTS, params))
    return found


def _gone(request: Request) -> dict[str, tuple[Notice, ...]]:
    """By class: exams that the inventory has no longer, of which kits of the class's pupils are on paper."""
    known = {exam.id for exam in request.inventory.exams}
    class_of = {pupil.ref: pupil.class_name for some in request.pupils.values() for pupil in some}
    found: dict[str, dict[str, set[str]]] = {}
    for a in request.record:
        if a.exam not in known and (a.exam, a.number) in request.attempted and a.pupil in class_of:
            found.setdefault(class_of[a.pupil], {}).setdefault(a.exam, set()).add(a.room)
    return {
        class_name: tuple(
            Notice(_GONE, {"exam": exam, "rooms": ", ".join(sorted(rooms))}) for exam, rooms in exams.items()
        )
        for class_name, exams in found.items()
    }


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
            dataclasses.replace(room, printer=printers[room.room], a3_printer=a3) for room in plan.rooms
        )
        notices = plan.notices
        if not a3 and any(place.kit.media is Media.A3 for room in rooms for place in room.kits):
            notices += (Notice(_NO_A3, {}),)
        result[exam_id] = dataclasses.replace(plan, rooms=rooms, notices=notices)
    return result


_NO_PAGES = N_("variant {variant} has no pages")
_CURE_ARCHIVE = N_("download the archive again")
_VARIANT_COUNT = N_("the archive holds {found} variants, the profile says {wanted}")
_CURE_VARIANTS = N_("download the archive again, or correct variants in the profile")
_GONE = N_(
    "kits of exam {exam}, which inventory.yaml does not name any more, were printed for this class (rooms"
    " {rooms}): if only its id was changed, change it back and nothing is printed twice; else put them away"
)
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
