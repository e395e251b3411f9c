"""The smallest school whose morning is a whole one: one class, one room, twelve kits of one or two pages."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

EXAM, ROOM, PRINTER = "ma-7a", "204", "Laser"
PUPILS, SPARES = 11, 1
KITS = PUPILS + SPARES

_INVENTORY = """school: {{name: Crash Test School, time_zone: Europe/Moscow, language: ru}}
participants: participants.csv
profile: {{variants: 2, spare_kits_per_room: {spares}}}
printers:
  - {{name: {printer}, queue: "{queue}", ppm: 30}}
rooms:
  - {{number: "{room}", rows: 4, columns: 4, printer: {printer}}}
exams:
  - {{id: {exam}, subject: Математика, class: 7А, date: 2027-04-15, start: 09:00, rooms: ["{room}"]}}
"""


def build(folder: Path, queue: str) -> None:
    """Write the school into ``folder``; it prints to ``queue``."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    (folder / "inventory.yaml").write_text(
        _INVENTORY.format(queue=queue, printer=PRINTER, room=ROOM, exam=EXAM, spares=SPARES)
    )
    pupils = [f"7А;Проверочный Ученик {'АБВГДЕЖЗИКЛМ'[n]}" for n in range(PUPILS)]
    (folder / "participants.csv").write_text("\n".join(["Класс;ФИО", *pupils]) + "\n")
    codes = [f"7А;{50_007 + 731 * n}" for n in range(KITS + 2)]
    (inbox / "codes.csv").write_text("\n".join(["Класс;Код участника", *codes]) + "\n")
    with zipfile.ZipFile(inbox / "tasks.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for variant in (1, 2):
            archive.writestr(f"Математика 7 класс вариант {variant}.pdf", _variant(variant))


def _variant(number: int) -> bytes:
    """A variant of as many pages as its number says."""
    out = io.BytesIO()
    canvas = Canvas(out, A4, invariant=True)
    for page in range(number):
        canvas.drawString(80, 700, f"variant {number}, page {page + 1}: solve this task")
        canvas.showPage()
    canvas.save()
    return out.getvalue()
