"""Marks taken in: checked against the limits and against what was dealt at the exam, kept, and noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provision.errors import N_, Phrase
from provision.forms.desk import mappings
from provision.forms.errors import MarksRefused, NoSuchForm
from provision.forms.mapping import FormKind, FormMapping
from provision.forms.marks import Difference, Expected, Fault, Work, check_work, compare
from provision.forms.marks_import import as_code, read_marks
from provision.forms.marks_store import FIRST, SECOND
from provision.forms.marks_vault import Marks
from provision.ledger import Ledger, Refs, assignments
from provision.ledger.forms import record_marks
from provision.secret import Secret
from provision.site.model import Exam
from provision.site.site import Site


@dataclass(frozen=True, slots=True)
class Sum:
    """How the entry of one exam stands: works in the first and second entry, of so many pupils; where the two
    differ; the points of all works and the most there could be."""

    exam: Exam
    mapping: FormMapping
    pupils: int
    first: int
    second: int
    absent: int
    points: int
    most: int
    differences: tuple[Difference, ...]
    unmarked: int
    """Codes that pupils were dealt and no work was entered for; -1 where nothing was dealt here."""


class MarksDesk:
    """The entry of one exam's marks."""

    def __init__(self, site: Site, ledger: Ledger, exam: str, marks: Marks) -> None:
        """Find the exam's results form and what was dealt. Raises NoSuchForm."""
        self._site, self._ledger = site, ledger
        self.mapping = _mapping(site, exam)
        self.exam = site.inventory.exam(exam)
        self.rules = self.mapping.marks
        self._pattern = site.inventory.profile.code_pattern
        self._store = marks
        record = [one for one in assignments.recorded(ledger) if one.exam == exam and one.code]
        self._refs = Refs.of_site(site.state, fresh=not assignments.recorded(ledger))
        self._expected = Expected(
            {one.code: one.variant for one in record}, frozenset(one.code for one in record if one.pupil)
        )

    def code(self, text: str) -> Secret | None:
        """A typed code, with zeros put back; None when it is none."""
        return as_code(text, self._pattern)

    def variant_of(self, code: Secret) -> str:
        """The variant that a code was dealt; "" when it is not known here."""
        return self._expected.variants.get(self._refs.code(code.reveal()), "")

    def faults(self, work: Work) -> list[Phrase]:
        """What is wrong with a work."""
        return check_work(work, self._refs.code(work.code.reveal()), self.rules, self._expected)

    def held(self, code: Secret, entry: int) -> Work | None:
        """What was entered for a code before."""
        return next((work for work in self._store.works(self.exam.id, entry) if work.code == code), None)

    def put(self, entry: int, who: str, works: Sequence[Work], how: str) -> None:
        """Keep works that have no faults, and note how many. The second entry is another person's.

        Raises MarksRefused.
        """
        self._other_person(entry, who)
        item = self._store.put(self.exam.id, entry, who, works)
        record_marks(self._ledger, self.exam.id, entry, who, len(works), how, item)

    def _other_person(self, entry: int, who: str) -> None:
        other = self._store.who(self.exam.id, FIRST if entry == SECOND else SECOND)
        if other and other.casefold() == who.casefold():
            raise MarksRefused(
                N_("the second entry must be another person's than the first; say who: --who NAME")
            )

    def take(self, path: Path, entry: int, who: str) -> tuple[int, list[Fault]]:
        """Import a table, whole or not at all: how many works, or its faults."""
        works, faults = read_marks(path, self.rules, self._pattern)
        for number, work in enumerate(works, 1):
            where = Phrase(N_("work {number}"), {"number": number})
            faults += [Fault(where, what) for what in self.faults(self.with_variant(work))]
        if faults or not works:
            return 0, faults
        self.put(entry, who, [self.with_variant(work) for work in works], "imported")
        return len(works), []

    def with_variant(self, work: Work) -> Work:
        """The work with the variant that its code was dealt, where none was said."""
        if work.variant or work.absent:
            return work
        return Work(work.code, self.variant_of(work.code), work.marks)

    def sum(self) -> Sum:
        """How the entry stands."""
        first = self._store.works(self.exam.id, FIRST)
        second = self._store.works(self.exam.id, SECOND)
        refs = {self._refs.code(work.code.reveal()) for work in first}
        present = [work for work in first if not work.absent]
        return Sum(
            self.exam,
            self.mapping,
            len(self._site.roster.of_class(self.exam.class_name)),
            len(first),
            len(second),
            len(first) - len(present),
            sum(work.total() for work in present),
            sum(self.rules.tasks.values()) * len(present),
            tuple(compare(first, second)) if second else (),
            len(self._expected.pupils - refs) if self._expected.pupils else -1,
        )


def _mapping(site: Site, exam: str) -> FormMapping:
    """The results form of an exam. Raises NoSuchForm."""
    found = [m for m in mappings(site) if m.kind is FormKind.RESULTS and exam in m.exams]
    if len(found) != 1:
        exams = ", ".join(all_exams(site)) or "—"
        raise NoSuchForm(
            N_("there is not one results form for the exam {exam}; there are forms for: {exams}"),
            exam=exam,
            exams=exams,
        )
    return found[0]


def all_exams(site: Site) -> Mapping[str, FormMapping]:
    """The exams that have a results form."""
    return {e: m for m in mappings(site) if m.kind is FormKind.RESULTS for e in m.exams}
