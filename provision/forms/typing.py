"""A line that somebody types: a code and its marks, as few keys as possible. Pure.

``12345 1102X0`` is a code and six marks of one character each; ``12345 1 10 2 X 0 1`` the same with marks
apart; ``12345/2 …`` says the variant; ``12345 н`` that the pupil was absent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from provision.errors import N_, Phrase
from provision.forms.mapping import MarkRules
from provision.forms.marks import Work, as_mark, is_absent
from provision.secret import Secret

_LINE = re.compile(r"\s*(?P<code>[^\s/]+)(?:/(?P<variant>\S+))?(?:\s+(?P<marks>.*))?")


@dataclass(frozen=True, slots=True)
class Typed:
    """A line taken apart; ``marks`` is None where only a code was typed: its marks come on the next line."""

    code: str
    variant: str
    marks: str | None


def typed(line: str) -> Typed | None:
    """The parts of a line; None for an empty one."""
    found = _LINE.fullmatch(line.rstrip())
    if found is None:
        return None
    return Typed(found["code"], found["variant"] or "", (found["marks"] or "").strip() or None)


def work_of(code: Secret, variant: str, marks: str, rules: MarkRules) -> Work | list[Phrase]:
    """The work of one line, or everything that is wrong with its marks."""
    if is_absent([marks]):
        return Work(code, absent=True)
    texts = _apart(marks, rules)
    if len(texts) != len(rules.tasks):
        said = {"typed": len(texts), "wanted": len(rules.tasks)}
        return [Phrase(N_("{typed} marks were typed, the work has {wanted} tasks"), said)]
    found = {task: as_mark(text, task, rules) for task, text in zip(rules.tasks, texts, strict=True)}
    faults = [mark for mark in found.values() if isinstance(mark, Phrase)]
    if faults:
        return faults
    return Work(code, variant, {task: mark for task, mark in found.items() if isinstance(mark, str)})


def _apart(marks: str, rules: MarkRules) -> list[str]:
    """The marks as they were typed: apart, or each one character where no task has ten points or more."""
    texts = [text for text in re.split(r"[\s,;]+", marks) if text]
    if len(texts) == 1 and len(rules.tasks) > 1 and max(rules.tasks.values()) < 10:
        return list(texts[0])
    if len(texts) != len(rules.tasks) and max(rules.tasks.values()) < 10:
        return list("".join(texts))  # typed in groups: 1102 X011
    return texts
