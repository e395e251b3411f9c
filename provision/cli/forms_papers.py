"""The papers about a filled form, in the language of the site's papers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from printing.documents import office
from printing.documents.form_changes import CellLine, FormChanges, form_changes
from provision.cli.common import fill
from provision.forms.book import letters
from provision.forms.desk import Filled
from provision.forms.proof import Change
from provision.locale import translator
from provision.site.site import Site


def changes_pdf(site: Site, done: Filled) -> bytes:
    """The list of what was written, to be signed."""
    school = site.inventory.school
    proof = done.proof
    lines = tuple(_lines(proof.changes)) if proof else ()
    lacks = [*done.filling.missing, *done.filling.refused]
    found = FormChanges(
        school.name,
        done.mapping.title,
        done.source.name,
        site.now(),
        proof.source if proof else "",
        proof.filled if proof else "",
        proof.cells if proof else 0,
        proof.sheets if proof else 0,
        lines,
        tuple(f"{lack.place}: {fill(lack.what.template, lack.what.params)}" for lack in lacks),
    )
    return form_changes(found, translator(school.language))


_TOGETHER = 3
"""So many cells side by side are one line: a row of marks is read as a row."""


def _lines(changes: Sequence[Change]) -> Iterator[CellLine]:
    """A line for each cell, one for each row of a table."""
    runs: list[list[Change]] = []
    for change in changes:
        if runs and _follows(runs[-1][-1], change):
            runs[-1].append(change)
        else:
            runs.append([change])
    for run in runs:
        if len(run) >= _TOGETHER:
            yield CellLine(_span(run), _row(c.before for c in run), _row(map(_after, run)), computed=False)
        else:
            yield from (CellLine(str(c.place), c.before, c.after, c.computed) for c in run)


def _follows(one: Change, other: Change) -> bool:
    next_to = replace(one.place, column=one.place.column + 1)
    return next_to == other.place


def _after(change: Change) -> str:
    """A value in its row; what the form computed has a sign of equality before it."""
    return f"= {change.after}" if change.computed else change.after


def _span(run: Sequence[Change]) -> str:
    last = run[-1].place
    return f"{run[0].place}:{letters(last.column)}{last.row}"


def _row(texts: Iterable[str]) -> str:
    listed = list(texts)
    return " · ".join(listed) if any(listed) else ""


def form_pdf(done: Filled) -> bytes:
    """The filled form as LibreOffice prints it. Raises OfficeMissing and OfficeFailed."""
    return office.to_pdf(done.content or b"", done.source.suffix)
