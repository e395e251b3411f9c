"""A school with many rooms of one exam, whose kits have eight pages of 2 MB in all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.assemble import PAGES, make_variant
from provision.example.containers import encrypted_archive

SUBJECT = "Математика"
SHEETS_PER_KIT = PAGES
PPM = 30
_CIPHER = "Bench-4711"
_COLUMNS = 5

_INVENTORY = """school: {{name: Throughput Test School, time_zone: Europe/Moscow, language: ru}}
participants: participants.csv
profile: {{variants: 2, spare_kits_per_room: 0, kits_per_job: {kits_per_job}}}
printers:
{printers}
rooms:
{rooms}
exams:
  - {{id: ma-7a, subject: {subject}, class: 7А, date: 2027-04-15, start: 09:00, rooms: [{numbers}]}}
"""


def archive() -> bytes:
    """The encrypted archive with the two variants; slow to make, so made once."""
    names = {f"{SUBJECT} 7 класс вариант {n}.pdf": make_variant(str(n)) for n in (1, 2)}
    return encrypted_archive(names, _CIPHER)


def build(
    folder: Path, tasks: bytes, queues: Sequence[str], rooms: int, kits: int, kits_per_job: int = 1
) -> None:
    """Write a school into ``folder``: ``rooms`` of ``kits`` pupils each, in turn on the printers whose
    addresses ``queues`` are."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    numbers = [f'"{201 + n}"' for n in range(rooms)]
    rows = -(-kits // _COLUMNS)
    columns = min(kits, _COLUMNS)
    # one seat for each pupil, so that every room gets as many kits
    without = ", ".join(f"{rows}{letter}" for letter in "АБВГД"[columns - (rows * columns - kits) : columns])
    inventory = _INVENTORY.format(
        kits_per_job=kits_per_job,
        subject=SUBJECT,
        printers="\n".join(
            f'  - {{name: Laser{n}, queue: "{queue}", ppm: {PPM}}}' for n, queue in enumerate(queues)
        ),
        rooms="\n".join(
            f"  - {{number: {number}, rows: {rows}, columns: {columns}, without: [{without}], "
            f"printer: Laser{n % len(queues)}}}"
            for n, number in enumerate(numbers)
        ),
        numbers=", ".join(numbers),
    )
    (folder / "inventory.yaml").write_text(inventory)
    pupils = [f"7А;Ученик {_letters(n)}" for n in range(rooms * kits)]
    (folder / "participants.csv").write_text("\n".join(["Класс;ФИО", *pupils]) + "\n")
    codes = [f"7А;{10_007 + 311 * n}" for n in range(rooms * kits)]
    (inbox / "codes.csv").write_text("\n".join(["Класс;Код участника", *codes]) + "\n")
    (inbox / "tasks.zip").write_bytes(tasks)
    (inbox / "шифр.txt").write_text(f"Шифр: {_CIPHER}\n")


def _letters(number: int) -> str:
    """A name of its own for each number."""
    alphabet = "абвгдежиклмнопрст"
    tail = "".join(alphabet[number // len(alphabet) ** place % len(alphabet)] for place in (2, 1, 0))
    return f"{tail.capitalize()} {tail.capitalize()}"
