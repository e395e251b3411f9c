"""The inbox as tables and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.markup import escape
from rich.table import Table

from provision.cli.common import fill
from provision.cli.summary import exam_name
from provision.cli.tables import table
from provision.errors import N_
from provision.intake.model import Arrival, Catalog, Kind
from provision.locale import gettext as _
from provision.site.model import Inventory
from provision.site.surnames import Surnames
from provision.status import KIND_WORDS

_SHOWN = (Kind.TASKS, Kind.CIPHER, Kind.CODES, Kind.BRIEFING, Kind.PROTOCOL, Kind.INSTRUCTIONS, Kind.CRITERIA)

_FORMATS = {
    "text": N_("text"),
    "html": N_("web page"),
    "program": N_("program"),
    "empty": N_("empty"),
    "binary": N_("unknown"),
}
"""Formats that have no name of their own, like zip or xlsx."""


def catalog_tables(catalog: Catalog, inventory: Inventory) -> Iterator[Table]:
    """First what came and what it was taken for, then what each exam has and lacks."""
    rows = [
        (escape(a.path.name), escape(_format(a)), _kind(a), ", ".join(a.exams) or "—", escape(_evidence(a)))
        for a in catalog.arrivals
    ]
    yield table(_("Inbox"), (N_("file"), N_("format"), N_("is"), N_("for exam"), N_("because")), rows)
    missing = {(m.exam, m.kind): m.needed for m in catalog.missing}
    cells = []
    for exam in inventory.exams:
        row = [escape(exam_name(exam))]
        for kind in _SHOWN:
            needed = missing.get((exam.id, kind))
            if needed is None:
                row.append("[green]✓[/]" if _here(catalog, exam.id, kind) else "—")
            else:
                word, style = (_("MISSING"), "bold red") if needed else (_("no"), "dim")
                row.append(f"[{style}]{word}[/]")
        cells.append(row)
    yield table(_("By exam"), [N_("exam"), *(KIND_WORDS[kind] for kind in _SHOWN)], cells)


def _here(catalog: Catalog, exam: str, kind: Kind) -> bool:
    """Whether a kind is here; a cipher counts when it opens the exam's archive."""
    if kind is Kind.CIPHER:
        return any(a.opened_by is not None for a in catalog.of(exam, Kind.TASKS))
    return bool(catalog.of(exam, kind))


def _format(arrival: Arrival) -> str:
    word = _FORMATS.get(arrival.container)
    return _(word) if word else arrival.container


def _kind(arrival: Arrival) -> str:
    word = _(KIND_WORDS[arrival.kind])
    return f"[yellow]{word}[/]" if arrival.kind is Kind.UNKNOWN or arrival.problem else word


def _evidence(arrival: Arrival) -> str:
    """Why it was taken for this; what is wrong with it comes first."""
    if arrival.problem:
        return fill(arrival.problem, arrival.problem_params or {})
    return fill(arrival.evidence, arrival.params)


def catalog_json(catalog: Catalog, pupils: Surnames) -> dict[str, Any]:
    """The catalogue as data: names of files, never their content. Where a name of a file holds a pupil's, it
    is masked: data is passed on."""
    mask = pupils.mask
    return {
        "arrivals": [
            {
                "file": mask(a.path.name),
                "format": a.container,
                "kind": str(a.kind),
                "exams": list(a.exams),
                "encrypted": a.encrypted,
                "opened_by": mask(a.opened_by.name) if a.opened_by else None,
                "evidence": mask(fill(a.evidence, a.params)),
                "problem": mask(fill(a.problem, a.problem_params or {})) if a.problem else None,
            }
            for a in catalog.arrivals
        ],
        "missing": [{"exam": m.exam, "kind": str(m.kind), "needed": m.needed} for m in catalog.missing],
    }
