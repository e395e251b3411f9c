"""The beginning of a site: its folders, a commented inventory and an empty list of participants."""

from __future__ import annotations

import io
from importlib.resources import files
from pathlib import Path

from provision.site.site import INBOX, INVENTORY, OUT, STATE, private_folder

PARTICIPANTS = "participants.xlsx"
_COLUMNS = (
    ("Класс", 8),
    ("Фамилия", 22),
    ("Имя", 18),
    ("Отчество", 22),
    ("Аудитория", 12),
    ("Место", 8),
    ("Код участника", 15),
    ("Крупный шрифт", 16),
    ("Отсутствует", 13),
)


def start(directory: Path) -> list[Path]:
    """Make what a site needs in ``directory``; nothing that exists is touched.

    The list has headings and no pupil: an example row would be printed as a pupil if it were forgotten.
    Returns what was made, in order. Raises OSError when a file cannot be written.
    """
    made: list[Path] = []
    for folder in (directory, directory / INBOX, directory / OUT):
        if not folder.is_dir():
            folder.mkdir(parents=True)
            made.append(folder)
    state = directory / STATE
    if not state.is_dir():
        made.append(private_folder(state))
    example = files("provision.site").joinpath("inventory.example.yaml")
    for name, content in ((INVENTORY, example.read_bytes()), (PARTICIPANTS, _empty_list())):
        file = directory / name
        if not file.exists():
            with file.open("xb") as stream:
                stream.write(content)
            made.append(file)
    return made


def _empty_list() -> bytes:
    """An .xlsx with the headings; every column is text, so that codes keep their leading zeros."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow to import, and only 'init' needs it
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    sheet.title = "Участники"
    sheet.freeze_panes = "A2"
    for number, (heading, width) in enumerate(_COLUMNS, 1):
        cell = sheet.cell(1, number, heading)
        cell.font = Font(bold=True)
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width, column.number_format = width, "@"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
