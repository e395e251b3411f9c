"""The folder of downloads: what is taken in, what is left alone, and that the plain copy is gone."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from printing.documents.paper import Paper
from provision.downloads import (
    CopyDiffers,
    DownloadsMissing,
    Left,
    Taken,
    Watcher,
    downloads_folder,
    still,
    take,
    watch,
)
from provision.example import letters, tables
from provision.example.build import CIPHERS
from provision.example.containers import encrypted_archive
from provision.intake.catalog import judged
from provision.intake.model import Kind
from provision.ledger import Ledger
from provision.ledger.arrivals import arrived
from provision.safe import Safe
from provision.secret import Secret
from provision.site.site import Site, open_site
from provision.vault import Kind as VaultKind
from provision.vault.errors import NoVault

CODES, BRIEFING = "export_14042027.xlsx", "Документ1.docx"
CIPHER, ARCHIVE = "Новый текстовый документ.txt", "5d1f0c2e.zip"


Arrive = Callable[..., None]


@pytest.fixture(scope="module", name="school")
def _school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the example's downloads are, with an archive of one small page."""
    folder = tmp_path_factory.mktemp("example")
    inbox = folder / "inbox"
    inbox.mkdir()
    inventory = resources.files("provision.site") / "inventory.example.yaml"
    (folder / "inventory.yaml").write_bytes(inventory.read_bytes())
    (folder / "participants.xlsx").write_bytes(tables.participants_workbook())
    page = Paper("Математика")
    page.text(20, 20, "Математика", 12)
    members = {"Математика 7 класс вариант 1.pdf": page.finish()}
    cipher = CIPHERS["Математика"]
    (inbox / ARCHIVE).write_bytes(encrypted_archive(members, cipher))
    (inbox / CIPHER).write_bytes(f"Шифр: {cipher}\r\n".encode("cp1251"))
    (inbox / CODES).write_bytes(tables.codes_workbook())
    (inbox / BRIEFING).write_bytes(letters.briefing())
    return folder


@pytest.fixture(name="site")
def _site(school: Path, tmp_path: Path) -> Site:
    """The example school before anything was downloaded."""
    root = tmp_path / "school"
    root.mkdir()
    for name in ("inventory.yaml", "participants.xlsx"):
        (root / name).write_bytes((school / name).read_bytes())
    return open_site(root)


@pytest.fixture(name="downloads")
def _downloads(tmp_path: Path) -> Path:
    folder = tmp_path / "Загрузки"
    folder.mkdir()
    return folder


@pytest.fixture(name="arrive")
def _arrive(school: Path, downloads: Path) -> Arrive:
    def arrive(*names: str) -> None:
        for name in names:
            (downloads / name).write_bytes((school / "inbox" / name).read_bytes())

    return arrive


def looks(watcher: Watcher, times: int = 2) -> list[Taken | Left]:
    return [one for _time in range(times) for one in watcher.look()]


def test_takes_in_what_is_for_an_exam_and_leaves_the_rest(
    site: Site, downloads: Path, arrive: Arrive
) -> None:
    watcher = Watcher(site, downloads)
    arrive(CODES, BRIEFING)
    (downloads / "отпуск.txt").write_text("Дорогие коллеги, завтра в девять", encoding="utf-8")
    found = looks(watcher)
    told = {one.name: type(one) for one in found}
    assert told == {CODES: Taken, BRIEFING: Taken, "отпуск.txt": Left}
    assert sorted(path.name for path in site.inbox.iterdir()) == [CODES, BRIEFING]
    assert [path.name for path in downloads.iterdir()] == ["отпуск.txt"]
    assert {path.stat().st_mode & 0o777 for path in site.inbox.iterdir()} == {0o600}
    assert site.inbox.stat().st_mode & 0o777 == 0o700
    record = arrived(Ledger(site.state))
    assert [(one.kind, one.where, one.plain_gone) for one in record] == [
        (Kind.CODES, "inbox", True),
        (Kind.BRIEFING, "inbox", True),
    ]
    assert CODES not in "".join(str(event) for event in Ledger(site.state).events())
    assert looks(watcher) == []


def test_what_still_grows_or_is_unfinished_is_left_alone(
    site: Site, downloads: Path, arrive: Arrive, school: Path
) -> None:
    watcher = Watcher(site, downloads)
    whole = (school / "inbox" / CODES).read_bytes()
    arrive(BRIEFING)
    for name in ("a.crdownload", f"{BRIEFING}.part", ".hidden", "~$lock.xlsx"):
        (downloads / name).write_bytes(whole)
    (downloads / "empty.xlsx").touch()
    (downloads / "link.xlsx").symlink_to(school / "inbox" / CODES)
    growing = downloads / CODES
    with growing.open("wb") as file:
        file.write(whole[:1000])
        file.flush()
        assert looks(watcher, 1) == []
        file.write(whole[1000:3000])
        file.flush()
        assert looks(watcher, 1) == []  # another size than at the look before
        assert looks(watcher, 1) == []  # the same size now, but a program still writes it
        assert not still(growing)
        file.write(whole[3000:])
    assert [one.name for one in looks(watcher)] == [CODES]
    assert (site.inbox / CODES).read_bytes() == whole
    assert (school / "inbox" / CODES).exists()


def test_what_lay_there_before_is_only_taken_when_asked(site: Site, downloads: Path, arrive: Arrive) -> None:
    arrive(CODES)
    watcher = Watcher(site, downloads)
    assert (watcher.skipped, looks(watcher)) == (1, [])
    assert [one.name for one in looks(Watcher(site, downloads, existing=True))] == [CODES]


def test_a_cipher_is_one_when_its_archive_is_here(site: Site, downloads: Path, arrive: Arrive) -> None:
    watcher = Watcher(site, downloads)
    arrive(CIPHER)
    (left,) = looks(watcher)
    assert isinstance(left, Left)
    arrive(ARCHIVE)
    taken = looks(watcher, 4)
    assert [(one.name, one.arrival.kind) for one in taken] == [(ARCHIVE, Kind.TASKS), (CIPHER, Kind.CIPHER)]
    assert list(downloads.iterdir()) == []


def test_the_same_content_is_kept_once_and_no_file_is_written_over(
    site: Site, downloads: Path, arrive: Arrive
) -> None:
    site.inbox.mkdir()
    (site.inbox / CODES).write_bytes(b"another file of that name")
    watcher = Watcher(site, downloads)
    arrive(CODES)
    looks(watcher)
    names = {"export_14042027.xlsx", "export_14042027 (2).xlsx"}
    assert {path.name for path in site.inbox.iterdir()} == names
    assert (site.inbox / CODES).read_bytes() == b"another file of that name"
    arrive(CODES)
    looks(watcher)
    assert {path.name for path in site.inbox.iterdir()} == names
    assert list(downloads.iterdir()) == []


def test_another_name_of_the_plain_copy_is_told(
    site: Site, downloads: Path, arrive: Arrive, tmp_path: Path
) -> None:
    watcher = Watcher(site, downloads)
    arrive(CODES)
    os.link(downloads / CODES, tmp_path / "copy")
    (taken,) = looks(watcher)
    assert isinstance(taken, Taken)
    assert not taken.plain_gone
    assert not arrived(Ledger(site.state))[0].plain_gone


def test_into_the_vault_goes_what_no_command_reads_from_the_inbox(
    site: Site, downloads: Path, arrive: Arrive
) -> None:
    with pytest.raises(NoVault):
        Watcher(site, downloads, all_to_vault=True)
    phrase = Secret("ключ от хранилища школы")
    safe, _paper = Safe.create(site, "specialist", phrase)
    watcher = Watcher(site, downloads, all_to_vault=True)
    arrive(CODES)
    (taken,) = looks(watcher)
    assert isinstance(taken, Taken)
    assert (taken.where, taken.plain_gone) == ("vault", True)
    assert not site.inbox.exists()
    vault = safe.vault.open("specialist", phrase)
    item = vault.newest(CODES)
    assert (item.kind, item.sha256) == (VaultKind.CODES, taken.arrival.sha256)
    assert safe.standing(deep=True).sound
    report = "Статистика по отметкам\nпредмет: Математика, 7 класс, 7А и 7Б"
    (downloads / "отчёт.txt").write_text(report, encoding="utf-8")
    (found,) = looks(Watcher(site, downloads, existing=True))
    assert isinstance(found, Taken)
    assert (found.arrival.kind, found.where, set(found.arrival.exams)) == (
        Kind.REPORT,
        "vault",
        {"ma-7a", "ma-7b"},
    )


def test_a_file_that_changes_while_it_is_taken_in_is_not_removed(
    site: Site, downloads: Path, arrive: Arrive
) -> None:
    arrive(CODES)
    path = downloads / CODES
    arrival = judged(path, site.inbox, site.inventory)
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(CopyDiffers):
        take(site, Ledger(site.state), path, arrival, None)
    assert path.exists()
    assert arrived(Ledger(site.state)) == ()


def test_killed_between_copy_and_removal_it_goes_on(site: Site, downloads: Path, arrive: Arrive) -> None:
    arrive(CODES)
    site.inbox.mkdir()
    (site.inbox / CODES).write_bytes((downloads / CODES).read_bytes())
    told: list[Taken | Left] = []
    watch(Watcher(site, downloads, existing=True), told.append, lambda _seconds: None, once=True)
    assert [(one.name, isinstance(one, Taken) and one.plain_gone) for one in told] == [(CODES, True)]
    assert [path.name for path in site.inbox.iterdir()] == [CODES]
    assert list(downloads.iterdir()) == []


def test_finds_the_persons_folder(tmp_path: Path) -> None:
    with pytest.raises(DownloadsMissing):
        downloads_folder(tmp_path)
    (tmp_path / "Загрузки").mkdir()
    assert downloads_folder(tmp_path) == tmp_path / "Загрузки"
    (tmp_path / ".config").mkdir()
    (tmp_path / "dl").mkdir()
    (tmp_path / ".config/user-dirs.dirs").write_text('XDG_DOWNLOAD_DIR="$HOME/dl"\n', encoding="utf-8")
    assert downloads_folder(tmp_path) == tmp_path / "dl"
