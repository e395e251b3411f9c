"""Small inventories and lists to make mistakes in."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from provision.errors import ProblemsError
from provision.site.inventory import load_inventory

GOOD = """\
school:
  name: Школа
  time_zone: Europe/Moscow
profile:
  variants: 2
printers:
  - name: Первый
    queue: folder:out/print
    pools: [основной]
rooms:
  - number: 201
    rows: 3
    columns: 3
    without: [3В]
    printer: Первый
  - number: 204
    rows: 2
    columns: 3
    pool: основной
    workstations:
      - {seat: 1А, host: 127.0.204.1}
      - {seat: 1Б, host: 127.0.204.2}
exams:
  - id: ma-7a
    subject: Математика
    class: 7А
    date: 2027-04-15
    start: 09:00
    rooms: [201]
  - id: en-7a
    subject: Английский язык
    class: 7А
    date: 2027-04-16
    start: 09:00
    rooms: [204]
    oral: true
"""


def edited(*edits: tuple[str, str]) -> str:
    """The good inventory with texts replaced at their first place; every edit must find its text."""
    text = GOOD
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, part: str) -> int:
    """The line, from 1, that alone holds ``part``."""
    lines = [n for n, line in enumerate(text.splitlines(), 1) if part in line]
    assert len(lines) == 1, (part, lines)
    return lines[0]


def said(error: ProblemsError) -> list[str]:
    """The problems as people see them: ``file:line: what — cure``."""
    return [
        f"{p.file.name}:{p.line}: {p.what.format(**p.params)} — {p.cure.format(**p.params)}"
        for p in error.problems
    ]


def mistakes(folder: Path, content: str | bytes) -> list[str]:
    """What is said of an inventory with ``content``; empty when it is right."""
    file = folder / "inventory.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        load_inventory(file)
    except ProblemsError as error:
        return said(error)
    return []


def workbook(file: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    """An .xlsx with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file
