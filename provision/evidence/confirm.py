"""``provision confirm``: a person scans or counts a room's sheets, and so settles what is in doubt.

Needs no site lock: a room is scanned while others print. Every scan is on disk before it is answered; what
follows from all of them is settled at the end of a session, under a lock of its own, from a fresh reading of
the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from printing.journal import Delivery
from provision.copies import CopyBook, copies
from provision.errors import N_, ProvisionError
from provision.evidence.bundle import DELIVERED, Bundle, KitPaper, bundle_of
from provision.evidence.heard import Heard, heard
from provision.evidence.marks import Reader, Refused, School
from provision.evidence.settle import Settled, by_count, by_scan
from provision.evidence.voices import Voices, gains, listen, lost_pages
from provision.ledger import LedgerJournal
from provision.ledger.evidence import Again, Complete, ExtraRemoved, Said, Scan, meter_runs, record, said
from provision.lock import exclusive
from provision.plan.model import RoomPlan
from provision.rooms import Morning, RoomState, Scope
from provision.survey import Survey
from provision.work import Standing


class RoomNotPlanned(ProvisionError):
    """There is nothing to confirm: the exam cannot be planned now, or has nobody in that room."""

    code = "room-not-planned"
    remedy = N_("See 'provision status' for the exam's rooms and for what is missing.")


class NoExtraPaper(ProvisionError):
    """A second paper is said to be destroyed, but none is known of."""

    code = "no-extra-paper"
    remedy = N_("'provision status' names the kits with two papers. Scan the papers first.")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A sheet of the room. ``page`` is 0 when only the kit's number was typed; ``again``: its mark was
    scanned before; ``stray``: by all records nothing was printed that could be this paper."""

    kit: str
    page: int
    copy: int
    spare: bool = False
    again: bool = False
    stray: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A kit that was looked for in vain; no ``pages``: nothing of it was seen."""

    kit: str
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A delivery of unknown fate that is decided now; ``work`` is its key."""

    work: str
    printed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a session came to. ``refused`` are lines (from 1) with the reason; ``duplicates`` kits of which
    there are two papers; ``missing`` what was looked for in vain; ``unscanned`` kits that are said to be
    printed and were not seen yet; ``unknown`` works that are still to be settled."""

    accepted: tuple[Accepted, ...]
    refused: tuple[tuple[int, Refused], ...]
    duplicates: tuple[str, ...]
    missing: tuple[Missing, ...]
    resolved: tuple[Resolved, ...]
    unscanned: tuple[str, ...]
    unknown: tuple[str, ...]
    standings: tuple[Standing, ...]
    voices: Voices


@dataclass(frozen=True, slots=True)
class _Now:
    """The room as the ledger has it at one moment (its last event is ``seq``)."""

    seq: int
    state: RoomState
    journal: LedgerJournal
    book: CopyBook
    bundle: Bundle
    heard: Heard


class Session:
    """One exam in one room, being scanned by a person."""

    def __init__(self, survey: Survey, exam: str, room: str) -> None:
        """Raises RoomNotPlanned; PlanRefused when the exam has a plan's reasons against it."""
        self._survey, self._exam, self._room = survey, exam, room
        self._plan = _planned(survey, exam, room)
        self._reader = Reader(self._plan, School.of(survey.site.inventory, survey.ledger))
        self._now = self._look()
        self._lines = 0
        self._accepted: list[Accepted] = []
        self._refused: list[tuple[int, Refused]] = []

    def begin_again(self) -> None:
        """Scan the room from the beginning: what was scanned before counts no more."""
        self._record(Again())

    def scan(self, line: str) -> Accepted | Refused:
        """Take one line of the scanner. What is accepted is on disk when this returns."""
        self._lines += 1
        if self._survey.ledger.last() != self._now.seq:
            self._now = self._look()
        found = self._reader.read(line, self._now.bundle, self._now.book)
        if isinstance(found, Refused):
            self._refused.append((self._lines, found))
            return found
        kit = next(kit for kit in self._now.bundle.kits if kit.index == found.kit)
        again = (found.kit, found.page, found.copy) in self._now.heard.seen
        if not (again and found.page == 0):  # a number typed twice says nothing of a second paper
            self._record(found)
        told = Accepted(
            kit.number, found.page, found.copy, kit.spare, again, stray=self._now.heard.elsewhere(kit)
        )
        self._accepted.append(told)
        return told

    def finish(
        self, *, complete: bool = False, counted: int | None = None, extra_removed: Sequence[str] = ()
    ) -> Report:
        """Settle what follows from everything scanned so far, in this session and before.

        ``complete``: every paper of the room was scanned. ``counted``: sheets of the room's bundle.
        ``extra_removed``: kits (numbers) whose second paper was destroyed. Raises NoExtraPaper; AnotherRun
        when somebody else is settling at this moment (what was scanned is kept).
        """
        with exclusive(self._survey.site.state, "confirm"):
            self._now = self._look()
            before = {entry.attempt.id: entry.state for entry in self._now.journal.entries()}
            self._record(*(self._removed(number) for number in extra_removed))
            self._settle(by_scan(self._now.bundle, self._now.heard, complete=complete), complete=complete)
            if counted is not None:
                count, settled = by_count(self._now.bundle, self._now.heard, counted)
                self._settle(settled, complete=False)
                self._record(count)
            return self._report(before)

    def _look(self) -> _Now:
        ledger = self._survey.ledger
        seq = ledger.last()  # before the reading: what is written meanwhile is read again, never missed
        fresh = replace(self._survey, journal=LedgerJournal(ledger), copies=copies(ledger))
        scope = Scope(frozenset({self._exam}), frozenset({self._room}))
        (state,) = Morning(fresh, scope).states()
        bundle = bundle_of(state, fresh.journal.entries(), fresh.copies)
        told = heard(said(ledger).get((self._exam, self._room), ()))
        return _Now(seq, state, fresh.journal, fresh.copies, bundle, told)

    def _record(self, *told: Said) -> None:
        if not told:
            return
        record(self._survey.ledger, self._exam, self._room, *told)
        for one in told:
            self._now.heard.add(one)
        self._now = replace(self._now, seq=self._now.seq + len(told))

    def _removed(self, number: str) -> ExtraRemoved:
        kit = self._now.bundle.kit(number)
        stray = kit is not None and self._now.heard.elsewhere(kit)
        if kit is None or not (stray or kit.index in self._now.heard.twice):
            raise NoExtraPaper(N_("no second paper of kit {kit} is known of"), kit=number)
        return ExtraRemoved(kit.index, forget=stray)

    def _settle(self, settled: Settled, *, complete: bool) -> None:
        for attempt in sorted(settled.printed):
            self._now.journal.advance(attempt, Delivery.PRINTED_SAYS_PERSON)
        for attempt in sorted(settled.unprinted):
            self._now.journal.advance(attempt, Delivery.NOT_PRINTED_SAYS_PERSON)
        if complete:
            self._record(Complete(settled.missing))
        self._now = self._look()

    def _report(self, before: Mapping[str, Delivery]) -> Report:
        now = self._now
        entries = now.journal.entries()
        prefix = f"{self._exam}/{self._room}/"
        decided = {Delivery.PRINTED_SAYS_PERSON, Delivery.NOT_PRINTED_SAYS_PERSON}
        resolved = tuple(
            Resolved(entry.attempt.work, entry.state is Delivery.PRINTED_SAYS_PERSON)
            for entry in entries
            if entry.attempt.work.startswith(prefix)
            and entry.state in decided
            and before.get(entry.attempt.id) not in decided
        )
        twice = tuple(kit.number for kit in now.bundle.kits if _has_extra(kit, now.heard))
        missing = tuple(Missing(kit.number, pages) for kit, pages in lost_pages(now.bundle, now.heard))
        unseen = dict.fromkeys(
            kit.number
            for kit, one in now.bundle.prints()
            if one.state in DELIVERED and not now.heard.has(kit, one)
        )
        unknown = {s.key for s in now.state.standings if s.state is Delivery.UNKNOWN}
        return Report(
            tuple(self._accepted),
            tuple(self._refused),
            twice,
            missing,
            resolved,
            tuple(unseen),
            tuple(sorted(unknown)),
            now.state.standings,
            listen(now.bundle, now.heard, gains(meter_runs(self._survey.ledger), entries)),
        )


def confirm(
    survey: Survey,
    exam: str,
    room: str,
    lines: Iterable[str],
    *,
    complete: bool = False,
    counted: int | None = None,
    extra_removed: Sequence[str] = (),
    again: bool = False,
    tell: Callable[[str, Accepted | Refused], None] = lambda _line, _told: None,
) -> Report:
    """Scan ``lines`` (barcode texts; empty ones are passed over) and settle what follows.

    Marks that were scanned in an earlier session and are scanned now mean a second paper. To scan a whole
    room from the beginning say ``again``. Kits of unknown fate are on paper when *every* page was scanned;
    of others any page is enough. ``tell`` is called with each line when its answer is on disk. Afterwards
    ``survey``'s own journal is out of date: take a new one.
    """
    session = Session(survey, exam, room)
    if again:
        session.begin_again()
    for line in lines:
        if line.strip():
            tell(line, session.scan(line))
    return session.finish(complete=complete, counted=counted, extra_removed=extra_removed)


def _planned(survey: Survey, exam: str, room: str) -> RoomPlan:
    if exam in survey.plan.refused:
        raise survey.plan.refused[exam]
    plan = survey.plan.exams.get(exam)
    found = next((one for one in plan.rooms if one.room == room), None) if plan is not None else None
    if found is None:
        raise RoomNotPlanned(N_("nothing is planned for {exam} in room {room}"), exam=exam, room=room)
    return found


def _has_extra(kit: KitPaper, told: Heard) -> bool:
    return kit.index in told.twice or told.elsewhere(kit)


__all__ = [
    "Accepted",
    "Missing",
    "NoExtraPaper",
    "Refused",
    "Report",
    "Resolved",
    "RoomNotPlanned",
    "Scan",
    "Session",
    "confirm",
]
