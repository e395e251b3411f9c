"""What the software knows of each step. Pure over one look at the site; nothing is recorded twice.

A fact is PROVED by what was seen or recorded, SAID where another record holds a person's word; what is there
only in part is OPEN and says how far it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labcheck.finding import Check
from provision.errors import N_, Phrase
from provision.forms.mapping import FormKind
from provision.forms.standing import FormStatus
from provision.intake.model import Catalog, Kind
from provision.labstatus import LabState, LabStatus, ready_of
from provision.ledger.arrivals import VAULT, Arrived
from provision.ledger.store import Event
from provision.runbook.board import UNKNOWN, Fact, Level
from provision.runbook.clock import Day
from provision.runbook.formfacts import form_fact
from provision.runbook.model import Needs, Procedure, Proof, Step
from provision.site.model import Exam
from provision.status import ExamStatus, Verdict

AUDIT, WIPED, INCIDENT = "audit", "wiped", "lab-incident"
"""Kinds of events that are read here."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the site, for one exam day. ``events`` are the ledger's of the kinds that are read here,
    and ``first`` is the first of any kind on that day; ``software``: the profile names an exam program."""

    day: Day
    exams: Sequence[Exam]
    catalog: Catalog
    opened: frozenset[str]
    """Exams whose variants were really opened."""
    statuses: Sequence[ExamStatus]
    forms: Sequence[FormStatus]
    arrived: Sequence[Arrived]
    events: Sequence[Event]
    first: dt.datetime | None
    software: bool


def facts(procedure: Procedure, look: Look) -> Mapping[str, Fact]:
    """What is known of every step."""
    return {name: fact(step, look) for name, step in procedure.items()}


def fact(step: Step, look: Look) -> Fact:
    """What is known of one step."""
    oral = any(exam.oral for exam in look.exams)
    paper = any(not exam.oral for exam in look.exams)
    if step.needs is Needs.ORAL and not oral:
        return Fact(Level.NEEDLESS, Phrase(N_("no oral part on this day"), {}))
    if step.needs is Needs.PAPER and not paper:
        return Fact(Level.NEEDLESS, Phrase(N_("nothing is written on paper on this day"), {}))
    return _FACTS[step.proof](step, look)


def _person(_step: Step, _look: Look) -> Fact:
    return UNKNOWN


def _audit(step: Step, look: Look) -> Fact:
    """The last audit of this computer since the step began."""
    since = look.day.begin(step)
    found = [event for event in look.events if event.kind == AUDIT and _at(event) >= since]
    if not found:
        return Fact(Level.OPEN, Phrase(N_("no audit since {date}"), {"date": f"{since:%d.%m}"}))
    last = found[-1]
    count = int(last.body.get("findings", 0))
    if count:
        return Fact(
            Level.OPEN, Phrase(N_("the audit found {count} leaks and risks"), {"count": count}), _at(last)
        )
    unseen = int(last.body.get("not_checked", 0))
    if unseen:
        said = Phrase(N_("nothing found, but {count} things the audit could not look at"), {"count": unseen})
        return Fact(Level.OPEN, said, _at(last))
    return Fact(Level.PROVED, Phrase(N_("audited, nothing found"), {}), _at(last))


def _form(kind: FormKind) -> Callable[[Step, Look], Fact]:
    return lambda _step, look: form_fact(kind, {exam.id for exam in look.exams}, look.forms, look.events)


def _codes(_step: Step, look: Look) -> Fact:
    codes, templates = _having(look, Kind.CODES, look.exams), _having(look, Kind.PROTOCOL, look.exams)
    total = len(look.exams)
    words = {"codes": len(codes), "templates": len(templates), "total": total}
    level = Level.PROVED if len(codes) == len(templates) == total else Level.OPEN
    said = Phrase(N_("codes for {codes}, template for {templates} of {total} exams"), words)
    return Fact(level, said, _taken(look, (Kind.CODES, Kind.PROTOCOL)))


def _here(kind: Kind, *, written: bool = False) -> Callable[[Step, Look], Fact]:
    """Whether a kind of material is here for every exam, or every written one."""

    def found(_step: Step, look: Look) -> Fact:
        wanted = [exam for exam in look.exams if not (written and exam.oral)]
        here = _having(look, kind, wanted)
        said = _of(N_("for {done} of {total} exams"), len(here), len(wanted))
        level = Level.PROVED if len(here) == len(wanted) else Level.OPEN
        return Fact(level, said, _taken(look, (kind,)))

    return found


def _begun(_step: Step, look: Look) -> Fact:
    """Somebody worked here: the first thing written down on that day."""
    if look.first is None:
        return UNKNOWN
    at = look.first.astimezone(look.day.zone)
    said = Phrase(N_("the first record of the day is of {time}"), {"time": f"{at:%H:%M}"})
    return Fact(Level.PROVED, said, at)


def _ciphers(_step: Step, look: Look) -> Fact:
    """Every written exam's variants were opened with what is here."""
    wanted = [exam for exam in look.exams if not exam.oral]
    tasks = [one for exam in wanted for one in look.catalog.of(exam.id, Kind.TASKS)]
    everything = {exam for one in tasks for exam in one.exams} >= {exam.id for exam in wanted}
    if everything and not any(one.encrypted for one in tasks):
        return Fact(Level.NEEDLESS, Phrase(N_("the archives are not encrypted"), {}))
    opened = [exam for exam in wanted if exam.id in look.opened]
    said = _of(N_("the variants of {done} of {total} exams open"), len(opened), len(wanted))
    level = Level.PROVED if len(opened) == len(wanted) else Level.OPEN
    return Fact(level, said, _taken(look, (Kind.CIPHER,)))


def _printed(_step: Step, look: Look) -> Fact:
    """Every planned document was delivered; whether it is on paper is the next step's business."""
    rooms = [room for status in look.statuses for room in status.rooms if room.verdict is not Verdict.NOBODY]
    done = [room for room in rooms if all(a == b for a, b in room.done.values()) and not room.unknown]
    planned = all(status.rooms or status.verdict is Verdict.NOBODY for status in look.statuses)
    level = Level.PROVED if rooms and planned and len(done) == len(rooms) else Level.OPEN
    return Fact(level, _of(N_("printed for {done} of {total} rooms and exams"), len(done), len(rooms)))


def _collated(_step: Step, look: Look) -> Fact:
    """The sheets of every room are known to be there: barcodes, counts and counters agree."""
    rooms = [room for status in look.statuses for room in status.rooms if room.verdict is not Verdict.NOBODY]
    done = [room for room in rooms if room.verdict in {Verdict.READY, Verdict.LAB}]
    planned = all(status.rooms or status.verdict is Verdict.NOBODY for status in look.statuses)
    level = Level.PROVED if rooms and planned and len(done) == len(rooms) else Level.OPEN
    return Fact(level, _of(N_("whole for {done} of {total} rooms and exams"), len(done), len(rooms)))


def _labs(look: Look) -> tuple[LabStatus, ...]:
    found = {room.lab.room.number: room.lab for one in look.statuses for room in one.rooms if room.lab}
    return tuple(found.values())


def _software(_step: Step, look: Look) -> Fact:
    """Every main workstation has the exam program, by today's check."""
    if not look.software:
        return Fact(Level.UNKNOWN, Phrase(N_("the profile names no exam program"), {}))
    main = [seat for lab in _labs(look) for seat in lab.main]
    done = [
        seat
        for seat in main
        if seat.checked
        and seat.counts
        and any(one.check is Check.SOFTWARE and one.outcome.good for one in seat.checked.result.findings)
    ]
    level = Level.PROVED if main and len(done) == len(main) else Level.OPEN
    return Fact(level, _of(N_("installed on {done} of {total} computers"), len(done), len(main)))


def _equipment(_step: Step, look: Look) -> Fact:
    labs = _labs(look)
    done, total = map(sum, zip(*(ready_of(lab.main) for lab in labs), strict=True)) if labs else (0, 0)
    level = Level.PROVED if labs and all(lab.state is LabState.READY for lab in labs) else Level.OPEN
    at = max((lab.last_check for lab in labs if lab.last_check), default=None)
    return Fact(level, _of(N_("{done} of {total} computers are ready"), done, total), at)


def _faults(_step: Step, look: Look) -> Fact:
    """What ``labcheck watch`` noted on that day. Without any, it is not known that somebody looked."""
    last: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for event in look.events:
        if event.kind == INCIDENT and _at(event).astimezone(look.day.zone).date() == look.day.date:
            last[event.subject, event.body["what"], event.body["noted"]] = event.body
    if not last:
        return UNKNOWN
    ended = [dt.datetime.fromisoformat(body["ended"]) for body in last.values() if body["ended"]]
    level = Level.PROVED if len(ended) == len(last) else Level.OPEN
    said = _of(N_("{done} of {total} faults were put right"), len(ended), len(last))
    return Fact(level, said, max(ended, default=None))


def _wiped(_step: Step, look: Look) -> Fact:
    found = [one for one in look.events if one.kind == WIPED and one.subject == str(look.day.date)]
    if not found:
        return Fact(Level.OPEN)
    last = found[-1].body
    if last["phase"] != "done":
        return Fact(Level.OPEN, Phrase(N_("begun and broken off: run it again"), {}))
    words = {
        "count": sum(last["removed"].values()),
        "stayed": last["stayed"],
        "later": last.get("later", 0),
    }
    if last["stayed"]:
        return Fact(Level.OPEN, Phrase(N_("{count} removed, {stayed} could not be"), words))
    said = N_("{count} removed, and it was looked that they are gone")
    if words["later"]:
        said = N_("{count} removed, and it was looked that they are gone; {later} are kept until their time")
    return Fact(Level.PROVED, Phrase(said, words), _at(found[-1]))


def _having(look: Look, kind: Kind, exams: Iterable[Exam]) -> list[Exam]:
    """The exams that have a material of that kind: in the inbox, or taken into the vault."""
    kept = {exam for one in look.arrived if one.kind is kind and one.where == VAULT for exam in one.exams}
    return [exam for exam in exams if exam.id in kept or look.catalog.of(exam.id, kind)]


def _taken(look: Look, kinds: Sequence[Kind]) -> dt.datetime | None:
    """When the last of such materials was taken in, where that was recorded."""
    days = {exam.id for exam in look.exams}
    found = [one.at for one in look.arrived if one.kind in kinds and days & set(one.exams)]
    return max(found, default=None)


def _of(template: str, done: int, total: int) -> Phrase:
    return Phrase(template, {"done": done, "total": total})


def _at(event: Event) -> dt.datetime:
    return dt.datetime.fromisoformat(event.at)


_FACTS: Mapping[Proof, Callable[[Step, Look], Fact]] = {
    Proof.PERSON: _person,
    Proof.AUDIT: _audit,
    Proof.APPLICATION: _form(FormKind.APPLICATION),
    Proof.QUESTIONNAIRE: _form(FormKind.QUESTIONNAIRE),
    Proof.RESULTS: _form(FormKind.RESULTS),
    Proof.CODES: _codes,
    Proof.INSTRUCTIONS: _here(Kind.INSTRUCTIONS),
    Proof.TASKS: _here(Kind.TASKS, written=True),
    Proof.BEGUN: _begun,
    Proof.CIPHERS: _ciphers,
    Proof.PRINTED: _printed,
    Proof.COLLATED: _collated,
    Proof.SOFTWARE: _software,
    Proof.EQUIPMENT: _equipment,
    Proof.FAULTS: _faults,
    Proof.CRITERIA: _here(Kind.CRITERIA),
    Proof.REPORTS: _here(Kind.REPORT),
    Proof.WIPED: _wiped,
}
