"""The downloaded template of a paper protocol, filled in place.

Its table is found by its heads, in the spellings that are usual in schools. Only cells of that table are
written; every other part of the file is copied byte for byte. In doubt nothing is filled.
"""

from __future__ import annotations

from typing import Literal

from printing.documents import template_docx, template_xlsx
from printing.documents.columns import filled_rows
from printing.documents.room import RoomSheet


def fill_protocol_template(template: bytes, kind: Literal["docx", "xlsx"], sheet: RoomSheet) -> bytes:
    """Fill ``template`` with the room's seats and spares; names only where ``sheet.with_names``.

    Raises :class:`printing.errors.TemplateRefused`, naming what was not found.
    """
    rows = filled_rows(sheet)
    return template_docx.fill(template, rows) if kind == "docx" else template_xlsx.fill(template, rows)
