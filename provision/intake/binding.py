"""Which exams a file is for: by subject, class and part that its content names; its name is the last hint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from provision.errors import N_
from provision.intake.model import Kind
from provision.intake.subjects import Topic, class_of, fits_class, names_any_subject, names_subject, topic
from provision.site.model import Exam

_TITLE_CHARS = 600
_TEXT_CHARS = 4000
_GENERAL = frozenset({Kind.CODES, Kind.BRIEFING, Kind.PROTOCOL, Kind.INSTRUCTIONS, Kind.FORM})
"""Kinds that may be for all exams alike; tasks and criteria never are."""


class How(StrEnum):
    """How the exams of a file were found."""

    CONTENT = "content"
    NAME = "name"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Bound:
    """The exams and how they were found; or why none was: a template with ``{file}`` and ``{kind}``."""

    exams: tuple[str, ...]
    how: How = How.CONTENT
    problem: str = ""


NO_SUBJECT = N_(
    "it is not clear for which subject and class this is; bind it: provision intake --bind {file}=EXAM:{kind}"
)
NO_EXAM = N_(
    "no exam of the inventory has this subject and class; bind it: provision intake --bind {file}=EXAM:{kind}"
)
UNCLEAR = N_(
    "it fits several exams, and neither class nor part tells which; "
    "bind it: provision intake --bind {file}=EXAM:{kind}"
)

WORD = N_("it says “{word}”")
FORM = N_("it says “{word}” and has columns № and code")
COLUMN = N_("{count} codes in the column “{code}”")
GRID = N_("{count} codes in a grid of {grid}")
INSIDE = N_("the files inside name subject and class")

EVIDENCE: dict[tuple[str, How], str] = {
    (WORD, How.NAME): N_("it says “{word}”; subject or class by the file's name"),
    (WORD, How.ALL): N_("it says “{word}” and names no subject: for all exams"),
    (FORM, How.NAME): N_("it says “{word}”, has columns № and code; subject or class by the file's name"),
    (FORM, How.ALL): N_("it says “{word}”, has columns № and code, names no subject: for all exams"),
    (COLUMN, How.NAME): N_("{count} codes in the column “{code}”; subject or class by the file's name"),
    (COLUMN, How.ALL): N_("{count} codes in the column “{code}”, no subject: for all exams"),
    (GRID, How.NAME): N_("{count} codes in a grid of {grid}; subject or class by the file's name"),
    (GRID, How.ALL): N_("{count} codes in a grid of {grid}, no subject: for all exams"),
    (INSIDE, How.NAME): N_("an archive of documents; subject or class by the file's name"),
}
"""What a file is and how its exams were found, in one sentence each so that it can be translated whole."""


def bind_document(kind: Kind, text: str, name: str, exams: Sequence[Exam]) -> Bound:
    """Exams of a document with this ``text``; its title counts before the rest."""
    title = topic(text[:_TITLE_CHARS])
    if not names_any_subject(title, exams):
        title = _joined(title, topic(text[:_TEXT_CHARS]))
    return bind(kind, title, topic(name, name=True), exams)


def bind(kind: Kind, content: Topic, name: Topic, exams: Sequence[Exam]) -> Bound:
    """Exams by what the content names, completed by what the file's name does."""
    whole = _joined(content, name)
    how = How.CONTENT if whole == content else How.NAME
    if not names_any_subject(whole, exams):
        if kind not in _GENERAL:
            return Bound((), problem=NO_SUBJECT)
        hits, how = list(exams), how if whole.classes else How.ALL
    else:
        hits = [exam for exam in exams if names_subject(whole, exam)]
    if whole.classes:
        hits = [exam for exam in hits if fits_class(whole, exam)]
    if whole.parts:
        hits = [exam for exam in hits if exam.part in whole.parts]
    if not hits:
        return Bound((), problem=NO_EXAM)
    if kind is Kind.TASKS and _ambiguous(whole, hits):
        return Bound((), problem=UNCLEAR)
    return Bound(tuple(exam.id for exam in hits), how)


def split(
    names: Sequence[str], file_name: str, exams: Sequence[Exam]
) -> tuple[Bound, dict[str, tuple[str, ...]]]:
    """Exams of a task archive by its members' names, and the members of each exam."""
    outer = topic(file_name, name=True)
    bounds = {name: bind(Kind.TASKS, topic(name, name=True), outer, exams) for name in names}
    sets = {bound.exams for bound in bounds.values() if bound.exams}
    unbound = [bound for bound in bounds.values() if not bound.exams]
    if not sets or (unbound and len(sets) > 1):
        return unbound[0], {}
    how = How.NAME if unbound or How.NAME in {bound.how for bound in bounds.values()} else How.CONTENT
    ids = tuple(exam.id for exam in exams if any(exam.id in one for one in sets))
    if len(sets) == 1:
        return Bound(ids, how), {}  # a file that names nothing belongs with the others
    members = {exam: tuple(name for name in names if exam in bounds[name].exams) for exam in ids}
    return Bound(ids, how), members


def _joined(content: Topic, name: Topic) -> Topic:
    return Topic(
        content.subjects or name.subjects,
        content.classes or name.classes,
        content.parts or name.parts,
        content.stems | name.stems,
    )


def _ambiguous(found: Topic, hits: Sequence[Exam]) -> bool:
    """Whether tasks could be of either of two grades, subjects or parts."""
    grades = {(class_of(exam.class_name) or (0,))[0] for exam in hits}
    return (not found.classes and len(grades) > 1) or (
        not found.parts and len({exam.part for exam in hits}) > 1
    )
