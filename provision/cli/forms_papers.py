"""The papers about a filled form, in the language of the site's papers."""

from __future__ import annotations

from printing.documents import office
from printing.documents.form_changes import CellLine, FormChanges, form_changes
from provision.cli.common import fill
from provision.forms.desk import Filled
from provision.locale import translator
from provision.site.site import Site


def changes_pdf(site: Site, done: Filled) -> bytes:
    """The list of what was written, to be signed."""
    school = site.inventory.school
    proof = done.proof
    lines = tuple(
        CellLine(str(c.place), c.before, c.after, c.computed) for c in (proof.changes if proof else ())
    )
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


def form_pdf(done: Filled) -> bytes:
    """The filled form as LibreOffice prints it. Raises OfficeMissing and OfficeFailed."""
    return office.to_pdf(done.content or b"", done.source.suffix)
