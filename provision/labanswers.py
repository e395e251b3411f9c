"""The use cases behind ``labcheck collect`` and ``labcheck move``: answers, the plan and the record."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from labcheck.answers import Answer, Fault, Problem, check, code_of, codes_in
from labcheck.collect import Collected, Station, Tell, answer_of, collect_room
from labcheck.errors import LabcheckError
from labcheck.keeping import Keeping
from labcheck.move import Moved, move
from labcheck.push import Source
from provision.answervault import LIST, AnswerVault, Vaulted, in_the_open
from provision.errors import N_, ProvisionError
from provision.labexam import exams_in, kept_in
from provision.ledger import Ledger, LedgerUnusable, Refs, assignments
from provision.ledger.labanswers import FileMark, Move, moves, record, record_move, recorded
from provision.lock import exclusive
from provision.safe import Safe, missed
from provision.site.model import Exam, Room, Workstation
from provision.site.site import Site
from provision.survey import survey
from provision.vault.errors import NoVault, VaultDamaged

LOCK = "answers.lock"


class NotAReserve(ProvisionError):
    """A pupil can be moved to a reserve only."""

    code = "not-a-reserve"
    remedy = N_("Choose a free workstation with 'reserve: true' in inventory.yaml.")


class NothingToMove(ProvisionError):
    """No answer of that code is at the first workstation."""

    code = "nothing-to-move"
    remedy = N_(
        "Check the code and the seat. If no answer was begun, say '--without-answers': it is noted alone."
    )


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose answers there should be. ``codes`` is None when the plan cannot be had."""

    exams: tuple[Exam, ...]
    codes: tuple[str, ...] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of collecting a room's answers. ``problems`` are told only when the whole room was asked."""

    collected: tuple[Collected, ...]
    answers: tuple[Answer, ...]
    problems: tuple[Problem, ...]
    expected: Expected
    whole_room: bool
    vaulted: Vaulted | None = None
    """None when the site has no vault."""
    unrecorded: ProvisionError | None = None
    """Why not everything that is here could be written down; the next run does."""
    here: frozenset[str] = field(default=frozenset(), repr=False)
    """The codes of the plan of which an answer is here or in the vault, be it from an earlier run."""

    @property
    def complete(self) -> bool:
        """Whether every file is here, and in the vault where there is one, and as the plan has it."""
        vaulted = self.vaulted
        sealed = vaulted is None or not (vaulted.open or vaulted.error or vaulted.lost)
        known = self.expected.codes is not None and self.unrecorded is None
        return known and sealed and not self.problems and all(one.complete for one in self.collected)


def expected_in(site: Site, room: Room) -> Expected:
    """The codes of the plan for the room's oral exams."""
    exams = exams_in(site, room)
    plans = survey(site, [exam.id for exam in exams]).plan.exams if exams else {}
    if not exams or any(exam.id not in plans for exam in exams):
        return Expected(exams, None)
    codes = [
        place.kit.code
        for exam in exams
        for one in plans[exam.id].rooms
        if one.room == room.number
        for place in one.places
        if place.pupil is not None and not place.pupil.absent
    ]
    return Expected(exams, tuple(dict.fromkeys(codes)))


def collect_answers(
    site: Site,
    ledger: Ledger,
    room: Room,
    some: Sequence[Station],
    bundles: Source,
    *,
    stop: threading.Event,
    tell: Tell,
) -> Outcome:
    """Bring every answer here, write down what is new, and compare with the plan.

    Raises AnotherRun, KeepingError; a workstation's fault is in the result."""
    expected = expected_in(site, room)
    with exclusive(site.state, LOCK):
        keeping, error = _keeping(site, ledger, room)
        collected = collect_room(some, bundles, keeping, stop=stop, tell=tell)
        unrecorded = _written_down(ledger, room, keeping)
        answers = tuple(answer_of(item, keeping) for one in collected for item in one.items)
        vaulted = _finished(keeping, error)
        here = _here(site, keeping, expected.codes or (), answers)
    whole = len(some) == len(room.workstations)
    asked = all(one.error is None for one in collected)
    problems = _problems(site, ledger, room, expected, answers, here, asked=asked) if whole else ()
    return Outcome(collected, answers, problems, expected, whole, vaulted, unrecorded, here)


def _here(site: Site, keeping: Keeping, codes: Sequence[str], answers: Sequence[Answer]) -> frozenset[str]:
    """The codes of which an answer is here: of this run, of earlier ones, in the vault."""
    pattern = site.inventory.profile.code_pattern
    found = {code_of(one.path, pattern, codes) for one in answers if one.counts}
    if isinstance(keeping, AnswerVault):
        found |= keeping.of_codes(codes)
    for kept in keeping.all():
        code = code_of(kept.path, pattern, codes)
        if code in codes and code not in found and keeping.verified(kept):
            shape = keeping.shape(kept)
            found |= {code} if Answer(kept.seat, kept.path, kept.size, kept.sha256, shape).counts else set()
    return frozenset(found).intersection(codes)


def _written_down(ledger: Ledger, room: Room, keeping: Keeping) -> LedgerUnusable | None:
    """What is new, in the record; or why it is not. What is kept stays so."""
    try:
        known = recorded(ledger, room.number)
        for kept in keeping.all():
            mark = FileMark(kept.sha256, kept.size)
            if (kept.seat, mark) not in known:
                record(ledger, room.number, kept.seat, [mark])
    except LedgerUnusable as error:
        return error
    return None


def _keeping(site: Site, ledger: Ledger, room: Room) -> tuple[Keeping, ProvisionError | None]:
    """Where the room's answers are kept: in the vault, where there is one; and why not there. Raises
    KeepingError, LedgerDamaged."""
    folder = kept_in(site, room)
    try:
        named = partial(codes_in, pattern=site.inventory.profile.code_pattern)
        return AnswerVault(folder, Safe.of(site, ledger), room.number, _refs(site, ledger), named), None
    except NoVault:
        listed = folder / LIST
        return Keeping(folder), missed(site, ledger, known=listed.exists() and listed.stat().st_size > 0)
    except (VaultDamaged, LedgerUnusable) as error:
        return Keeping(folder), error


def _finished(keeping: Keeping, error: ProvisionError | None) -> Vaulted | None:
    """What is in the vault; None when the site has none."""
    if isinstance(keeping, AnswerVault):
        return keeping.finish()
    return None if error is None else Vaulted(0, in_the_open(keeping.folder), error)


def _problems(
    site: Site,
    ledger: Ledger,
    room: Room,
    expected: Expected,
    answers: Sequence[Answer],
    here: frozenset[str],
    *,
    asked: bool,
) -> tuple[Problem, ...]:
    pattern = site.inventory.profile.code_pattern
    moved = _moved(site, ledger, room, expected)
    found = check(expected.codes or (), answers, pattern, moved, here, asked=asked)
    if expected.codes is None:  # then no code is a wrong one
        found = tuple(problem for problem in found if problem.fault is not Fault.WRONG_CODE)
    return found


def _moved(site: Site, ledger: Ledger, room: Room, expected: Expected) -> Mapping[str, frozenset[str]]:
    """Code -> the seats that its pupil was moved between."""
    refs = _refs(site, ledger)
    found: dict[str, frozenset[str]] = {}
    for one in moves(ledger, room.number):
        for code in expected.codes or ():
            if one.code in {"", refs.code(code)}:
                found[code] = found.get(code, frozenset()) | {one.source, one.target}
    return found


def _refs(site: Site, ledger: Ledger) -> Refs:
    return Refs.of_site(site.state, fresh=not assignments.recorded(ledger))


def check_reserve(
    site: Site, ledger: Ledger, room: Room, source: Workstation, target: Workstation
) -> tuple[Move, ...]:
    """Who was moved there from elsewhere today: it may be taken. Raises NotAReserve."""
    if not target.reserve or target.seat == source.seat:
        raise NotAReserve(N_("{seat} is no reserve"), seat=target.seat)
    today = site.now().date()
    return tuple(
        one
        for one in moves(ledger, room.number)
        if one.target == target.seat
        and one.source != source.seat
        and one.at.astimezone(site.zone).date() == today
    )


def move_pupil(
    site: Site,
    ledger: Ledger,
    room: Room,
    source: Station,
    target: Station,
    bundles: Source,
    *,
    code: str,
    with_answers: bool,
) -> Moved:
    """Bring the started answers to the reserve, verified there, and write the move down.

    ``code``: whose; "": all answers of the first seat. Without ``with_answers`` only the record is made."""
    pattern = site.inventory.profile.code_pattern

    def mine(path: str) -> bool:
        return not code or code_of(path, pattern, [code]) == code

    moved = Moved((), 0)
    with exclusive(site.state, LOCK):
        if with_answers:
            try:  # the vault is locked while pupils work: what goes to the reserve is fetched once more
                moved = move(source, target, bundles, Keeping(kept_in(site, room)), only=mine)
            finally:
                _finished(*_keeping(site, ledger, room))
            if not moved.files:
                raise NothingToMove(N_("{seat}: there is no such answer"), seat=source.seat)
        ref = _refs(site, ledger).code(code) if code else ""
        marks = [FileMark(kept.sha256, kept.size) for kept in moved.files]
        record_move(ledger, room.number, source.seat, target.seat, ref, marks)
    return moved


def faults(outcome: Outcome) -> tuple[tuple[str, LabcheckError], ...]:
    """Why not all could be had: seat and error."""
    return tuple((one.seat, one.error) for one in outcome.collected if one.error is not None)
