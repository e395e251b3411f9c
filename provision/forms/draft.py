"""A first mapping of a form that nobody has described yet: what it asks for, with guesses. Pure.

It is for a person to complete: what was not guessed becomes an empty fact, which is told as missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from provision.forms.asks import Asked, asks_of
from provision.forms.book import Ask, Book
from provision.forms.mapping import FormKind, FormMapping
from provision.locale import gettext as _

_MOST_CHOICES: Final = 6
_TABLE_FROM: Final = 3
"""So many headings side by side over free cells are a table."""
_TASK = re.compile(r"\d{1,2}(?:[.(]\d\)?)?(?:\s?к\d)?", re.IGNORECASE)
_FIELDS: Final = (
    (r"логин", "fact.login"),
    (r"наименование|название (?:оо|школы|организации)", "school.name"),
    (r"предмет", "exam.subject"),
    (r"дата", "exam.date"),
    (r"класс|параллель", "exam.class"),
    (r"(?:числ|количеств)\w+ (?:участник|обучающ|учащ)\w+", "participants"),
    (r"(?:числ|количеств)\w+ класс", "classes"),
)
_COLUMNS: Final = (
    (r"№|№ п/п|номер", "number"),
    (r"код\b", "code"),
    (r"вариант", "variant"),
    (r"литера", "letter"),
    (r"параллель", "grade"),
    (r"класс", "class"),
    (r"явка|присутств|отсутств", "attendance"),
    (r"(?:числ|количеств)\w+ (?:участник|обучающ|учащ)\w+", "participants"),
    (r"сумма|итог", "total"),
)


def draft(book: Book, file: str, exams: Sequence[str]) -> str:
    """The text of a mapping for the form in ``file``; ``exams`` are those that results may be for."""
    blank = FormMapping(Path("draft.yaml"), "draft", FormKind.APPLICATION, "", file)
    asks = asks_of(book, blank)
    tables = [rows for rows in _rows(asks) if len(rows) >= _TABLE_FROM]
    inside = {id(ask) for rows in tables for ask in rows}
    fields = [ask for ask in asks if id(ask) not in inside]
    tasks = [ask.heading for rows in tables for ask in rows if _TASK.fullmatch(ask.heading)]
    codes = any(_guess(ask.heading, _COLUMNS) == "code" for rows in tables for ask in rows)
    results = bool(tasks) and codes
    facts: dict[str, Asked] = {}
    body = [*_fields(fields, facts), *_tables(tables, facts, results=results)]
    lines = [
        "# " + _("A draft: complete it, then run provision forms check. All keys: docs/forms.md."),
        f"form: {'results' if results else 'application'}",
        f"title: {_quoted(Path(file).stem)}",
        f"file: {_quoted(file)}",
        *([f"exams: [{', '.join(exams)}]"] if results else []),
        *_facts(facts),
        *body,
        *(_marks(tasks) if results else []),
    ]
    return "\n".join(lines) + "\n"


def _rows(asks: Sequence[Asked]) -> Iterator[list[Asked]]:
    """Headings over cells of one row."""
    ordered = sorted(asks, key=lambda ask: (ask.place.sheet, ask.place.row, ask.place.column))
    for _row, group in groupby(ordered, key=lambda ask: (ask.place.sheet, ask.place.row)):
        yield list(group)


def _guess(heading: str, known: Sequence[tuple[str, str]]) -> str:
    plain = heading.casefold().replace("ё", "е")
    return next((value for pattern, value in known if re.match(pattern, plain)), "")


def _fact(ask: Asked, facts: dict[str, Asked]) -> str:
    name = f"fact{len(facts) + 1}"
    facts[name] = ask
    return f"fact.{name}"


def _fields(asks: Sequence[Asked], facts: dict[str, Asked]) -> Iterator[str]:
    if asks:
        yield "fields:"
    for ask in asks:
        value = _guess(ask.heading, _FIELDS)
        if value == "fact.login" and "login" not in facts:
            facts["login"] = ask
        optional = "" if ask.required else ", optional: true"
        value = value or _fact(ask, facts)
        yield f"  - {{cell: {_quoted(str(ask.place))}, value: {value}{optional}}}  # {_line(ask.heading)}"


def _tables(tables: Sequence[Sequence[Asked]], facts: dict[str, Asked], *, results: bool) -> Iterator[str]:
    if tables:
        yield "tables:"
    for asks in tables:
        rows = "results" if results else "classes"
        yield f"  - sheet: {_quoted(asks[0].place.sheet)}"
        yield f"    rows: {rows}"
        yield "    columns:"
        allowed = ("participants",) if results else ("code", "variant", "attendance", "total")
        for ask in asks:
            value = f"task.{ask.heading}" if results and _TASK.fullmatch(ask.heading) else ""
            value = value or _guess(ask.heading, _COLUMNS)
            if value == "class" and ask.rule is not None and ask.rule.ask is Ask.WHOLE:
                value = "grade"
            if not value or value in allowed:
                value = _fact(ask, facts)
            yield f"      {_quoted(ask.heading)}: {_quoted(value)}"
        optional = [_quoted(ask.heading) for ask in asks if not ask.required]
        if optional:
            yield f"    optional: [{', '.join(optional)}]"


def _facts(facts: dict[str, Asked]) -> Iterator[str]:
    if facts:
        yield "facts:"
    for name, ask in facts.items():
        choices = ", ".join(ask.choices[:_MOST_CHOICES]) + (" …" if len(ask.choices) > _MOST_CHOICES else "")
        yield f"  {name}:  # {_line(ask.heading)}" + (f": {_line(choices)}" if choices else "")


def _marks(tasks: Sequence[str]) -> Iterator[str]:
    yield "marks:"
    yield "  # " + _("The most points of each task: put in those of the criteria.")
    yield f"  tasks: {{{', '.join(f'{_quoted(task)}: 1' for task in tasks)}}}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _line(text: str) -> str:
    """A text behind a #, on one line."""
    return " ".join(text.split())
