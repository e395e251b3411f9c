"""What a form asks for, as it shows itself: its instruction, headings, lists, stars. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from provision.errors import N_
from provision.forms.book import Ask, Book, Place, Rule, Sheet, shown
from provision.forms.locate import beside, headings, instruction_of, starred
from provision.forms.mapping import FormMapping, Side

_CHOICES = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """A heading with the cell beside or below it that can be filled."""

    heading: str
    place: Place
    required: bool
    rule: Rule | None

    @property
    def choices(self) -> tuple[str, ...]:
        """What the form's list offers; empty where there is none."""
        return (self.rule.choices or ()) if self.rule else ()

    def allowed(self, translate: Callable[[str], str]) -> str:
        """The rule in words."""
        _ = translate
        rule = self.rule
        if rule is None or rule.ask is Ask.ANY:
            return ""
        if not rule.readable:
            return _("a rule that only an office program can check")
        if rule.ask is Ask.LIST:
            more = " …" if len(self.choices) > _CHOICES else ""
            return _("one of: {choices}").format(choices=", ".join(self.choices[:_CHOICES]) + more)
        if rule.operator == "between":
            return f"{shown(rule.low)} … {shown(rule.high)}"
        return f"{_(_OPERATORS[rule.operator])} {shown(rule.low)}"


_OPERATORS = {
    "notBetween": N_("not from"),
    "equal": N_("equal to"),
    "notEqual": N_("not equal to"),
    "greaterThan": N_("more than"),
    "lessThan": N_("less than"),
    "greaterThanOrEqual": N_("at least"),
    "lessThanOrEqual": N_("at most"),
}


def instruction_lines(book: Book, mapping: FormMapping) -> list[str]:
    """The text of the sheet with the instruction, row by row; nothing where the form has none."""
    sheet = instruction_of(book, mapping)
    rows: dict[int, list[str]] = {}
    for row, _column, text in sheet.texts() if sheet else ():
        rows.setdefault(row, []).append(text)
    return [" ".join(texts) for texts in rows.values()]


def asks_of(book: Book, mapping: FormMapping) -> list[Asked]:
    """Every heading with a free cell at its right, else below it; in the form's order."""
    found = []
    for sheet, row, column, text in headings(book, mapping):
        numbered = text.isdecimal()  # 1, 2, 3 down a column number its rows, and head nothing
        for side in (Side.BELOW,) if numbered else (Side.RIGHT, Side.BELOW):
            place = beside(sheet, row, column, side)
            if _free(sheet, place):
                rule = sheet.rule_of(place.row, place.column)
                found.append(Asked(text.rstrip(" *"), place, starred(text), rule))
                break
    return found


def _free(sheet: Sheet, place: Place) -> bool:
    cell = sheet.cells.get((place.row, place.column))
    if cell is None or cell.formula or shown(cell.value):
        return False
    return not (sheet.protected and cell.locked)
