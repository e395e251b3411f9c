"""The use cases behind ``provision forms``: which forms there are; one filled, proved and kept."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from printing.documents import office
from printing.documents.office import OfficeMissing
from provision.errors import N_, Phrase, Problem, ProblemsError
from provision.forms import xls_write, xlsx, xlsx_write
from provision.forms.away import DRAFT
from provision.forms.book import Book, Place, Value, error_code
from provision.forms.draft import draft
from provision.forms.errors import FormNeedsOffice, FormNotReady, FormRefused, NoSuchForm
from provision.forms.filling import Filling, Lack, plan_filling
from provision.forms.mapping import FOLDER, SUFFIXES, FormKind, FormMapping, read_mapping
from provision.forms.marks import Work, compare
from provision.forms.marks_store import FIRST, SECOND
from provision.forms.marks_vault import Marks
from provision.forms.proof import Proof, differing, prove, read
from provision.forms.values import Data
from provision.ledger import Ledger
from provision.ledger import forms as log
from provision.ledger.forms import Step
from provision.site.site import Site, private_folder

FORM_BYTES: Final = 16 * 1024 * 1024
"""The biggest form that is read; real ones have some hundred kilobytes."""
_DIGITS = 1e-9
"""Two results of a formula that differ by less, for their size, are the same."""


def mappings(site: Site) -> tuple[FormMapping, ...]:
    """All mappings of the site, by name. Raises ProblemsError with every mistake of all of them."""
    exams = tuple(exam.id for exam in site.inventory.exams)
    found: list[FormMapping] = []
    problems: list[Problem] = []
    for path in sorted((site.root / FOLDER).glob("*.yaml")):
        mapping, wrong = read_mapping(path, exams)
        problems += wrong
        if mapping is not None:
            found.append(mapping)
    if problems:
        raise ProblemsError(problems)
    return tuple(found)


def named(site: Site, key: str) -> FormMapping:
    """The mapping of that name, or the only one whose name begins so. Raises NoSuchForm."""
    known = mappings(site)
    hits = [one for one in known if one.key == key] or [one for one in known if one.key.startswith(key)]
    if len(hits) != 1:
        names = ", ".join(one.key for one in known) or "—"
        raise NoSuchForm(N_("there is no form '{key}'; there are: {names}"), key=key, names=names)
    return hits[0]


def draft_mapping(site: Site, name: str, file: Path) -> Path:
    """Write a first mapping of the form in ``file``. Raises FormNotReady where one of that name is there."""
    path = site.root / FOLDER / f"{name.removesuffix('.yaml')}.yaml"
    if path.exists() or not re.fullmatch(r"[\w-]+", path.stem):
        raise FormNotReady(N_("{name} is taken, or no name for a mapping"), name=path.name)
    text = draft(read(bounded(file)), file.name, [exam.id for exam in site.inventory.exams])
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def found_file(site: Site, mapping: FormMapping) -> Path | None:
    """The downloaded form of a mapping: in the site's folder forms, else in the inbox; None when it is not
    here yet. Raises FormRefused when several files could be it."""
    for folder in (site.root / FOLDER, site.inbox):
        hits = [
            path
            for path in sorted(folder.glob("*"))
            if path.suffix.lower() in SUFFIXES and path.is_file() and mapping.matches(path.name)
        ]
        if len(hits) > 1:
            names = ", ".join(path.name for path in hits)
            what = N_("several files could be the form {form}: {names}")
            raise FormRefused(what, form=mapping.key, names=names)
        if hits:
            return hits[0]
    return None


def content_of(site: Site, mapping: FormMapping) -> tuple[Path, bytes]:
    """The downloaded form and its bytes. Raises NoSuchForm while it is not here."""
    path = found_file(site, mapping)
    if path is None:
        raise NoSuchForm(
            N_("the form {file} is not here yet: download it into {folder}"),
            file=mapping.file,
            folder=site.inbox.name,
        )
    return path, bounded(path)


def bounded(path: Path) -> bytes:
    """The bytes of a file that is not too big to be a form."""
    with path.open("rb") as file:
        content = file.read(FORM_BYTES + 1)
    if len(content) > FORM_BYTES:
        raise FormRefused(
            N_("{file} is bigger than {limit} MB; it is not read"), file=path.name, limit=FORM_BYTES >> 20
        )
    return content


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled; without content and proof where it is not whole and no draft was wanted."""

    mapping: FormMapping
    source: Path
    book: Book
    filling: Filling
    content: bytes | None = None
    proof: Proof | None = None
    notes: tuple[Phrase, ...] = ()


def planned(site: Site, mapping: FormMapping, marks: Marks | None = None) -> Filled:
    """What filling a form would do; nothing is written, and LibreOffice is not started. ``marks``: for a form
    of results."""
    path, source = content_of(site, mapping)
    book = read(source)
    works, lacks = entered(mapping, marks)
    filling = plan_filling(book, mapping, Data.of(site, mapping, works))
    filling.missing += lacks
    return Filled(mapping, path, book, filling, notes=tuple(_notes(book, filling)))


def filled(site: Site, mapping: FormMapping, marks: Marks | None = None, *, draft: bool = False) -> Filled:
    """Fill a form in memory and prove it. Raises FormError, ProblemsError for a mapping that does not fit."""
    plan = planned(site, mapping, marks)
    book, filling, notes = plan.book, plan.filling, list(plan.notes)
    if not filling.whole and not draft:
        return plan
    source = bounded(plan.source)
    write = xls_write.write if book.kind == "xls" else xlsx_write.write
    content = write(source, filling.edits)
    results: dict[Place, Value] = {}
    if book.formulas and filling.edits:
        results, kept = recomputed(book, content)
        content = write(source, filling.edits, results)
        notes += kept
    proof = prove(source, content, filling.edits, results)
    return replace(plan, content=content, proof=proof, notes=tuple(notes))


def _notes(book: Book, filling: Filling) -> Sequence[Phrase]:
    notes = []
    if book.macros:
        notes.append(Phrase(N_("the form has macros: they are kept as they are and were not run"), {}))
    if book.links:
        said = {"names": ", ".join(book.links)}
        notes.append(Phrase(N_("the form refers to other files ({names}): they were not opened"), said))
    if filling.unchecked:
        what = N_("{count} cells have a rule that only an office program can check: {places}")
        places = ", ".join(filling.unchecked[:5])
        notes.append(Phrase(what, {"places": places, "count": len(filling.unchecked)}))
    return notes


def recomputed(book: Book, content: bytes) -> tuple[dict[Place, Value], list[Phrase]]:
    """What the formulas give now, where that is something else than the form holds; computed by LibreOffice.

    A form is read by programs that trust what stands in it: without this, sums would be those of the empty
    form. Where LibreOffice cannot compute what the form's own program could, the old value stays and a note
    says so. Raises FormNeedsOffice and OfficeFailed.
    """
    try:
        fresh = xlsx.read(office.recomputed(content, f".{book.kind}"))
    except OfficeMissing:
        raise FormNeedsOffice(N_("the form computes values, and LibreOffice is not installed")) from None
    found: dict[Place, Value] = {}
    notes: list[Phrase] = []
    for sheet in book.sheets:
        other = fresh.sheet(sheet.name)
        for (row, column), cell in sheet.cells.items():
            if not cell.formula:
                continue
            place = Place(sheet.name, row, column)
            value = other.cell(row, column).value if other else None
            if _same(cell.value, value):
                continue
            if error_code(value) is not None and error_code(cell.value) is None and cell.value is not None:
                what = N_("{place} could not be computed here; look at it")
                notes.append(Phrase(what, {"place": str(place)}))
                continue
            found[place] = value if value is not None else ""
    return found, notes


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= _DIGITS * max(abs(one), abs(other), 1.0)
    return (one if one is not None else "") == (other if other is not None else "")


def entered(mapping: FormMapping, marks: Marks | None) -> tuple[Mapping[str, Sequence[Work]], list[Lack]]:
    """The marks for a form, and why they may not go into it yet."""
    works: dict[str, Sequence[Work]] = {}
    lacks: list[Lack] = []
    if mapping.kind is not FormKind.RESULTS:
        return works, lacks
    if marks is None:
        raise ValueError(mapping.key)  # an empty form would be taken for a class without marks
    for exam in mapping.exams:
        first, second = marks.works(exam, FIRST), marks.works(exam, SECOND)
        works[exam] = first
        if second and (found := compare(first, second)):
            what = Phrase(N_("the two entries differ in {count} places"), {"count": len(found)})
            lacks.append(Lack(exam, what))
        if mapping.marks.twice and first and not second:
            once = Phrase(N_("the marks were entered once; a second entry is required"), {})
            lacks.append(Lack(exam, once))
    return works, lacks


def keep(site: Site, ledger: Ledger, done: Filled, who: str, *, draft: bool) -> Path:
    """Write the filled form for the person who uploads it, for the owner alone; and note it.

    It has the name of the downloaded one: forms are refused under another. Drafts are named so and not noted.
    """
    if done.content is None or done.proof is None:
        raise FormNotReady(N_("the form {form} is not whole; nothing was written"), form=done.mapping.key)
    path = filled_path(site, done, draft=draft)
    write_private(path, done.content)
    if not draft:
        proof = done.proof
        log.record(
            ledger,
            done.mapping.key,
            Step.FILLED,
            who,
            proof.filled,
            source=proof.source,
            cells=len(proof.changes),
        )
    return path


def filled_path(site: Site, done: Filled, *, draft: bool = False) -> Path:
    """Where a filled form lies."""
    return out_folder(site) / (f"{DRAFT}{done.source.name}" if draft else done.source.name)


def out_folder(site: Site) -> Path:
    """Where filled forms are put, made when absent, open to its owner alone."""
    site.out.mkdir(exist_ok=True)
    return private_folder(site.out / FOLDER)


def write_private(path: Path, content: bytes) -> None:
    """A file whole or not at all, for its owner alone."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


@dataclass(frozen=True, slots=True)
class Compared:
    """Another file set against the downloaded form: the cells that differ, and what else does."""

    changes: int
    places: tuple[Place, ...]
    faults: tuple[Phrase, ...]


def compared(site: Site, mapping: FormMapping, file: Path) -> Compared:
    """Whether a file that somebody filled elsewhere is still the downloaded form beside its values."""
    _path, source = content_of(site, mapping)
    edits, results, faults = differing(source, bounded(file))
    places = tuple(sorted([*edits, *results]))
    return Compared(len(places), places, tuple(faults))
