"""The example school: complete, the same at each build, and packed as real downloads are."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import libarchive
import pypdf
import pytest

from provision.example.build import CIPHERS, FolderNotEmpty, build
from provision.example.names import PUPILS
from provision.example.tables import SPARE_CODES, codes
from provision.site.model import Printer, Room
from provision.site.site import Site, open_site
from provision.site.table import read_sheets

ARCHIVES = {"Математика": "5d1f0c2e.zip", "Английский язык": "5d1f0c2e (1).zip"}


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "school"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def site(school: Path) -> Site:
    return open_site(school, lambda: dt.datetime(2027, 4, 15, 4, 30, tzinfo=dt.UTC))


def members(archive: Path, cipher: str) -> Iterator[tuple[str, bytes]]:
    with libarchive.file_reader(str(archive), header_codec="cp866", passphrase=cipher) as entries:
        for entry in entries:
            yield entry.pathname, b"".join(entry.get_blocks())


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_every_build_gives_the_same_bytes(school: Path, tmp_path: Path) -> None:
    build(tmp_path / "again", with_template=True)
    again = digests(tmp_path / "again")
    assert again.pop("inbox/Документ3.docx")
    assert again == digests(school)
    assert len(again) == 13


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text("school: {}\n")
    with pytest.raises(FolderNotEmpty):
        build(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["inventory.yaml"]


def test_pupils_are_43_and_no_two_are_alike() -> None:
    names = [name for listed in PUPILS.values() for name in listed]
    assert {class_name: len(listed) for class_name, listed in PUPILS.items()} == {"7А": 22, "7Б": 21}
    assert len(set(names)) == 43


def test_the_site_opens_without_a_complaint(site: Site) -> None:
    roster = site.roster
    assert {c: len(roster.of_class(c)) for c in ("7А", "7Б")} == {"7А": 22, "7Б": 21}
    assert {p.name.reveal() for p in roster.participants} == {n for listed in PUPILS.values() for n in listed}
    assert [(p.class_name, p.room, p.seat) for p in roster.participants if p.seat] == [("7Б", "202", "1Г")]
    assert len([p for p in roster.participants if p.large_print]) == 1
    assert len([p for p in roster.participants if p.note]) == 1


def test_large_print_has_a_printer_with_a3(site: Site) -> None:
    (pupil,) = (p for p in site.roster.participants if p.large_print)
    rooms = {number for e in site.inventory.exams if e.class_name == pupil.class_name for number in e.rooms}

    def prints(printer: Printer, room: Room) -> bool:
        return room.printer == printer.name or room.pool in printer.pools

    for number in rooms:
        assert any(p.a3 and prints(p, site.inventory.room(number)) for p in site.inventory.printers)


def test_codes_differ_and_leave_spares(school: Path) -> None:
    (sheet,) = read_sheets(school / "inbox" / "export_14042027.xlsx")
    listed = [row.cells[2] for row in sheet.rows if row.cells[0] in PUPILS]
    assert listed == [code for class_codes in codes().values() for code in class_codes]
    assert len(set(listed)) == len(listed) == 43 + 2 * SPARE_CODES
    assert all(len(code) == 5 and code.isdigit() for code in listed)


@pytest.mark.parametrize("subject", CIPHERS, ids=["mathematics", "english"])
def test_an_archive_opens_with_the_cipher_of_its_note(school: Path, subject: str) -> None:
    notes = [file.read_bytes().decode("cp1251") for file in (school / "inbox").glob("*.txt")]
    assert f"Шифр: {CIPHERS[subject]}\r\n" in notes
    names = [name for name, _ in members(school / "inbox" / ARCHIVES[subject], CIPHERS[subject])]
    assert names == [f"{subject} 7 класс вариант 1.pdf", f"{subject} 7 класс вариант 2.pdf"]


@pytest.mark.parametrize("cipher", ["неверный", CIPHERS["Английский язык"]], ids=["wrong", "other"])
def test_another_cipher_does_not_open_it(school: Path, cipher: str) -> None:
    with pytest.raises(libarchive.ArchiveError, match=r"(?i)incorrect passphrase"):
        list(members(school / "inbox" / ARCHIVES["Математика"], cipher))


def test_names_are_cp866_without_the_utf8_flag_and_aes_256(school: Path) -> None:
    with zipfile.ZipFile(school / "inbox" / ARCHIVES["Математика"]) as archive:
        for entry in archive.infolist():
            assert not entry.flag_bits & 0x800
            assert entry.filename.encode("cp437").decode("cp866").startswith("Математика 7 класс")
            assert entry.compress_type == 99
            assert entry.extra[:2] == b"\x01\x99"
            assert entry.extra[8] == 3, "strength 3 is 256 bits"


@pytest.mark.parametrize(("subject", "pages"), [("Математика", 8), ("Английский язык", 6)], ids=["ma", "en"])
def test_variants_are_sound_and_differ(school: Path, tmp_path: Path, subject: str, pages: int) -> None:
    texts = []
    for number, (_, data) in enumerate(members(school / "inbox" / ARCHIVES[subject], CIPHERS[subject])):
        file = tmp_path / f"{number}.pdf"
        file.write_bytes(data)
        subprocess.run(["qpdf", "--check", file], check=True, capture_output=True)
        reader = pypdf.PdfReader(file)
        assert len(reader.pages) == pages
        texts.append([page.extract_text() for page in reader.pages])
        if subject == "Английский язык":
            assert 1_500_000 < len(data) < 2_000_000
    assert all(one != other for one, other in zip(*texts, strict=True))
