"""Marks from a table that somebody else typed: .csv, .xlsx or .xls, a row for each code.

Every mistake of the file is found at once, by its row; in doubt nothing is taken in.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from provision.errors import N_, Phrase
from provision.forms.book import shown
from provision.forms.errors import MarksRefused
from provision.forms.locate import plain
from provision.forms.mapping import MarkRules
from provision.forms.marks import Fault, Work, as_mark, is_absent
from provision.intake.texts import content_of, decoded, kind_of, workbook
from provision.secret import Secret

_HEAD_ROWS: Final = 30
_MOST_ROWS: Final = 5000
_CODE = re.compile(r"(?:индивидуальный )?код(?: участника| обучающегося| ученика)?(?: впр)?|code")
_VARIANT = re.compile(r"(?:№ |номер )?вариант(?:а)?|вар\.?|variant")
_ATTENDANCE = re.compile(r"явка|неявка|присутствие|отсутствие|отметка о явке")
_TASK = re.compile(r"(?:задание |зад\. ?|№ ?)")


def read_marks(path: Path, rules: MarkRules, pattern: str) -> tuple[list[Work], list[Fault]]:
    """The works of the table at ``path``, and what is wrong with its rows; ``pattern`` is a whole code's.

    Raises MarksRefused when it is no table of marks, and IntakeError when the file cannot be read.
    """
    for number, rows in enumerate(_tables(path)):
        found = _head(rows, rules)
        if found is not None:
            return _works(rows, found, rules, pattern)
        if number > _HEAD_ROWS:
            break
    tasks = ", ".join(rules.tasks)
    raise MarksRefused(
        N_("{file}: no row has the headings “Код” and the tasks {tasks}"), file=path.name, tasks=tasks
    )


def _tables(path: Path) -> Iterator[list[list[str]]]:
    kind = kind_of(path)
    content = content_of(path)
    if kind in ("xlsx", "xls"):
        for table in workbook(path.name, content):
            yield [[shown(cell) for cell in row] for row in table.rows[:_MOST_ROWS]]
    elif kind == "text":
        text = decoded(content)
        first = text.partition("\n")[0]
        delimiter = max(";\t,", key=first.count)
        yield [list(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)][:_MOST_ROWS]
    else:
        raise MarksRefused(N_("{file} is no table but: {kind}"), file=path.name, kind=kind)


_Head = tuple[int, int, int | None, int | None, dict[str, int]]
"""Row of the headings; columns of the code, the variant, the attendance and of each task."""


def _head(rows: Sequence[Sequence[str]], rules: MarkRules) -> _Head | None:
    for number, row in enumerate(rows[:_HEAD_ROWS]):
        texts = [plain(text) for text in row]
        codes = [at for at, text in enumerate(texts) if _CODE.fullmatch(text)]
        tasks: dict[str, list[int]] = {}
        for at, text in enumerate(texts):
            name = _TASK.sub("", text)
            for task in rules.tasks:
                if plain(task) == name:
                    tasks.setdefault(task, []).append(at)
        if len(codes) == 1 and len(tasks) == len(rules.tasks) and all(len(at) == 1 for at in tasks.values()):
            variant = next((at for at, text in enumerate(texts) if _VARIANT.fullmatch(text)), None)
            attended = next((at for at, text in enumerate(texts) if _ATTENDANCE.fullmatch(text)), None)
            return number, codes[0], variant, attended, {task: tasks[task][0] for task in rules.tasks}
    return None


def _works(
    rows: Sequence[Sequence[str]], head: _Head, rules: MarkRules, pattern: str
) -> tuple[list[Work], list[Fault]]:
    first, code_at, variant_at, attended_at, tasks = head
    works: list[Work] = []
    faults: list[Fault] = []
    seen: dict[Secret, int] = {}
    for number, row in enumerate(rows[first + 1 :], first + 2):
        if not any(text.strip() for text in row):
            continue
        where = Phrase(N_("row {row}"), {"row": number})
        code = as_code(_at(row, code_at), pattern)
        if code is None:
            faults.append(Fault(where, Phrase(N_("there is no participant code"), {})))
            continue
        if code in seen:
            faults.append(Fault(where, Phrase(N_("the same code stands in row {row}"), {"row": seen[code]})))
            continue
        seen[code] = number
        texts = {task: _at(row, at) for task, at in tasks.items()}
        attended = [] if attended_at is None else [_at(row, attended_at)]
        if is_absent(attended) or is_absent(list(texts.values())):
            works.append(Work(code, absent=True))
            continue
        marks = {task: as_mark(text, task, rules) for task, text in texts.items()}
        faults += [Fault(where, mark) for mark in marks.values() if isinstance(mark, Phrase)]
        good = {task: mark for task, mark in marks.items() if isinstance(mark, str)}
        works.append(Work(code, "" if variant_at is None else _at(row, variant_at), good))
    return works, faults


def _at(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def as_code(text: str, pattern: str) -> Secret | None:
    """A typed code; zeros that a table program has taken from its front are put back. None for no code."""
    whole = re.compile(pattern)
    plain_text = re.sub(r"[\s-]", "", text)
    if whole.fullmatch(text) or not plain_text:
        return Secret(text) if text else None
    fitting = (plain_text.zfill(width) for width in range(len(plain_text), 13) if plain_text.isdecimal())
    found = next((one for one in [plain_text, *fitting] if whole.fullmatch(one)), None)
    return None if found is None else Secret(found)
