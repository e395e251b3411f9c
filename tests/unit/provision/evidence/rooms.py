"""A room of the example school whose every document the queue calls delivered, without anything printed."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from printing.journal import Attempt, Delivery
from printing.kit import Mark
from printing.mark import encode
from provision.copies import copies
from provision.ledger import Ledger, LedgerJournal, assignments
from provision.plan.model import ExamPlan, Place, RoomPlan
from provision.rooms import Morning, Scope
from provision.site.site import STATE, open_site
from provision.status import RoomStatus, status_of
from provision.survey import Survey, survey
from provision.work import What
from tests.e2e.site import example

EXAM, ROOM = "ma-7a", "201"


@cache
def school_in(folder: Path) -> Path:
    """The example school, looked at once: its seed is drawn, nothing else is recorded."""
    site = example(folder)
    look(site)
    shutil.copytree(site / STATE, folder / "pristine")
    return site


def new_school(folder: Path) -> Path:
    """The example school in ``folder``, which has it once; of what earlier tests recorded nothing is left."""
    site = school_in(folder)
    shutil.rmtree(site / STATE)
    shutil.copytree(folder / "pristine", site / STATE)
    return site


def look(site: Path, *exams: str) -> Survey:
    """The site as it is now; its archives are opened once, for nothing changes in them."""
    first = _opened(site, exams or (EXAM,))
    ledger = Ledger(site / STATE)
    return replace(first, ledger=ledger, journal=LedgerJournal(ledger), copies=copies(ledger))


@cache
def _opened(site: Path, exams: tuple[str, ...]) -> Survey:
    return survey(open_site(site), exams)


def morning(site: Path, *exams: str) -> Morning:
    return Morning(look(site, *exams), Scope(frozenset(exams or (EXAM,))))


def deliver(site: Path, states: Mapping[str, Delivery] = {}, *exams: str, kits_only: bool = False) -> None:
    """Record that everything that is to do was CLAIMED; ``states`` says otherwise of kits (by number) and
    documents (by kind)."""
    now = morning(site, *exams)
    assignments.record(now.survey.ledger, [a for plan in now.plans for a in plan.new])
    journal = LedgerJournal(now.survey.ledger)
    for one in now.todo():
        item = one.item
        if kits_only and item.what is not What.KITS:
            continue
        covers = tuple(place.number for place in item.places)
        name = covers[0] if item.what is What.KITS else str(item.what)
        attempt = Attempt(secrets.token_hex(8), item.key, item.printer, one.sheets, covers)
        journal.intend(attempt)
        journal.advance(attempt.id, states.get(name, Delivery.CLAIMED))


@dataclass(frozen=True, slots=True)
class Sheets:
    """The barcodes of one exam."""

    plan: ExamPlan

    @classmethod
    def of(cls, site: Path, exam: str = EXAM) -> Sheets:
        return cls(look(site, exam).plan.exams[exam])

    def room(self, number: str = ROOM) -> RoomPlan:
        return next(room for room in self.plan.rooms if room.room == number)

    def place(self, kit: str) -> Place:
        return next(p for room in self.plan.rooms for p in room.kits if p.number == kit)

    def mark(self, kit: str, page: int = 1, copy: int = 1) -> str:
        """What a scanner types for a page of a kit."""
        place = self.place(kit)
        return encode(Mark(self.plan.batch, place.assignment.index, page, copy, place.kit.code))

    def kit(self, kit: str, pages: Iterable[int] = range(1, 9), copy: int = 1) -> list[str]:
        return [self.mark(kit, page, copy) for page in pages]

    def numbers(self, room: str = ROOM) -> list[str]:
        return [place.number for place in self.room(room).kits]

    def firsts(self, *but: str, room: str = ROOM) -> list[str]:
        """The first page of every kit of the room, except some."""
        return [self.mark(number) for number in self.numbers(room) if number not in but]


def standing(site: Path, room: str = ROOM, exam: str = EXAM) -> RoomStatus:
    """How the room stands in the table."""
    (status,) = status_of(morning(site, exam))
    return next(one for one in status.rooms if one.room == room)
