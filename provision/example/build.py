"""A complete school to learn and rehearse on: inventory, participants, and an inbox as ФИС ОКО would fill it.

Everything in it is invented. The same versions of the libraries give the same bytes at each build, the salts
of the encrypted archives included.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from provision.errors import N_, ProvisionError
from provision.example import english, forms, letters, mathematics, tables
from provision.example.containers import encrypted_archive

CIPHERS: Final = {"Математика": "kR7-2mVq-91Tz", "Английский язык": "Wp4-8sHd-60Lx"}
"""Subject, as in the names of the archives' members, -> what opens its archive."""


class FolderNotEmpty(ProvisionError):
    """The example is never written over somebody's files. ``params``: folder."""

    code = "folder-not-empty"
    remedy = N_("Name a folder that does not exist yet.")


def build(directory: Path, *, with_template: bool = False) -> None:
    """Write the example school into ``directory``, which must not exist or be empty.

    ``with_template`` adds a template of the paper protocol for mathematics; without it the protocols are
    printed in the product's own form, which needs no LibreOffice. Raises FolderNotEmpty and OSError.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise FolderNotEmpty(N_("The folder {folder} is not empty"), folder=directory)
    inbox = directory / "inbox"
    for folder in (inbox, directory / "out", directory / "forms"):
        folder.mkdir()
    inventory = files("provision.site") / "inventory.example.yaml"
    (directory / "inventory.yaml").write_bytes(inventory.read_bytes())
    (directory / "participants.xlsx").write_bytes(tables.participants_workbook())
    for name, data in _inbox().items():
        (inbox / name).write_bytes(data)
    for name, data in forms.forms().items():
        (directory / "forms" / name).write_bytes(data)
    if with_template:
        (inbox / "Документ3.docx").write_bytes(letters.protocol_template("Математика"))


def _inbox() -> dict[str, bytes]:
    """The downloads, under names that help nobody, as browsers and people leave them."""
    mathematics_members = {
        # the answers lie on a layer that is switched off: what prints them has not understood the file
        1: mathematics.draw_variant(1),
        2: mathematics.draw_variant(2, answers=True),
    }
    english_members = {
        # the second is stored sideways with /Rotate, as some printer drivers do
        1: english.draw_variant(1),
        2: english.draw_variant(2, sideways=True),
    }
    return {
        "5d1f0c2e.zip": _archive("Математика", mathematics_members),
        "5d1f0c2e (1).zip": _archive("Английский язык", english_members),
        "Новый текстовый документ.txt": _cipher_note("Математика"),
        "Новый текстовый документ (2).txt": _cipher_note("Английский язык"),
        "export_14042027.xlsx": tables.codes_workbook(),
        "Документ1.docx": letters.briefing(),
        "Документ2.docx": letters.instructions(),
    }


def _archive(subject: str, variants: dict[int, bytes]) -> bytes:
    members = {f"{subject} 7 класс вариант {number}.pdf": data for number, data in variants.items()}
    return encrypted_archive(members, CIPHERS[subject])


def _cipher_note(subject: str) -> bytes:
    return f"Шифр: {CIPHERS[subject]}\r\n".encode("cp1251")
