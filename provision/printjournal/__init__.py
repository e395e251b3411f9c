"""The print journal: what the ledger says of paper, exam by exam, with the sums of every room. Facts only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from printing.documents.happened import RoomSum
from printing.journal import Delivery
from provision.copies import ORDERED, SPOILED, Order, Spoil, of_event
from provision.ledger import Event
from provision.ledger.evidence import AGAIN, COMPLETE, COUNT, EXTRA_REMOVED, METER, SCAN
from provision.ledger.journal import KIND as DELIVERY
from provision.ledger.judged import KIND as JUDGED
from provision.printjournal.sums import room_sums
from provision.rooms import Morning
from provision.second_person import KIND as APPOINTED
from provision.site.model import Exam
from provision.work import What, parts_of


class Act(StrEnum):
    """What was done."""

    PRINTED = "printed"
    RESOLVED = "resolved"
    SPOILED = "spoiled"
    ORDERED = "ordered"
    SCANNED = "scanned"
    COUNTED = "counted"
    COMPLETE = "scan-complete"
    AGAIN = "scan-again"
    EXTRA_REMOVED = "extra-removed"
    METERED = "metered"
    TESTED = "tested"
    JUDGED = "judged"
    APPOINTED = "appointed"


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the journal. ``at`` is on the school's clock; ``exam`` and ``room`` are empty for what
    concerns a printer. ``state`` is how a delivery ended, or what a person said of it; ``reason`` is as
    :mod:`provision.spoilage` records it, or a note; ``good`` is a person's judgement."""

    at: dt.datetime
    act: Act
    exam: str = ""
    room: str = ""
    what: What | None = None
    kits: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    copy: int = 1
    printer: str = ""
    sheets: int | None = None
    state: Delivery | None = None
    reason: str = ""
    who: str = ""
    authorised_by: str = ""
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The whole journal; ``events`` and ``last_hash`` are those of the ledger at the moment ``made``."""

    made: dt.datetime
    exams: tuple[Exam, ...]
    happenings: tuple[Happening, ...]
    sums: tuple[RoomSum, ...]
    events: int
    last_hash: str


def account(morning: Morning) -> Account:
    """What was done about the exams and rooms in scope. Raises LedgerDamaged."""
    survey, scope = morning.survey, morning.scope
    events, last_hash = survey.ledger.verify()
    zone = survey.site.zone
    everything = happenings(survey.ledger.events(KINDS), zone)
    rooms = scope.rooms
    mine = [h for h in everything if h.exam in scope.exams and (rooms is None or h.room in rooms)]
    used = {(h.printer, h.at.date() - dt.timedelta(days=back)) for h in mine for back in (0, 1)}
    apart = [
        h for h in everything if not h.exam and (h.act is Act.APPOINTED or (h.printer, h.at.date()) in used)
    ]
    shown = sorted(mine + (apart if rooms is None else []), key=lambda h: h.at)
    sums = room_sums(morning)
    return Account(survey.site.now(), survey.exams, tuple(shown), sums, events, last_hash)


def happenings(events: Iterable[Event], zone: dt.tzinfo) -> list[Happening]:
    """The lines that events of :data:`KINDS` come to, in the order in which they began."""
    lines = _Lines(zone)
    lines.read(events)
    return lines.happenings


class _Lines:
    """Folds events into lines: the states of one delivery into one, scans in a row into one."""

    def __init__(self, zone: dt.tzinfo) -> None:
        self._zone = zone
        self._order: list[str] = []
        self._kept: dict[str, Happening] = {}
        self._scans: dict[str, str] = {}
        self._meters: dict[str, int] = {}

    @property
    def happenings(self) -> list[Happening]:
        """The lines so far."""
        return [self._kept[key] for key in self._order]

    def read(self, events: Iterable[Event]) -> None:
        """Take events into account, in order."""
        for event in events:
            if event.kind == SCAN:
                self._scan(event)
                continue
            self._scans.pop(event.subject, None)
            if event.kind == DELIVERY:
                self._delivery(event)
            elif event.kind == METER:
                self._meter(event)
            else:
                self._keep(str(event.seq), self._single(event))

    def _keep(self, key: str, happening: Happening) -> None:
        if key not in self._kept:
            self._order.append(key)
        self._kept[key] = happening

    def _at(self, event: Event) -> dt.datetime:
        return dt.datetime.fromisoformat(event.at).astimezone(self._zone)

    def _delivery(self, event: Event) -> None:
        body = event.body
        state = Delivery(body["state"])
        if "work" in body:
            self._keep(event.subject, self._sent(event))
            return
        before = self._kept[event.subject]
        if state in {Delivery.PRINTED_SAYS_PERSON, Delivery.NOT_PRINTED_SAYS_PERSON}:
            said = replace(before, at=self._at(event), act=Act.RESOLVED, state=state, sheets=None)
            self._keep(str(event.seq), said)
        else:
            self._keep(event.subject, replace(before, state=state))

    def _sent(self, event: Event) -> Happening:
        body = event.body
        sent = Happening(
            self._at(event),
            Act.TESTED,
            printer=body["queue"],
            sheets=int(body["sheets"]),
            state=Delivery(body["state"]),
        )
        parts = parts_of(body["work"])
        if parts is None:
            return sent
        return replace(
            sent,
            act=Act.PRINTED,
            exam=parts.exam,
            room=parts.room,
            what=parts.what,
            kits=tuple(body["covers"]),
            pages=parts.pages,
            copy=parts.copy,
        )

    def _scan(self, event: Event) -> None:
        key = self._scans.setdefault(event.subject, str(event.seq))
        exam, _slash, room = event.subject.partition("/")
        before = self._kept.get(key) or Happening(self._at(event), Act.SCANNED, exam, room, sheets=0)
        self._keep(key, replace(before, sheets=(before.sheets or 0) + 1))

    def _meter(self, event: Event) -> None:
        """One line for a run, when the counter is read behind it."""
        printer, sheets = event.subject, int(event.body["sheets"])
        if event.body["phase"] == "before":
            self._meters[printer] = sheets
        elif printer in self._meters:
            gained = sheets - self._meters.pop(printer)
            self._keep(
                str(event.seq), Happening(self._at(event), Act.METERED, printer=printer, sheets=gained)
            )

    def _single(self, event: Event) -> Happening:
        """Everything that is a line by itself."""
        at, body = self._at(event), event.body
        if event.kind == JUDGED:
            note, who = body["note"], body["who"]
            return Happening(at, Act.JUDGED, printer=event.subject, reason=note, who=who, good=body["good"])
        if event.kind == APPOINTED:
            return Happening(at, Act.APPOINTED, who=body["who"])
        if event.kind in {SPOILED, ORDERED}:
            return _of_copies(at, of_event(event))
        exam, _slash, room = event.subject.partition("/")
        if event.kind == COUNT:
            return Happening(at, Act.COUNTED, exam, room, sheets=int(body["sheets"]), good=body["agrees"])
        acts = {COMPLETE: Act.COMPLETE, AGAIN: Act.AGAIN, EXTRA_REMOVED: Act.EXTRA_REMOVED}
        return Happening(at, acts[event.kind], exam, room)


def _of_copies(at: dt.datetime, event: Spoil | Order) -> Happening:
    act, by = (Act.SPOILED, "") if isinstance(event, Spoil) else (Act.ORDERED, event.authorised_by)
    return Happening(
        at,
        act,
        event.exam,
        event.room,
        What.KITS,
        (event.kit,),
        event.pages,
        event.copy,
        sheets=len(event.pages),
        reason=event.reason,
        who=event.who,
        authorised_by=by,
    )


KINDS = (DELIVERY, SPOILED, ORDERED, SCAN, COUNT, COMPLETE, AGAIN, EXTRA_REMOVED, METER, JUDGED, APPOINTED)
