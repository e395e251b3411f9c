"""What one line of a scanner says about a room: a sheet of it, or why it is none.

A line is a barcode's text, or what a person types where a barcode cannot be read: the kit's number as on the
stamp, "204-07", or with a page, "204-07/3". Codes are compared, never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from printing.kit import Mark
from printing.mark import MarkRefused, decode
from provision.copies import CopyBook
from provision.errors import N_
from provision.evidence.bundle import Bundle, KitPaper
from provision.ledger import assignments
from provision.ledger.evidence import How, Scan
from provision.ledger.store import Ledger
from provision.plan import batch_of
from provision.plan.model import Assignment, RoomPlan
from provision.site.model import Inventory

_TYPED = re.compile(r"(?P<kit>[^/]{1,40}-\d{1,4})(?:\s*/\s*(?P<page>\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a line counts for nothing: English template, what to do, parameters. ``code`` names the reason for
    programs."""

    code: str
    template: str
    cure: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class School:
    """Where any mark of this site belongs. ``exams`` maps batch to exam id, ``kits`` (exam, index) to the
    kit as it was last assigned."""

    exams: Mapping[str, str]
    kits: Mapping[tuple[str, int], Assignment]

    @classmethod
    def of(cls, inventory: Inventory, ledger: Ledger) -> School:
        """As the ledger knows it."""
        seed = assignments.seed(ledger)
        batches = {batch_of(seed, exam.id): exam.id for exam in inventory.exams}
        return cls(batches, {(a.exam, a.index): a for a in assignments.recorded(ledger)})


class Reader:
    """Reads the lines of one exam in one room."""

    def __init__(self, room: RoomPlan, school: School) -> None:
        """``room`` is the plan's."""
        self._room, self._school = room, school
        self._codes = {place.assignment.index: place.kit.code for place in room.kits}
        self._pages = {place.assignment.index: room.pages[place.kit.variant] for place in room.kits}

    def read(self, line: str, bundle: Bundle, book: CopyBook) -> Scan | Refused:
        """The sheet that the line names, bound to the delivery that put it on paper; or why there is none."""
        text = line.strip().strip("\ufeff")
        typed = _TYPED.fullmatch(text)
        if typed is not None:
            kit = bundle.kit(typed["kit"].casefold()) or bundle.kit(typed["kit"])
            if kit is None:
                return Refused("no-such-kit", _NO_KIT, _SEE_STAMP, {"kit": typed["kit"]})
            return self._typed(kit, int(typed["page"] or 0), book)
        try:
            mark = decode(text)
        except MarkRefused as error:
            return Refused(error.code, error.template, error.remedy, error.params)
        return self._marked(mark, bundle, book)

    def _typed(self, kit: KitPaper, page: int, book: CopyBook) -> Scan | Refused:
        newest = max(
            (one for one in kit.prints if one.pages), key=lambda one: one.copy, default=kit.prints[0]
        )
        copy = newest.copy if not page else self._current(kit, page, book)
        return self._sheet(kit, page, copy, book, How.TYPED)

    def _marked(self, mark: Mark, bundle: Bundle, book: CopyBook) -> Scan | Refused:
        exam = self._school.exams.get(mark.batch)
        known = self._school.kits.get((exam, mark.kit)) if exam is not None else None
        kit = next((kit for kit in bundle.kits if kit.index == mark.kit), None)
        if exam is None or known is None:
            return Refused("foreign", _FOREIGN, _LAY_ASIDE, {})
        where = {"kit": known.number, "exam": known.exam, "room": known.room}
        if exam != self._room.exam.id:
            return Refused("other-exam", _OTHER_EXAM, _CARRY, where)
        if kit is None:
            if known.room != self._room.room:
                return Refused("other-room", _OTHER_ROOM, _CARRY, where)
            return Refused("not-planned", _NOT_PLANNED, _DESTROY, where)
        if mark.code != self._codes[mark.kit].upper():
            return Refused("other-code", _OTHER_CODE, _DESTROY, where)
        return self._sheet(kit, mark.page, mark.copy, book, How.SCANNED)

    def _sheet(self, kit: KitPaper, page: int, copy: int, book: CopyBook, how: How) -> Scan | Refused:
        if page > self._pages[kit.index]:
            params = {"kit": kit.number, "page": page, "pages": self._pages[kit.index]}
            return Refused("no-such-page", _NO_PAGE, _LAY_ASIDE, params)
        exam, room = self._room.exam.id, self._room.room
        if page and book.void(exam, room, kit.number, page, copy):
            current = self._current(kit, page, book)
            params = {"kit": kit.number, "page": page, "copy": copy, "current": current}
            return Refused("void", _SPOILED if copy == current else _VOID, _DESTROY, params)
        attempt = next(one.attempt for one in kit.prints if one.copy == copy)
        return Scan(kit.index, page, copy, how, attempt)

    def _current(self, kit: KitPaper, page: int, book: CopyBook) -> int:
        return book.current(self._room.exam.id, self._room.room, kit.number, page)


_NO_KIT = N_("there is no kit {kit} in this room")
_SEE_STAMP = N_("type the number as on the stamp, or scan the barcode")
_FOREIGN = N_("this is not a paper of this site, or one of an earlier trial")
_LAY_ASIDE = N_("lay it aside")
_OTHER_EXAM = N_("kit {kit} is of another exam: {exam}, room {room}")
_OTHER_ROOM = N_("kit {kit} belongs to room {room}")
_CARRY = N_("carry it there and scan it there")
_NOT_PLANNED = N_("kit {kit} is planned no more")
_DESTROY = N_("take it out and destroy it")
_OTHER_CODE = N_("kit {kit} bears another code than the plan has for it now")
_NO_PAGE = N_("kit {kit} has {pages} pages, this says page {page}")
_VOID = N_("kit {kit}, page {page}: copy {copy} is void, copy {current} replaces it")
_SPOILED = N_("kit {kit}, page {page}: copy {copy} was recorded as spoiled")
