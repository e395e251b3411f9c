"""What a form is filled with: the school, its classes and exams, the works with their marks. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provision.forms.mapping import FormMapping, Rows, Target
from provision.forms.marks import Work
from provision.site.model import Exam
from provision.site.site import Site

Given = str | float | dt.date | None
"""A value before it is fitted to its cell; None where nobody has said it yet."""


@dataclass(frozen=True, slots=True)
class Data:
    """All that mappings may ask for. ``works`` are by exam id."""

    school: str
    classes: Mapping[str, int]
    exams: tuple[Exam, ...]
    today: dt.date
    works: Mapping[str, Sequence[Work]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, site: Site, mapping: FormMapping, works: Mapping[str, Sequence[Work]]) -> Data:
        """What concerns one form."""
        counts: dict[str, int] = {}
        for participant in site.roster.participants:
            counts[participant.class_name] = counts.get(participant.class_name, 0) + 1
        exams = [exam for exam in site.inventory.exams if not mapping.exams or exam.id in mapping.exams]
        return cls(site.inventory.school.name, counts, tuple(exams), site.now().date(), works)

    def value(self, target: Target, facts: Mapping[str, str]) -> Given:
        """What a field gets."""
        if target.literal:
            return target.value
        return self._field(target.value, facts)

    def _field(self, name: str, facts: Mapping[str, str]) -> Given:
        if name.startswith("fact."):
            return facts.get(name.removeprefix("fact.")) or None
        if name.startswith("exam."):
            told = {str(value): value for value in (self._exam(exam, name) for exam in self.exams)}
            if len(told) > 1:
                return ", ".join(told)
            return next(iter(told.values()), None)
        everyone = [work for works in self.works.values() for work in works]
        plain: dict[str, Given] = {
            "school.name": self.school,
            "participants": float(sum(self.classes[one] for one in self._concerned())),
            "classes": float(len(self._concerned())),
            "today": self.today,
            "results.written": float(sum(not work.absent for work in everyone)),
            "results.absent": float(sum(work.absent for work in everyone)),
        }
        return plain[name]

    def _concerned(self) -> list[str]:
        """The classes that write the form's exams."""
        named = {exam.class_name for exam in self.exams}
        return [name for name in self.classes if name in named]

    def _exam(self, exam: Exam, name: str) -> Given:
        grade, _letter = parts(exam.class_name)
        return {
            "exam.subject": exam.subject,
            "exam.class": exam.class_name,
            "exam.grade": grade,
            "exam.date": exam.date,
        }[name]

    def rows(self, kind: Rows, mapping: FormMapping) -> list[dict[str, Given]]:
        """The rows of a table, each value by its name."""
        if kind is Rows.CLASSES:
            return [
                {"number": float(n), **_class(name), "participants": float(self.classes[name])}
                for n, name in enumerate(self._concerned(), 1)
            ]
        if kind is Rows.EXAMS:
            return [self._exam_row(n, exam) for n, exam in enumerate(self.exams, 1)]
        works = [(exam, work) for exam in self.exams for work in self.works.get(exam.id, ())]
        return [_work(n, exam, work, mapping) for n, (exam, work) in enumerate(works, 1)]

    def _exam_row(self, number: int, exam: Exam) -> dict[str, Given]:
        names = ("exam.subject", "exam.class", "exam.grade", "exam.date")
        row: dict[str, Given] = {name: self._exam(exam, name) for name in names}
        return {"number": float(number), **row, "participants": float(self.classes.get(exam.class_name, 0))}


def parts(class_name: str) -> tuple[float | None, str]:
    """Grade and letter of a class: 7 and А."""
    found = re.match(r"(\d+)-?(.*)", class_name)
    return (float(found[1]), found[2]) if found else (None, class_name)


def _class(name: str) -> dict[str, Given]:
    grade, letter = parts(name)
    return {"class": name, "grade": grade, "letter": letter or None}


def _work(number: int, exam: Exam, work: Work, mapping: FormMapping) -> dict[str, Given]:
    rules = mapping.marks
    marks: dict[str, Given] = {}
    for task in rules.tasks:
        mark = rules.absent if work.absent else work.marks.get(task, "")
        marks[f"task.{task}"] = float(mark) if mark.isdecimal() else mark
    variant = re.sub(r"\D", "", work.variant)
    attended = rules.words[work.absent] if any(rules.words) else None
    return {
        "number": float(number),
        "code": work.code.reveal(),
        **_class(exam.class_name),
        "variant": "" if work.absent else float(variant) if variant else work.variant or None,
        "total": "" if work.absent else float(work.total()),
        "attendance": attended,
        **marks,
    }
