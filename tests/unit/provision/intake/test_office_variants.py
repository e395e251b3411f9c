"""Variants that came as DOCX or DOC: from the inbox through LibreOffice to kits, with nothing left behind."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from docx.shared import Mm
from PIL import Image, ImageDraw
from pypdf import PdfReader

from printing.batch import Assembler
from printing.documents import office
from printing.documents.stamp import StampPainter
from printing.kit import Kit
from printing.verify import agree
from provision.intake.catalog import catalogue, open_tasks
from tests.unit.provision.intake import builders as make
from tests.unit.provision.intake.test_catalog import fill, inventory

TASKS = {"1": "Найдите значение выражения 7/12 + 5/18.", "2": "Сколько литров воды в пяти бочках?"}


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every place where a conversion could leave something is this test's own, and empty at the end."""
    own = {"RAM disk": office.RAM_DISK / f"test-variants-{os.getpid()}"}
    own |= {name: tmp_path / name for name in ("TMPDIR", "HOME")}
    for folder in own.values():
        folder.mkdir(mode=0o700)
    monkeypatch.setattr(office, "RAM_DISK", own["RAM disk"])
    for name in ("TMPDIR", "HOME"):
        monkeypatch.setenv(name, str(own[name]))
    yield
    left = [str(path) for folder in own.values() for path in folder.rglob("*")]
    shutil.rmtree(own["RAM disk"])
    assert left == []


def picture() -> io.BytesIO:
    image = Image.new("L", (600, 400), 255)
    ImageDraw.Draw(image).polygon([(40, 360), (560, 360), (300, 40)], outline=0, fill=200, width=6)
    out = io.BytesIO()
    image.save(out, "PNG")
    out.seek(0)
    return out


def variant(label: str) -> bytes:
    """Two pages: a task with a table and a picture, then one line."""
    made = docx.Document()
    made.sections[0].page_width, made.sections[0].page_height = Mm(210), Mm(297)
    made.add_heading(f"Проверочная работа. Вариант {label}", 1)
    made.add_paragraph(TASKS[label])
    table = made.add_table(rows=2, cols=3)
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, ("Город", "Население", "Площадь"), strict=True):
        cell.text = text
    made.add_picture(picture(), width=Mm(90))
    made.add_paragraph(f"Конец варианта {label}").paragraph_format.page_break_before = True
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def as_doc(document: bytes, folder: Path) -> bytes:
    """The same in Word's old binary format, as LibreOffice writes it."""
    folder.mkdir()
    (folder / "made.docx").write_bytes(document)
    home = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", "doc", "--outdir", str(folder)]
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder)}
    subprocess.run(
        [*command, str(folder / "made.docx")], env=environment, check=True, capture_output=True, timeout=120
    )
    return (folder / "made.doc").read_bytes()


def test_word_variants_become_kits_and_nothing_stays(tmp_path: Path) -> None:
    members = {
        "МА7 вариант 1.docx": variant("1"),
        "МА7 вариант 2.doc": as_doc(variant("2"), tmp_path / "word"),
        "МА7 ответы.docx": variant("1"),
    }
    archive = make.zip_aes(members, cp866=True)
    files = {"загрузка.zip": archive, "шифр.txt": make.CIPHER.encode()}
    inbox = fill(tmp_path / "inbox", files)

    opened = open_tasks(catalogue(inbox, inventory()), "ma-7a")
    assert list(opened) == ["1", "2"]
    for label, pdf in opened.items():
        first, last = PdfReader(io.BytesIO(pdf)).pages
        assert TASKS[label] in first.extract_text()
        assert "Население" in first.extract_text()
        assert [image.image.size for image in first.images if image.image] == [(600, 400)]
        assert f"Конец варианта {label}" in last.extract_text()

    assembler = Assembler(opened, StampPainter(["code", "kit", "page"], "datamatrix", "7A4K2M", str))
    assert assembler.without_zone() == ()
    assert [assembler.pages(label) for label in opened] == [2, 2]
    kits = [Kit(n, f"204-0{n}", f"1000{n}", str(n), "204", "1А") for n in (1, 2)]
    out = io.BytesIO()
    batch = assembler.write(kits, out)
    agree(out.getvalue(), batch)
    pages = [page.extract_text() for page in PdfReader(out).pages]
    assert [TASKS["1"] in pages[0], TASKS["2"] in pages[2]] == [True, True]
    assert ["10001" in page for page in pages] == [True, True, False, False]
    assert sorted(path.name for path in inbox.iterdir()) == sorted(files)
