"""The marks of a work by participant code: what each pupil got, checked against the limits. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from provision.errors import N_, Phrase
from provision.forms.mapping import MarkRules
from provision.secret import Secret

ABSENT_WORDS: Final = frozenset({"н", "нб", "н/б", "отсутствовал", "отсутствует", "absent", "-"})
"""How people write that a pupil was not there, in place of the marks."""
_LOOKS_LIKE = str.maketrans("XxNnKkCcAaBbOo", "ХхNnКкСсАаВвОо")


@dataclass(frozen=True, slots=True)
class Work:
    """One pupil's work: ``marks`` by task, each a number or a sign of the form; none when ``absent``."""

    code: Secret
    variant: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    absent: bool = False

    def total(self) -> int:
        """The sum of the points; signs count nothing."""
        return sum(int(mark) for mark in self.marks.values() if mark.isdecimal())


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one work; ``where`` names its row or its number, never the code."""

    where: str | Phrase
    what: Phrase


def as_mark(text: str, task: str, rules: MarkRules) -> str | Phrase:
    """A typed mark as the form has it, or why it is none."""
    plain = text.strip()
    most = rules.tasks[task]
    if re.fullmatch(r"\d{1,3}(?:[.,]0+)?", plain):
        number = int(re.split(r"[.,]", plain)[0])
        if number > most:
            return Phrase(
                N_("task {task}: {mark} points, the most is {most}"), _said(task, str(number), most)
            )
        return str(number)
    for sign in rules.signs:
        if plain.casefold().translate(_LOOKS_LIKE) == sign.casefold().translate(_LOOKS_LIKE):
            return sign
    if not plain:
        return Phrase(N_("task {task}: no mark"), {"task": task})
    known = ", ".join(rules.signs) or "—"
    what = N_("task {task}: “{mark}” is no number of points from 0 to {most}, and no sign ({signs})")
    return Phrase(what, {**_said(task, plain[:12], most), "signs": known})


def _said(task: str, mark: str, most: int) -> dict[str, object]:
    return {"task": task, "mark": mark, "most": most}


def is_absent(texts: Sequence[str]) -> bool:
    """Whether the marks of a row say that the pupil was not there."""
    said = [text.strip().casefold() for text in texts if text.strip()]
    return bool(said) and all(text in ABSENT_WORDS for text in said)


@dataclass(frozen=True, slots=True)
class Expected:
    """What was dealt at the exam: keyed reference of each code -> its variant; ``pupils`` are those of
    pupils, the rest is spare. Empty where nothing was planned with this program."""

    variants: Mapping[str, str] = field(default_factory=dict)
    pupils: frozenset[str] = frozenset()


def check_work(work: Work, ref: str, rules: MarkRules, expected: Expected) -> list[Phrase]:
    """What is wrong with a work as a whole: an unknown code, a variant that it was not dealt."""
    found: list[Phrase] = []
    if expected.variants and ref not in expected.variants:
        found.append(Phrase(N_("this code was not dealt at this exam"), {}))
    if work.absent:
        return found
    dealt = expected.variants.get(ref, "")
    if rules.variants and work.variant not in rules.variants:
        known = ", ".join(rules.variants)
        found.append(
            Phrase(N_("variant “{variant}”: there are {known}"), {"variant": work.variant, "known": known})
        )
    elif dealt and work.variant and not same_variant(dealt, work.variant):
        said = {"variant": work.variant, "dealt": dealt}
        found.append(Phrase(N_("variant {variant}: this code was dealt variant {dealt}"), said))
    return found


def same_variant(one: str, other: str) -> bool:
    """Whether two labels mean the same variant: "1" and "Вариант 1"."""
    return _number(one) == _number(other)


def _number(label: str) -> str:
    digits = re.sub(r"\D", "", label)
    return digits.lstrip("0") or label.casefold().strip()


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two entries of the same work do not agree; ``task`` is "" for the work as a whole."""

    code: Secret
    task: str
    first: str
    second: str


ONLY = "—"
"""Stands for a work that one of the entries does not have."""


def compare(first: Sequence[Work], second: Sequence[Work]) -> list[Difference]:
    """Every mark, variant and absence that two entries have differently, in the first one's order."""
    ours = {work.code: work for work in first}
    theirs = {work.code: work for work in second}
    found: list[Difference] = []
    for code in dict.fromkeys([*ours, *theirs]):
        one, other = ours.get(code), theirs.get(code)
        if one is None or other is None:
            there = N_("entered")
            found.append(Difference(code, "", there if one else ONLY, there if other else ONLY))
            continue
        if one.absent != other.absent:
            said = [N_("absent") if work.absent else N_("present") for work in (one, other)]
            found.append(Difference(code, "", *said))
            continue
        if one.variant != other.variant:
            found.append(Difference(code, "variant", one.variant or ONLY, other.variant or ONLY))
        for task in dict.fromkeys([*one.marks, *other.marks]):
            a, b = one.marks.get(task, ONLY), other.marks.get(task, ONLY)
            if a != b:
                found.append(Difference(code, task, a, b))
    return found
