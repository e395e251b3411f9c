"""What people and counters say of the sheets themselves, kept in the ledger apart from the deliveries.

A barcode holds a participant's code; of a scan only kit index, page and copy are written down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from printing.journal import Delivery
from provision.ledger.journal import KIND as DELIVERY
from provision.ledger.store import Draft, Event, Ledger

SCAN = "scan"
COUNT = "count"
METER = "meter"
COMPLETE = "scan-complete"
AGAIN = "scan-again"
EXTRA_REMOVED = "extra-removed"
"""Kinds of events; the subject is "EXAM/ROOM", of METER the printer."""


class How(StrEnum):
    """How a sheet was read."""

    SCANNED = "scanned"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Scan:
    """One sheet in somebody's hand. ``kit`` is the kit's index in the exam; ``page`` 0 when a person typed
    the kit's number only. ``attempt`` is the delivery that the paper was taken for: "" for a page whose
    print was followed by another one's of the kit, ``NEVER`` when nothing was ever sent."""

    kit: int
    page: int
    copy: int
    how: How = How.SCANNED
    attempt: str = ""


NEVER = "never"


@dataclass(frozen=True, slots=True)
class Counted:
    """A person counted the room's sheets. ``agrees`` was judged when it was said (None: could not be told);
    ``covers`` are the pieces that a right count is evidence for."""

    sheets: int
    expected: int
    agrees: bool | None
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Complete:
    """A person said that every paper of the room was scanned. ``missing`` maps the index of a kit that is
    said to be printed to its pages that were not found, with their copies."""

    missing: Mapping[int, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Again:
    """The room is scanned from the beginning: earlier scans count no more."""


@dataclass(frozen=True, slots=True)
class ExtraRemoved:
    """The second paper of a kit was destroyed. ``forget``: it was the only one that had been scanned."""

    kit: int
    forget: bool = False


Said = Scan | Counted | Complete | Again | ExtraRemoved
"""What is said of one exam in one room."""


@dataclass(frozen=True, slots=True)
class MeterRun:
    """What a printer's own counter gained while ``attempts`` (ids) were sent to it."""

    printer: str
    sheets: int
    attempts: frozenset[str]


def record(ledger: Ledger, exam: str, room: str, *said: Said) -> None:
    """Write down what was said, all or nothing; returns when it is on disk."""
    ledger.append(*(Draft(*_kind_and_body(one, f"{exam}/{room}")) for one in said))


def record_meter(ledger: Ledger, printer: str, phase: str, sheets: int, attribute: str) -> None:
    """Write down a printer's counter ``phase`` ("before" or "after") a run; ``attribute`` is its IPP name."""
    ledger.append(Draft(METER, printer, {"phase": phase, "sheets": sheets, "attribute": attribute}))


def said(ledger: Ledger) -> Mapping[tuple[str, str], Sequence[Said]]:
    """(exam, room) -> all that was said of it, in order."""
    found: dict[tuple[str, str], list[Said]] = {}
    for event in ledger.events([SCAN, COUNT, COMPLETE, AGAIN, EXTRA_REMOVED]):
        exam, _slash, room = event.subject.partition("/")
        found.setdefault((exam, room), []).append(_of_event(event))
    return found


@dataclass(slots=True)
class _OpenRun:
    """A counter that was read before a run; ``clear``: nothing of an earlier run moved since."""

    sheets: int
    attribute: str
    attempts: set[str] = field(default_factory=set)
    clear: bool = True


_PERSON = {Delivery.PRINTED_SAYS_PERSON.value, Delivery.NOT_PRINTED_SAYS_PERSON.value}


def meter_runs(ledger: Ledger) -> Iterator[MeterRun]:
    """Every run with a counter read before and after it, in the order of their ends.

    A run in which something of an earlier one was still printing tells nothing, and is left out.
    """
    begun: dict[str, _OpenRun] = {}
    queue_of: dict[str, str] = {}
    for event in ledger.events([METER, DELIVERY]):
        body = event.body
        if event.kind == DELIVERY:
            queue = queue_of.setdefault(event.subject, body.get("queue", ""))
            run = begun.get(queue)
            if run is not None and "work" in body:
                run.attempts.add(event.subject)
            elif run is not None and event.subject not in run.attempts and body["state"] not in _PERSON:
                run.clear = False
        elif body["phase"] == "before":
            begun[event.subject] = _OpenRun(int(body["sheets"]), body["attribute"])
        else:
            run = begun.pop(event.subject, None)
            if run is not None and run.clear and run.attribute == body["attribute"]:
                yield MeterRun(event.subject, int(body["sheets"]) - run.sheets, frozenset(run.attempts))


def _kind_and_body(one: Said, subject: str) -> tuple[str, str, Mapping[str, object]]:
    match one:
        case Scan():
            body = {"kit": one.kit, "page": one.page, "copy": one.copy, "how": one.how.value}
            return SCAN, subject, {**body, "attempt": one.attempt}
        case Counted():
            judged = {"expected": one.expected, "agrees": one.agrees, "covers": list(one.covers)}
            return COUNT, subject, {"sheets": one.sheets, **judged}
        case Complete():
            return COMPLETE, subject, {"missing": one.missing}
        case Again():
            return AGAIN, subject, {}
        case ExtraRemoved():
            return EXTRA_REMOVED, subject, {"kit": one.kit, "forget": one.forget}


def _of_event(event: Event) -> Said:
    body = event.body
    match event.kind:
        case "scan":
            return Scan(body["kit"], body["page"], body["copy"], How(body["how"]), body["attempt"])
        case "count":
            return Counted(body["sheets"], body["expected"], body["agrees"], tuple(body["covers"]))
        case "scan-complete":
            return Complete({int(k): {int(p): c for p, c in v.items()} for k, v in body["missing"].items()})
        case "scan-again":
            return Again()
        case _:
            return ExtraRemoved(body["kit"], body["forget"])
