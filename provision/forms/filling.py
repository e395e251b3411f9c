"""What is to be written into a form, from its mapping: cells, what is missing, what the form does not allow.
Pure: nothing is written here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from provision.errors import N_, Phrase, Problem, ProblemsError
from provision.forms.book import Ask, Book, Place, Rule, Sheet, shown
from provision.forms.locate import (
    Table,
    beside,
    headings,
    place_of,
    plain,
    starred,
    table_of,
    tidy,
)
from provision.forms.mapping import FormMapping, Rows, Side, TableTarget
from provision.forms.values import Data, Given

_CURE = N_("Compare the mapping with the form: provision forms show")
_SHOWN = 8
"""Choices of a list that a message names."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that keeps the form from being whole: where, and what."""

    place: str
    what: Phrase


@dataclass(slots=True)
class Filling:
    """The outcome. ``missing`` are values that nobody gave; ``refused`` those that the form does not allow;
    ``unchecked`` are cells whose rule only the office program can apply."""

    edits: dict[Place, str | float] = field(default_factory=dict)
    missing: list[Lack] = field(default_factory=list)
    refused: list[Lack] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether the form can be given away."""
        return not self.missing and not self.refused


def plan_filling(book: Book, mapping: FormMapping, data: Data) -> Filling:
    """What goes where. Raises ProblemsError for a mapping that does not fit the form."""
    return _Planner(book, mapping, data).plan()


class _Planner:
    def __init__(self, book: Book, mapping: FormMapping, data: Data) -> None:
        self._book, self._mapping, self._data = book, mapping, data
        self._made = Filling()
        self._problems: list[Problem] = []
        self._headed: set[tuple[str, int, int]] = set()
        """Cells that the mapping fills, or leaves to the form knowingly."""

    def plan(self) -> Filling:
        for target in self._mapping.fields:
            place = place_of(self._book, self._mapping, target)
            if isinstance(place, Phrase):
                self._wrong(target.line, place)
                continue
            needed = not target.optional or self._starred(target.header)
            value = self._data.value(target, self._mapping.facts)
            self._put(place, value, target.label, target.line, needed=needed)
        for table in self._mapping.tables:
            found = table_of(self._book, self._mapping, table)
            if isinstance(found, Table):
                self._table(found, table)
            else:
                for line, what in found:
                    self._wrong(line, what)
        if self._problems:
            raise ProblemsError(self._problems)
        self._stars()
        return self._made

    def _wrong(self, line: int, what: Phrase) -> None:
        self._problems.append(Problem(self._mapping.path, line, what.template, _CURE, dict(what.params)))

    def _starred(self, header: str) -> bool:
        wanted = plain(header)
        return bool(header) and any(
            starred(text) and plain(text) == wanted
            for _sheet, _row, _column, text in headings(self._book, self._mapping)
        )

    def _put(
        self, place: Place, value: Given, label: str, line: int, *, needed: bool, secret: bool = False
    ) -> None:
        """Note one cell, or why it cannot be filled."""
        sheet = self._book.sheet(place.sheet)
        if sheet is None:
            return
        cell = sheet.cell(place.row, place.column)
        self._headed.add((place.sheet, place.row, place.column))
        where = f"{place} ({label})"
        if cell.formula:
            what = N_("{place} is computed by the form; take it out of the mapping")
            self._wrong(line, Phrase(what, {"place": where}))
            return
        if value is None or value == "":
            if needed and not shown(cell.value):
                unsaid = Phrase(N_("there is no value for “{label}”"), {"label": label})
                self._made.missing.append(Lack(where, unsaid))
            return
        fitted = self._fitted(sheet, place, value, where, secret=secret)
        if fitted is None or shown(cell.value) == shown(fitted):
            return  # refused, or the form says so already
        if sheet.protected and cell.locked:
            what = N_("{place} is locked by the form; take it out of the mapping")
            self._wrong(line, Phrase(what, {"place": where}))
            return
        self._made.edits[place] = fitted

    def _fitted(
        self, sheet: Sheet, place: Place, value: Given, where: str, *, secret: bool
    ) -> str | float | None:
        """The value as the cell's validation rule takes it; None when it does not."""
        rule = sheet.rule_of(place.row, place.column)
        if rule is not None and not rule.readable:
            self._made.unchecked.append(where)
        if rule is None or not rule.readable or rule.ask is Ask.ANY:
            return _typed(value)
        fitted, why = _allowed(rule, value, date1904=self._book.date1904)
        if why is not None:
            masked = {**why.params, "value": "***"} if secret else why.params
            self._made.refused.append(Lack(where, Phrase(why.template, masked)))
        return fitted

    def _table(self, table: Table, target: TableTarget) -> None:
        rows = self._data.rows(target.rows, self._mapping)
        spots = self._spots(table, target, rows)
        if spots is None:
            return
        for spot, row in spots:
            for heading, name in target.columns.items():
                place = Place(table.sheet.name, spot, table.columns[heading])
                value = self._cell_value(name, row)
                needed = heading not in target.optional and value != ""
                self._put(place, value, heading, target.lines[heading], needed=needed, secret=name == "code")
            for column in range(1, table.band.right + 1):
                self._headed.add((table.sheet.name, spot, column))

    def _cell_value(self, name: str, row: Mapping[str, Given]) -> Given:
        if name.startswith("fact."):
            return self._mapping.facts.get(name.removeprefix("fact.")) or None
        return row[name]

    def _spots(
        self, table: Table, target: TableTarget, rows: list[dict[str, Given]]
    ) -> list[tuple[int, dict[str, Given]]] | None:
        """Which row of the form each row of data goes into: the one with its code, where it has codes."""
        sheet = table.sheet
        heading = next((h for h, value in target.columns.items() if value == "code"), None)
        if heading is not None:
            column = table.columns[heading]
            coded = {shown(sheet.cell(row, column).value): row for row in table.rows}
            coded.pop("", None)
            if coded:
                return self._by_code(table, coded, rows)
        free = [row for row in table.rows if not self._taken(sheet, row, table)]
        if not rows and target.rows is Rows.RESULTS:
            self._made.missing.append(Lack(sheet.name, Phrase(N_("no marks are entered yet"), {})))
        if len(rows) > len(free):
            what = N_("the table has {free} free rows, {rows} are needed")
            self._wrong(target.line, Phrase(what, {"free": len(free), "rows": len(rows)}))
            return None
        return list(zip(free, rows, strict=False))

    def _taken(self, sheet: Sheet, row: int, table: Table) -> bool:
        return any(
            shown(cell.value) and not cell.formula
            for heading, column in table.columns.items()
            if plain(heading) not in ("№", "№ п/п", "n") and (cell := sheet.cell(row, column))
        )

    def _by_code(
        self, table: Table, coded: Mapping[str, int], rows: list[dict[str, Given]]
    ) -> list[tuple[int, dict[str, Given]]]:
        """Rows by their code. Codes of the form without a work, and the reverse, are told by their number."""
        by_code = {str(row["code"]): row for row in rows}
        for code, row in coded.items():
            if code not in by_code:
                where = f"{table.sheet.name}!{row}"
                what = Phrase(N_("no marks are entered for this row's code"), {})
                self._made.missing.append(Lack(where, what))
        strange = sum(code not in coded for code in by_code)
        if strange:
            what = Phrase(N_("{count} entered codes are not in the form"), {"count": strange})
            self._made.refused.append(Lack(table.sheet.name, what))
        return [(coded[code], row) for code, row in by_code.items() if code in coded]

    def _stars(self) -> None:
        """What the form itself marks with a star and nobody fills."""
        for sheet, row, column, text in headings(self._book, self._mapping):
            if not starred(text) or (sheet.name, row, column) in self._headed:
                continue
            sides = [beside(sheet, row, column, side) for side in (Side.RIGHT, Side.BELOW)]
            if any((p.sheet, p.row, p.column) in self._headed for p in sides):
                continue
            if self._in_table(sheet, row, column):
                continue
            cell = sheet.cell(sides[0].row, sides[0].column)
            if not shown(cell.value) and not cell.formula:
                said = N_("the form requires “{label}”, and the mapping does not fill it")
                what = Phrase(said, {"label": text})
                self._made.missing.append(Lack(str(sides[0]), what))

    def _in_table(self, sheet: Sheet, row: int, column: int) -> bool:
        """Whether the mapping fills cells anywhere below: then it is the head of a column."""
        return any(s == sheet.name and c == column and r > row for s, r, c in self._headed)


def _typed(value: Given) -> str | float | None:
    if isinstance(value, dt.date):
        return f"{value:%d.%m.%Y}"
    return tidy(value) if isinstance(value, str) else value


def _allowed(rule: Rule, value: Given, *, date1904: bool) -> tuple[str | float | None, Phrase | None]:
    """The value as the rule takes it, or why it does not."""
    if rule.ask is Ask.LIST:
        return _chosen(rule.choices or (), value)
    if rule.ask is Ask.LENGTH:
        text = _typed(value)
        fits = rule.allows(len(shown(text)))
        return (text, None) if fits else (None, _outside(rule, text))
    if rule.ask is Ask.DATE and isinstance(value, dt.date):
        start = dt.date(1904, 1, 1) if date1904 else dt.date(1899, 12, 30)
        number: float | None = float((value - start).days)
    else:
        number = _number(value)
    if number is None or (rule.ask is Ask.WHOLE and not number.is_integer()) or not rule.allows(number):
        return None, _outside(rule, _typed(value))
    return number, None


def _number(value: Given) -> float | None:
    if isinstance(value, str):
        try:
            return float(value.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
        except ValueError:
            return None
    return value if isinstance(value, float) else None


def _chosen(choices: tuple[str, ...], value: Given) -> tuple[str | float | None, Phrase | None]:
    """The choice that is meant, in the form's own spelling."""
    text = shown(_typed(value))
    if text in choices:
        return (value if isinstance(value, float) else text), None
    alike = [choice for choice in choices if plain(choice) == plain(text)]
    if len(alike) == 1:
        return alike[0], None
    listed = ", ".join(choices[:_SHOWN]) + (" …" if len(choices) > _SHOWN else "")
    said = {"value": text[:60], "choices": listed}
    return None, Phrase(N_("“{value}” is not in the form's list: {choices}"), said)


def _outside(rule: Rule, value: str | float | None) -> Phrase:
    said = {"value": shown(value)[:60], "low": shown(rule.low), "high": shown(rule.high)}
    if rule.ask is Ask.LENGTH:
        return Phrase(N_("“{value}” has another length than the form allows ({low} … {high})"), said)
    return Phrase(N_("“{value}” is not what the form allows ({low} … {high})"), said)
