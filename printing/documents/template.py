"""The downloaded template of a paper protocol, filled in place.

Its table is found by its heads, in the spellings that are usual in schools. Only cells of that table are
written; every other part of the file is copied byte for byte. In doubt nothing is filled.
"""

from __future__ import annotations

from typing import Literal

from printing.documents.columns import filled_rows
from printing.documents.room import RoomSheet


def fill_protocol_template(template: bytes, kind: Literal["docx", "xlsx"], sheet: RoomSheet) -> bytes:
    """Fill ``template`` with the room's seats and spares; names only where ``sheet.with_names``.

    Raises :class:`printing.errors.TemplateRefused`, naming what was not found.
    """
    rows = filled_rows(sheet)
    # The libraries for either take long to import, and printers would wait for them.
    if kind == "docx":
        from printing.documents import template_docx  # noqa: PLC0415

        return template_docx.fill(template, rows)
    from printing.documents import template_xlsx  # noqa: PLC0415

    return template_xlsx.fill(template, rows)
