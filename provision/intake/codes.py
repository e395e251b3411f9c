"""Lists of participant codes: .xlsx, .xls, .csv, or a PDF with a table or a grid of codes to be cut.

The layout of these lists is not public. A list is recognised by its content: a header with a column of codes,
or a grid in which every cell holds exactly one code. Anything between is refused, naming the cell in doubt.
Codes that stand twice are kept, with their places: the plan refuses them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from provision.errors import N_, Phrase
from provision.intake.errors import CodesRefused, IntakeError
from provision.intake.model import CodeEntry, CodeList
from provision.intake.pdftable import pdf_tables
from provision.intake.subjects import Topic, class_of, fits_class, same_subject, topic
from provision.intake.texts import Cell, Table, content_of, decoded, kind_of, workbook
from provision.site.model import Exam
from provision.site.names import normal_class

_ROWS = 20_000
_HEADER_ROWS = 30
_CODE = re.compile(
    r"код\s*(участник\w*|обучающ\w*|учени\w*|учащ\w*|индивидуальн\w*|впр)?\s*(впр)?|(индивидуальный|уникальный)\s+код"
    r"(\s+\w+)?|participant\s+code|code",
    re.IGNORECASE,
)
_CLASS = re.compile(r"класс(\s*\(.*\)|/литера.*|,?\s+литера)?|параллель|class", re.IGNORECASE)
_NO_CODE = N_("{file}: what stands in {place} does not look like a code ({pattern})")
_SUBJECT = re.compile(r"(учебный\s+)?предмет|наименование\s+(учебного\s+)?предмета|subject", re.IGNORECASE)


def read_codes(path: Path, pattern: str) -> CodeList:
    """The codes of ``path`` in its order; ``pattern`` is the profile's, for a whole code.

    Raises :class:`CodesRefused` naming sheet and cell, or what the file's format raises.
    """
    reading = _Reading(path, re.compile(pattern), _widths(pattern))
    for table in _tables(path):
        reading.add(table)
    if reading.filled and [int(e.code) for e in reading.entries] == list(range(1, len(reading.entries) + 1)):
        raise CodesRefused(N_("{file}: the column of codes holds running numbers"), file=path.name)
    if reading.filled:
        reading.recognised["zeros"] = str(reading.filled)
    if not reading.entries:
        raise CodesRefused(
            N_("{file}: there is neither a column of codes nor a grid of codes like {pattern}"),
            file=path.name,
            pattern=pattern,
        )
    return CodeList(path, tuple(reading.entries), reading.recognised)


def entries_for(found: CodeList, exam: Exam) -> tuple[CodeEntry, ...]:
    """The codes that may be given out in ``exam``: class "7" is for 7А, no subject is for every subject."""
    return tuple(
        entry
        for entry in found.entries
        if entry.class_name is None or fits_class(topic(f"класс {entry.class_name}"), exam)
        if entry.subject is None or same_subject(entry.subject, exam.subject)
    )


def _widths(pattern: str) -> frozenset[int]:
    """Lengths of all-digit codes that the pattern accepts: to how many zeros a number may be filled."""
    whole = re.compile(pattern)
    return frozenset(n for n in range(1, 21) if any(whole.fullmatch(digit * n) for digit in "0159"))


def _tables(path: Path) -> tuple[Table, ...]:
    kind = kind_of(path)
    if kind not in ("xlsx", "xls", "pdf", "text"):
        raise CodesRefused(N_("{file} is no table but: {kind}"), file=path.name, kind=kind)
    content = content_of(path)
    try:
        if kind == "text":
            return (_csv(decoded(content)),)
        return pdf_tables(content) if kind == "pdf" else workbook(path.name, content)
    except IntakeError:
        raise
    except Exception:  # noqa: BLE001 - parsers of foreign files, each with errors of its own
        raise CodesRefused(N_("{file} cannot be read as a table; it is damaged"), file=path.name) from None


def _csv(text: str) -> Table:
    lines = [line for line in text.splitlines() if line.strip()][:_HEADER_ROWS]
    delimiter = max(";,\t|", key=lambda mark: (sum(mark in line for line in lines), mark == ";"))
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    # This format has no types: digits may have lost their zeros in a spreadsheet, so they count as numbers.
    return Table("", tuple(tuple(_number(cell.strip()) for cell in row) for row in rows))


def _number(text: str) -> Cell:
    return int(text) if text.isdigit() and not text.startswith("0") and len(text) < 16 else text


@dataclass(slots=True)
class _Columns:
    """A header: which columns hold codes, class and subject."""

    codes: tuple[int, ...]
    class_name: int | None
    subject: int | None


@dataclass(slots=True)
class _Reading:
    """The reading of one file; fills ``entries`` and ``recognised``."""

    path: Path
    pattern: re.Pattern[str]
    widths: frozenset[int]
    entries: list[CodeEntry] = field(default_factory=list)
    recognised: dict[str, str] = field(default_factory=dict)
    columns: _Columns | None = None
    filled: int = 0

    def add(self, table: Table) -> None:
        """Read one sheet or page; a header holds on over the pages of a PDF."""
        if len(table.rows) > _ROWS:
            raise CodesRefused(N_("{file} has more than {limit} rows"), file=self.path.name, limit=_ROWS)
        if not table.paged:
            self.columns = None
        start = 0
        headers = [(at, row) for at, row in enumerate(table.rows[:_HEADER_ROWS]) if _header(row)]
        if headers:
            # A title over the whole table may read like a header; the header is the fuller row.
            at, row = max(headers, key=lambda item: sum(bool(_text(cell)) for cell in item[1]))
            self.columns, start = _header(row), at + 1
            self._note(row)
        if self.columns is not None:
            self._column(table, start, self.columns)
        else:
            self._grid(table)

    def _note(self, row: Sequence[Cell]) -> None:
        columns = self.columns
        if columns is not None:
            found = {"code": columns.codes[0], "class": columns.class_name, "subject": columns.subject}
            self.recognised |= {name: _text(row[at]) for name, at in found.items() if at is not None}

    def _column(self, table: Table, start: int, columns: _Columns) -> None:
        """Below a header: every cell of a code column is a code, or its row is empty."""
        began = False
        above = " ".join(_text(cell) for row in table.rows[: max(start - 1, 0)] for cell in row)
        sheet_class = _only_class(table.name) or _only_class(above)
        for at, row in enumerate(table.rows[start:], start):
            if _header(row) is not None:
                continue
            class_cell, subject_cell = _at(row, columns.class_name), _at(row, columns.subject)
            for column in columns.codes:
                place = table.place(at, column)
                raw = row[column] if column < len(row) else None
                text = _text(raw)
                if not text:
                    if (class_cell or subject_cell) and len(columns.codes) == 1:
                        raise self._refused(N_("{file}: {place} has no code"), place)
                    continue
                if not began and not any(char.isdigit() for char in text):
                    continue  # the header's second line, or a line of explanation under it
                began = True
                code = self._code(raw, place)
                class_name = normal_class(class_cell) or class_cell or sheet_class
                self.entries.append(CodeEntry(code, class_name or None, subject_cell or None, place))

    def _code(self, raw: Cell, place: str | Phrase) -> str:
        """A cell as a code, with the zeros that a number has lost; in doubt refused."""
        text = _text(raw)
        if not isinstance(raw, str) and text.isdigit():
            fits = [text.zfill(n) for n in sorted(self.widths) if n >= len(text)]
            fits = [code for code in fits if self.pattern.fullmatch(code)]
            if len(fits) > 1:
                raise self._refused(
                    N_("{file}: it is unclear how many zeros the code in {place} begins with"), place
                )
            if fits:
                self.filled += fits[0] != text
                return fits[0]
        elif self.pattern.fullmatch(text):
            return text
        raise self._refused(_NO_CODE, place)

    def _grid(self, table: Table) -> None:
        """Without a header: from the first code on, each cell holds one code, and words at the most."""
        cells = [
            (self._single(cell), table.place(y, x), _text(cell))
            for y, row in enumerate(table.rows)
            for x, cell in enumerate(row)
            if _text(cell)
        ]
        codes = [cell for cell in cells if cell[0]]
        if len(codes) < 2:
            return
        first = cells.index(codes[0])
        wrong = next((cell for cell in cells[first:] if not cell[0]), None)
        if wrong is not None:
            raise self._refused(_NO_CODE, wrong[1])
        heading = topic(" ".join(text for _, _, text in cells[:first]) + " " + table.name)
        for code, place, text in codes:
            self.entries.append(CodeEntry(code or "", _class_beside(text, code or "", heading), None, place))
        self.recognised.setdefault("grid", f"{len(table.rows)} × {max(map(len, table.rows))}")

    def _single(self, cell: Cell) -> str | None:
        """The one code in a cell of a grid; None when there is none, or more than one."""
        tokens = [token for token in re.split(r"[\s:;№]+", _text(cell)) if self.pattern.fullmatch(token)]
        return tokens[0] if len(tokens) == 1 else None

    def _refused(self, template: str, place: str | Phrase) -> CodesRefused:
        return CodesRefused(template, file=self.path.name, place=place, pattern=self.pattern.pattern)


def _header(row: Sequence[Cell]) -> _Columns | None:
    texts = [re.sub(r"[\s*.:№]+", " ", cell).strip() if isinstance(cell, str) else "" for cell in row]
    codes = tuple(at for at, text in enumerate(texts) if _CODE.fullmatch(text))
    if not codes:
        return None
    classes = [at for at, text in enumerate(texts) if _CLASS.fullmatch(text)]
    subjects = [at for at, text in enumerate(texts) if _SUBJECT.fullmatch(text)]
    return _Columns(codes, classes[0] if classes else None, subjects[0] if subjects else None)


def _only_class(name: str) -> str | None:
    """The class that a sheet is named for, when it names just one, with a letter or without."""
    classes = topic(name).classes
    return "".join(map(str, next(iter(classes)))) if len(classes) == 1 else normal_class(name)


def _class_beside(text: str, code: str, heading: Topic) -> str | None:
    """The class printed with a code in its cell, else the one class of the heading."""
    beside = text.replace(code, " ", 1).strip()
    own = topic(beside).classes or {found for word in beside.split() if (found := class_of(word))}
    classes = own or heading.classes
    return "".join(map(str, next(iter(classes)))) if len(classes) == 1 else None


def _at(row: Sequence[Cell], column: int | None) -> str:
    return _text(row[column]) if column is not None and column < len(row) else ""


def _text(cell: Cell) -> str:
    """A cell as text: 12345.0 is "12345"; spaces of all kinds at the ends go."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return "" if cell is None else str(cell).replace("\N{NO-BREAK SPACE}", " ").strip()
