"""Which subject, class and part a text speaks of, in the spellings that schools and ФИС ОКО use.

The table below is the whole knowledge; a subject that is not in it is matched by the stems of its own words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from provision.site.model import Exam
from provision.site.names import normal_class


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject: beginnings of words that name it anywhere, and short forms for file names.

    A short form counts only in capitals or next to a digit ("МА", "ма7"): "об" and "ис" are words, too.
    """

    key: str
    stems: tuple[str, ...]
    short: tuple[str, ...]
    general: str = ""
    """The wider subject that this one is a case of: English is a foreign language."""


SUBJECTS: tuple[Subject, ...] = (
    Subject("mathematics", ("математик",), ("ма", "мат", "math", "ma")),
    Subject("russian", ("русск",), ("ру", "рус", "ря", "ru")),
    Subject("foreign", ("иностранн",), ("ия", "иня", "иняз", "fl")),
    Subject("english", ("английск", "english"), ("ая", "ан", "анг", "англ", "en", "eng"), "foreign"),
    Subject("german", ("немецк", "deutsch"), ("ня", "не", "нем", "de"), "foreign"),
    Subject("french", ("французск", "français"), ("фя", "фр", "фран", "fr"), "foreign"),
    Subject("world", ("окружающ",), ("ом", "окр")),
    Subject("reading", ("чтени",), ("лч", "чт")),
    Subject("literature", ("литератур",), ("ли", "лит")),
    Subject("physics", ("физик",), ("фи", "физ", "fi")),
    Subject("chemistry", ("хими",), ("хи", "хим", "hi")),
    Subject("biology", ("биолог",), ("би", "био", "bi")),
    Subject("history", ("истори",), ("ис", "ист", "is")),
    Subject("geography", ("географ",), ("гг", "гео", "геогр", "gg")),
    Subject("society", ("обществозн",), ("об", "общ", "ob")),
    Subject("informatics", ("информатик",), ("инф", "икт", "it")),
)
_GENERAL = {subject.key: subject.general for subject in SUBJECTS if subject.general}
_LATIN = str.maketrans("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУасеорху")
_GRADE = r"(1[01]|[1-9])"
_LETTER = r"[«\"]?([а-ик-э])?[»\"]?"
_ORDINAL = r"(?:(?:-?(?:го|ом|ых)|-[йхм]|й)(?![а-я]))"
_CLASS = re.compile(
    rf"(?<!\d)0?{_GRADE}(?!\d){_ORDINAL}?[\s_\-–]*{_LETTER}[\s_\-–]*(?:класс|кл\b)"  # 7А класс, 7-го класса
    rf"|(?:класс[а-я]*|кл\.)[\s:_\-–№]*{_GRADE}(?!\d)[\s\-–]?[«\"]?([а-ик-э](?![а-яА-Я]))?"  # класс: 7А
    rf"|(?<![\w.])0?{_GRADE}[\s\-–]?[«\"]?((?-i:[А-ИК-Э]))[»\"]?(?![^\W_])"  # 7А, 7 «А»
    rf"|(?<![^\W_])0?{_GRADE}([а-д])(?![^\W_])",  # 7а
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?<!\w)(?:част[ьи]|part|ч\.)[\s_\-№]*([12])(?!\d)|(?<!\d)([12])[\s_\-]*(?:-?я\s*)?част", re.I
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a text names: subject keys, classes as (grade, letter or ""), parts; its words as stems."""

    subjects: frozenset[str] = frozenset()
    classes: frozenset[tuple[int, str]] = frozenset()
    parts: frozenset[int] = frozenset()
    stems: frozenset[str] = field(default=frozenset(), compare=False)


def class_of(text: str) -> tuple[int, str] | None:
    """Grade and letter of a class in any spelling: "7А", "7 «а»", "7-A", "7"; None when it is none."""
    found = re.fullmatch(r"(\d+)(.*)", normal_class(text) or "")
    return (int(found[1]), found[2]) if found else None


def topic(text: str, *, name: bool = False) -> Topic:
    """Subjects, classes and parts that ``text`` names; in a ``name`` short forms count, too."""
    subjects = {
        s.key for s in SUBJECTS if any(re.search(rf"(?<![а-яa-z]){stem}", text, re.I) for stem in s.stems)
    }
    classes = set(_classes(text))
    if name:
        tokens = re.findall(r"[^\W\d_]+|\d+", text)
        for at, token in enumerate(tokens):
            subject = _short(token, at, tokens)
            if subject:
                subjects.add(subject)
                classes.update(_grade_after(tokens[at + 1 : at + 2]))
    if any(_GENERAL.get(key) for key in subjects):
        subjects.discard("foreign")
    classes -= {(grade, "") for grade, letter in classes if letter}
    parts = {int(a or b) for a, b in _PART.findall(text)}
    return Topic(frozenset(subjects), frozenset(classes), frozenset(parts), frozenset(_stems(text)))


def _short(token: str, at: int, tokens: list[str]) -> str:
    """Key of the subject that ``token`` is a short form of, "" for none."""
    near_digit = any(t.isdigit() for t in tokens[max(at - 1, 0) : at] + tokens[at + 1 : at + 2])
    if not (token.isupper() or near_digit):
        return ""
    forms = {token.lower(), token.translate(_LATIN).lower()}
    return next((s.key for s in SUBJECTS if forms & set(s.short)), "")


def _grade_after(tokens: list[str]) -> Iterable[tuple[int, str]]:
    """МА7, МА-07, and МА0701 (grade and variant, two digits each)."""
    for token in tokens:
        digits = token[:2] if len(token) == 4 else token
        if token.isdigit() and 1 <= int(digits) <= 11:
            yield int(digits), ""


def _classes(text: str) -> Iterable[tuple[int, str]]:
    for groups in _CLASS.findall(text.translate(_LATIN)):
        for grade, letter in zip(groups[::2], groups[1::2], strict=True):
            if grade:
                yield int(grade), letter.upper()


def _stems(text: str) -> Iterable[str]:
    return (word[:6].lower() for word in re.findall(r"[^\W\d_]{4,}", text))


def names_subject(found: Topic, exam: Exam) -> bool:
    """Whether ``found`` names the subject of ``exam``."""
    return _meets(found, topic(exam.subject, name=True))


def _meets(found: Topic, wanted: Topic) -> bool:
    """Whether ``found`` names what ``wanted`` does; the general "foreign" meets each language."""
    if not wanted.subjects:
        return bool(wanted.stems) and wanted.stems <= found.stems
    general = {_GENERAL[key] for key in wanted.subjects if key in _GENERAL}
    special = {key for key in found.subjects if _GENERAL.get(key) in wanted.subjects}
    return bool(wanted.subjects & found.subjects or general & found.subjects or special)


def fits_class(found: Topic, exam: Exam) -> bool:
    """Whether a class that ``found`` names is, or includes, that of ``exam``."""
    wanted = class_of(exam.class_name)
    return wanted is not None and any(
        grade == wanted[0] and letter in ("", wanted[1]) for grade, letter in found.classes
    )


def same_subject(one: str, other: str) -> bool:
    """Whether two spellings mean the same subject: "МА" and "Математика", "Английский" and "Иностранный"."""
    return _meets(_as_subject(one), _as_subject(other))


def _as_subject(text: str) -> Topic:
    """The topic of a text that is nothing but a subject: there short forms in small letters count, too."""
    found = topic(text, name=True)
    return found if found.subjects else topic(text.upper(), name=True)


def names_any_subject(found: Topic, exams: Collection[Exam]) -> bool:
    """Whether ``found`` names some subject, known to the table or to the inventory."""
    return bool(found.subjects) or any(names_subject(found, exam) for exam in exams)
