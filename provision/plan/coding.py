"""Which participant code belongs to whom: one code per pupil for all works, no code to two."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from provision.errors import N_, Phrase
from provision.plan.model import Assignment, ListedCode, Materials, Pupil, Refusal
from provision.site.model import Exam


@dataclass(slots=True)
class CodeBook:
    """Who has which code, over all exams. Filled from the record, the participants' list and
    :func:`deal_codes`; local to one planning."""

    owner: dict[str, str] = field(default_factory=dict)
    """Code ref -> pupil ref, or "spare:EXAM" of the exam whose spare kit carries it."""
    of_pupil: dict[str, list[ListedCode]] = field(default_factory=dict)

    def note(
        self, record: Sequence[Assignment], listed: Mapping[str, ListedCode], but: Collection[str] = ()
    ) -> None:
        """Add what earlier runs dealt, a pupil's newest code first, where nothing added before contradicts;
        a code that no list holds any more keeps its owner all the same. Pupils in ``but`` are left out."""
        for assignment in reversed(record):
            if not assignment.code or assignment.pupil in but:
                continue
            owner = assignment.pupil or spare_of(assignment.exam)
            known = listed.get(assignment.code)
            if self.owner.setdefault(assignment.code, owner) == owner and assignment.pupil and known:
                self._remember(assignment.pupil, known)

    def _remember(self, pupil: str, code: ListedCode) -> None:
        codes = self.of_pupil.setdefault(pupil, [])
        if code not in codes:
            codes.append(code)

    def give(self, pupil: str, code: ListedCode) -> None:
        """Note that the pupil has the code."""
        self.owner[code.ref] = pupil
        self._remember(pupil, code)


def check_list(exam: Exam, materials: Materials, pattern: str) -> list[Refusal]:
    """Every code of the list that stands twice or does not look like a code."""
    refusals: list[Refusal] = []
    first: dict[str, str | Phrase] = {}
    shape = re.compile(pattern)
    for code in materials.codes:
        if not shape.fullmatch(code.code):
            refusals.append(
                Refusal(exam.id, _WRONG_PATTERN, _CURE_PATTERN, {"place": code.place, "pattern": pattern})
            )
        if code.ref in first:
            refusals.append(
                Refusal(exam.id, _TWICE, _CURE_LIST, {"place": code.place, "other": first[code.ref]})
            )
        first.setdefault(code.ref, code.place)
    return refusals


def deal_codes(
    exam: Exam, pupils: Sequence[Pupil], materials: Materials, book: CodeBook
) -> tuple[dict[str, ListedCode], list[Refusal]]:
    """A code for every pupil: the one they have, the one the participants' list names, or the next free.

    ``pupils`` are in the order in which codes are dealt. ``book`` is added to. Returns code by pupil
    ref, and every reason why one could not be given.
    """
    listed = {code.code: code for code in materials.codes}
    refs = {code.ref for code in materials.codes}
    refusals: list[Refusal] = []
    dealt: dict[str, ListedCode] = {}
    waiting: list[Pupil] = []
    for pupil in pupils:
        has = next((c for c in book.of_pupil.get(pupil.ref, ()) if c.ref in refs), None)
        if pupil.code is not None:
            has = _named(exam, pupil, pupil.code, has, listed, book, refusals)
        elif has is None and exam.follows and book.of_pupil.get(pupil.ref):
            refusals.append(Refusal(exam.id, _PART_TWO, _CURE_PART_TWO, {"row": pupil.row}))
            continue
        if has is not None:
            book.give(pupil.ref, has)
            dealt[pupil.ref] = has
        elif pupil.code is None:
            waiting.append(pupil)
    free = iter([code for code in materials.codes if code.ref not in book.owner])
    short = 0
    for pupil in waiting:
        code = next(free, None)
        if code is None:
            short += 1
            continue
        book.give(pupil.ref, code)
        dealt[pupil.ref] = code
    if short:
        params = {"pupils": len(pupils), "codes": len(materials.codes), "short": short}
        refusals.append(Refusal(exam.id, _TOO_FEW, _CURE_LIST, params))
    return dealt, refusals


def _named(
    exam: Exam,
    pupil: Pupil,
    text: str,
    has: ListedCode | None,
    listed: Mapping[str, ListedCode],
    book: CodeBook,
    refusals: list[Refusal],
) -> ListedCode | None:
    """The code that the participants' list names for a pupil, or None with the reason noted."""
    code = listed.get(text)
    if code is None:
        refusals.append(Refusal(exam.id, _NOT_LISTED, _CURE_NAMED, {"row": pupil.row}))
    elif (owner := book.owner.get(code.ref, pupil.ref)).startswith(_SPARE):
        refusals.append(Refusal(exam.id, _ON_A_SPARE, _CURE_NAMED, {"row": pupil.row, "place": code.place}))
    elif owner != pupil.ref:
        refusals.append(Refusal(exam.id, _TWO_PUPILS, _CURE_NAMED, {"row": pupil.row, "place": code.place}))
    elif has is not None and has.ref != code.ref:
        refusals.append(
            Refusal(exam.id, _PART_TWO if exam.follows else _OTHER_CODE, _CURE_PART_TWO, {"row": pupil.row})
        )
    else:
        return code
    return None


def deal_spares(exam: Exam, count: int, materials: Materials, book: CodeBook) -> list[ListedCode]:
    """Up to ``count`` free codes for spare kits, from the end of the list so that pupils' stay in a row."""
    free = [code for code in reversed(materials.codes) if code.ref not in book.owner][:count]
    for code in free:
        book.owner[code.ref] = spare_of(exam.id)
    return free


def spare_of(exam_id: str) -> str:
    """The owner of the codes of an exam's spare kits."""
    return f"{_SPARE}{exam_id}"


_SPARE = "spare:"


_WRONG_PATTERN = N_("code list, {place}: this is not a participant code (pattern {pattern})")
_CURE_PATTERN = N_("download the list again, or correct code_pattern in the profile")
_TWICE = N_("code list, {place}: the same code stands at {other} already")
_CURE_LIST = N_("download the code list again; if it stays so, ask the coordinator for a corrected one")
_TOO_FEW = N_("{pupils} pupils, but only {codes} codes in the list: {short} pupils would have none")
_NOT_LISTED = N_("participants, row {row}: the code there is not in the code list")
_TWO_PUPILS = N_("participants, row {row}: the code there ({place}) is already another pupil's")
_ON_A_SPARE = N_(
    "participants, row {row}: the code there ({place}) is on a spare kit that is printed already"
)
_OTHER_CODE = N_("participants, row {row}: the code there differs from the one this pupil was given before")
_CURE_NAMED = N_("correct the code in the participants' list, or leave it empty")
_PART_TWO = N_("participants, row {row}: part 2 would have another code than part 1")
_CURE_PART_TWO = N_("the code stays the same in both parts: use the code list of part 1")
