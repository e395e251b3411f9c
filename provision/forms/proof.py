"""The proof that of a form only the intended cells changed.

Cell by cell with a reader that is not ours (calamine), on hidden sheets too; and everything that is no cell
with :mod:`provision.forms.structure`. A form without this proof is never given to anybody.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from provision.errors import N_, Phrase
from provision.forms import xls, xlsx
from provision.forms.book import Book, Edits, Place, Results, Value, shown
from provision.forms.compound import MAGIC
from provision.forms.errors import FormDamaged, ProofFailed
from provision.forms.structure import differences

_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that differs; ``computed`` is a formula's result that the filled cells changed."""

    place: Place
    before: str
    after: str
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """What changed, and the SHA-256 of both files; ``cells`` were compared, ``sheets`` hidden ones among
    them."""

    changes: tuple[Change, ...]
    source: str
    filled: str
    cells: int
    sheets: int


def read(content: bytes) -> Book:
    """A form of either kind, known by its content. Raises FormDamaged and FormRefused."""
    if content.startswith(MAGIC):
        return xls.read(content)
    if content.startswith(b"PK"):
        return xlsx.read(content)
    raise FormDamaged(N_("the form is neither an .xls nor an .xlsx file"))


def prove(source: bytes, filled: bytes, edits: Edits, results: Results) -> Proof:
    """Compare both files. Raises ProofFailed unless exactly ``edits`` and ``results`` are between them."""
    old, new = read(source), read(filled)
    faults = differences(old.kind, source, filled, edits.keys(), results.keys())
    faults += _unlike(new, edits) + _unlike(new, results)
    _fail(faults)
    before, after = dict(_cells(source)), dict(_cells(filled))
    for place in sorted(before.keys() | after.keys()):
        if place not in edits and place not in results and before.get(place) != after.get(place):
            faults.append(Phrase(N_("{place} is not the same"), {"place": str(place)}))
    _fail(faults)
    changes = [
        Change(place, _read(before, old, place), _read(after, new, place), computed=place in results)
        for place, value in sorted([*edits.items(), *results.items()])
    ]
    kept = tuple(change for change in changes if change.before != change.after)
    count = len(before.keys() | after.keys())
    return Proof(kept, _digest(source), _digest(filled), count, len(old.sheets))


def _fail(faults: list[Phrase]) -> None:
    """Raise ProofFailed if there is any fault."""
    if faults:
        raise ProofFailed(
            N_("the filled form is not the downloaded one beside its cells: {what}"),
            what=_joined(faults[:_TOLD]),
        )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def differing(source: bytes, other: bytes) -> tuple[Edits, Results, list[Phrase]]:
    """What a file that was filled elsewhere has differently: cells, results of formulas, and all the rest."""
    old, new = read(source), read(other)
    edits: dict[Place, str | float] = {}
    results: dict[Place, Value] = {}
    if old.kind != new.kind or [sheet.name for sheet in old.sheets] != [sheet.name for sheet in new.sheets]:
        return {}, {}, [Phrase(N_("the file is of another kind, or has other sheets"), {})]
    faults: list[Phrase] = []
    for sheet, theirs in zip(old.sheets, new.sheets, strict=True):
        for at in sorted(sheet.cells.keys() | theirs.cells.keys()):
            place, cell, value = Place(sheet.name, *at), sheet.cell(*at), theirs.cell(*at).value
            if shown(cell.value) == shown(value):
                continue
            if cell.formula:
                results[place] = value
            else:
                edits[place] = value if isinstance(value, float) else shown(value)
            if not cell.formula and sheet.protected and cell.locked:
                faults.append(
                    Phrase(N_("{place} is locked by the form and was changed"), {"place": str(place)})
                )
    return edits, results, faults + differences(old.kind, source, other, edits.keys(), results.keys())


def _joined(faults: list[Phrase]) -> Phrase:
    """Several faults as one."""
    joined = "; ".join(f"{{part{number}}}" for number in range(len(faults)))
    return Phrase(joined, {f"part{number}": fault for number, fault in enumerate(faults)})


def _unlike(book: Book, wanted: Results) -> list[Phrase]:
    """The cells that do not hold what was meant for them."""
    return [
        Phrase(N_("{place} does not hold what was written"), {"place": str(place)})
        for place, value in wanted.items()
        if shown(_value(book, place)) != shown(value)
    ]


def _value(book: Book, place: Place) -> str | float | bool | None:
    sheet = book.sheet(place.sheet)
    return sheet.cell(place.row, place.column).value if sheet else None


def _read(cells: Mapping[Place, object], book: Book, place: Place) -> str:
    """A cell as a person reads it, dates as dates."""
    seen = cells.get(place)
    if isinstance(seen, dt.date):
        return f"{seen:%d.%m.%Y}"
    return shown(_value(book, place))


def _cells(content: bytes) -> Iterator[tuple[Place, object]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(n, book.get_sheet_by_name(n).to_python(skip_empty_area=False)) for n in book.sheet_names]
    except BaseException as error:
        if not isinstance(error, CalamineError) and type(error).__name__ != "PanicException":
            raise
        # what Rust breaks off with is no Exception, and its class cannot be imported
        raise FormDamaged(N_("the form cannot be read by a second reader")) from None
    for name, rows in sheets:
        for row, values in enumerate(rows, 1):
            for column, value in enumerate(values, 1):
                if value not in ("", None):
                    yield Place(name, row, column), value
