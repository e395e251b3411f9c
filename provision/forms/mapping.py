"""The mapping file of a form: which of its cells holds what. YAML, read with every mistake and its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from provision.errors import N_, Problem
from provision.site.nodes import Node, shown
from provision.site.yamlfile import read_yaml

FOLDER: Final = "forms"
"""Of the site: mappings, and forms that are not in the inbox."""
SUFFIXES: Final = (".xls", ".xlsx", ".xlsm")
MAX_TASKS: Final = 60
MAX_MARK: Final = 100


class FormKind(StrEnum):
    """The forms of a test."""

    APPLICATION = "application"
    QUESTIONNAIRE = "questionnaire"
    RESULTS = "results"


class Rows(StrEnum):
    """What each row of a table is about."""

    CLASSES = "classes"
    EXAMS = "exams"
    RESULTS = "results"


class Side(StrEnum):
    """Where a field's cell lies, seen from its heading."""

    RIGHT = "right"
    BELOW = "below"


FIELD_VALUES: Final = (
    "school.name",
    "participants",
    "classes",
    "today",
    "exam.subject",
    "exam.class",
    "exam.grade",
    "exam.date",
    "results.written",
    "results.absent",
)
ROW_VALUES: Final[Mapping[Rows, tuple[str, ...]]] = {
    Rows.CLASSES: ("number", "class", "grade", "letter", "participants"),
    Rows.EXAMS: ("number", "exam.subject", "exam.class", "exam.grade", "exam.date", "participants"),
    Rows.RESULTS: ("number", "code", "class", "grade", "letter", "variant", "total", "attendance"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """One field: by its heading, by a name of the workbook, or by its cell; and what it gets.

    ``value`` is a name of :data:`FIELD_VALUES`, ``fact.NAME``, or with ``literal`` the text itself.
    """

    line: int
    header: str = ""
    name: str = ""
    cell: str = ""
    sheet: str = ""
    side: Side = Side.RIGHT
    value: str = ""
    literal: bool = False
    optional: bool = False

    @property
    def label(self) -> str:
        """How a message names it."""
        return self.header or self.name or self.cell


@dataclass(frozen=True, slots=True)
class TableTarget:
    """A table: its sheet, what a row is, and heading -> value of each column, in their order."""

    line: int
    sheet: str
    rows: Rows
    columns: Mapping[str, str]
    lines: Mapping[str, int]
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MarkRules:
    """The limits of marks: most points of each task, by its number as the form names it.

    ``signs`` stand in the form for something other than points (not begun, not in this variant) and count
    nothing; ``absent`` is put into the cells of a pupil who was not there, "" leaves them empty; the words
    are those of the column ``attendance``. ``variants`` are the ones that exist; none given, any.
    """

    tasks: Mapping[str, int] = field(default_factory=dict)
    signs: tuple[str, ...] = ()
    absent: str = ""
    words: tuple[str, str] = ("", "")
    variants: tuple[str, ...] = ()
    twice: bool = False
    """Whether two people must have entered them alike before they go into the form."""


@dataclass(frozen=True, slots=True)
class FormMapping:
    """One mapping file. ``key`` is its name without the ending: how the form is called in commands."""

    path: Path
    key: str
    kind: FormKind
    title: str
    file: str
    exams: tuple[str, ...] = ()
    instruction: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    fact_lines: Mapping[str, int] = field(default_factory=dict)
    fields: tuple[Target, ...] = ()
    tables: tuple[TableTarget, ...] = ()
    marks: MarkRules = MarkRules()

    def matches(self, name: str) -> bool:
        """Whether a file of that name is the form."""
        return fnmatch(name.casefold(), self.file.casefold())


def read_mapping(path: Path, exams: tuple[str, ...]) -> tuple[FormMapping | None, list[Problem]]:
    """The mapping at ``path``, or None and all its mistakes; ``exams`` are the ids that the inventory has."""
    root, problems = read_yaml(path)
    if root is None or problems:
        return None, problems
    reading = _Reading(path, problems, exams)
    found = reading.mapping(root)
    return (None, problems) if problems else (found, [])


_KEYS = ("form", "title", "file", "exams", "instruction", "facts", "fields", "tables", "marks")
_CURE = N_("See docs/forms.md for what may stand here")


class _Reading:
    """Reads one file; mistakes are collected."""

    def __init__(self, path: Path, problems: list[Problem], exams: tuple[str, ...]) -> None:
        self._path, self._problems, self._exams = path, problems, exams
        self._facts: dict[str, str] = {}
        self._tasks: dict[str, int] = {}

    def _wrong(self, line: int, what: str, cure: str = _CURE, **params: object) -> None:
        self._problems.append(Problem(self._path, line, what, cure, params))

    def _known(self, node: Node, keys: tuple[str, ...]) -> None:
        """Every key that is not one of ``keys`` is a mistake: a word misspelt must not be ignored."""
        if not isinstance(node.value, dict):
            self._wrong(node.line, N_("here must be 'key: value' lines"))
            return
        for key in node.value:
            if key not in keys:
                line = node.keys.get(key, node.line)
                self._wrong(line, N_("the key '{key}' is not known"), key=shown(key))

    def _choice(self, node: Node, key: str, kinds: type[StrEnum]) -> str:
        text = node.text(key) or ""
        names = [kind.value for kind in kinds]
        if text not in names:
            names_text = ", ".join(names)
            self._wrong(node.line_of(key), N_("'{key}' must be one of: {names}"), key=key, names=names_text)
            return names[0]
        return text

    def _mapping_of(self, node: Node, key: str) -> dict[str, Node]:
        found = node.child(key)
        if found is None or found.value is None:
            return {}
        if not isinstance(found.value, dict):
            self._wrong(found.line, N_("here must be 'key: value' lines"))
            return {}
        return found.value

    def mapping(self, root: Node) -> FormMapping | None:
        """The whole file."""
        self._known(root, _KEYS)
        if not isinstance(root.value, dict):
            return None
        kind = FormKind(self._choice(root, "form", FormKind))
        file = root.text("file") or ""
        if not file.lower().endswith(SUFFIXES) or "/" in file or "\\" in file:
            self._wrong(root.line_of("file"), N_("'file' must be the name of an .xls, .xlsx or .xlsm file"))
        facts = self._mapping_of(root, "facts")
        self._facts = {key: _text(node) for key, node in facts.items()}
        marks = self._marks(root)
        exams = tuple(root.texts("exams"))
        for exam in exams:
            if exam not in self._exams:
                names = ", ".join(self._exams)
                line = root.line_of("exams")
                self._wrong(line, N_("there is no exam {exam}; there are: {names}"), exam=exam, names=names)
        if kind is FormKind.RESULTS and not (exams and marks.tasks):
            self._wrong(root.line, N_("a results form needs 'exams', and 'marks' with 'tasks'"))
        return FormMapping(
            self._path,
            self._path.stem,
            kind,
            root.text("title") or self._path.stem,
            file,
            exams,
            root.text("instruction") or "",
            self._facts,
            {key: node.line for key, node in facts.items()},
            tuple(target for node in root.items("fields") if (target := self._field(node))),
            tuple(table for node in root.items("tables") if (table := self._table(node))),
            marks,
        )

    def _field(self, node: Node) -> Target | None:
        keys = ("header", "name", "cell", "sheet", "side", "value", "text", "optional")
        self._known(node, keys)
        where = [key for key in ("header", "name", "cell") if node.text(key)]
        what = [key for key in ("value", "text") if node.text(key)]
        if len(where) != 1 or len(what) != 1:
            problem = N_("a field needs one of 'header', 'name', 'cell', and one of 'value', 'text'")
            self._wrong(node.line, problem)
            return None
        value = node.text(what[0]) or ""
        if what[0] == "value":
            self._value(node.line_of("value"), value, FIELD_VALUES)
        side = Side(self._choice(node, "side", Side)) if node.text("side") else Side.RIGHT
        return Target(
            node.line,
            node.text("header") or "",
            node.text("name") or "",
            node.text("cell") or "",
            node.text("sheet") or "",
            side,
            value,
            what[0] == "text",
            node.text("optional") == "true",
        )

    def _value(self, line: int, value: str, known: tuple[str, ...]) -> None:
        group, _dot, name = value.partition(".")
        if group == "fact":
            if name not in self._facts:
                self._wrong(line, N_("'facts' has no line '{name}'"), name=shown(name))
        elif group == "task":
            if name not in self._tasks:
                self._wrong(line, N_("'marks: tasks' has no task '{name}'"), name=shown(name))
        elif value not in known:
            names = ", ".join(known)
            what = N_("'{value}' is not known; there are: {names}, and fact.NAME")
            self._wrong(line, what, value=shown(value), names=names)

    def _table(self, node: Node) -> TableTarget | None:
        self._known(node, ("sheet", "rows", "columns", "optional"))
        columns = self._mapping_of(node, "columns")
        rows = Rows(self._choice(node, "rows", Rows))
        if not columns:
            self._wrong(node.line, N_("a table needs 'columns'"))
            return None
        values = {heading: _text(one) for heading, one in columns.items()}
        for heading, value in values.items():
            if value.startswith("task.") and rows is not Rows.RESULTS:
                self._wrong(columns[heading].line, N_("marks stand in a table with 'rows: results' only"))
            self._value(columns[heading].line, value, ROW_VALUES[rows])
        optional = frozenset(node.texts("optional"))
        lines = {heading: one.line for heading, one in columns.items()}
        return TableTarget(node.line, node.text("sheet") or "", rows, values, lines, optional)

    def _marks(self, root: Node) -> MarkRules:
        node = root.child("marks")
        if node is None or node.value is None:
            return MarkRules()
        self._known(node, ("tasks", "signs", "absent", "attendance", "variants", "twice"))
        for number, one in self._mapping_of(node, "tasks").items():
            most = _text(one)
            if not most.isdecimal() or not 1 <= int(most) <= MAX_MARK:
                self._wrong(
                    one.line, N_("the most points of a task are a number from 1 to {most}"), most=MAX_MARK
                )
                continue
            self._tasks[number] = int(most)
        if len(self._tasks) > MAX_TASKS:
            self._wrong(node.line, N_("more than {most} tasks"), most=MAX_TASKS)
        words = node.texts("attendance")
        if words and len(words) != 2:
            what = N_("'attendance' are two words: of who was there, and of who was absent")
            self._wrong(node.line_of("attendance"), what)
            words = []
        pair = (words[0], words[1]) if words else ("", "")
        signs = tuple(node.texts("signs"))
        twice = node.text("twice") == "true"
        absent = node.text("absent") or ""
        return MarkRules(self._tasks, signs, absent, pair, tuple(node.texts("variants")), twice)


def _text(node: Node) -> str:
    """A node's text; "" for none, and for what is no text."""
    return node.value.strip() if isinstance(node.value, str) else ""
