"""The site of a rehearsal: a right one, made once, gone on with, and never in place of somebody's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcheck.rehearsal.examprogram import VERSION
from labcheck.rehearsal.faults import Fault
from provision.example.build import FolderNotEmpty
from provision.lab import requirements_of
from provision.labroom import Secrets, credentials_of, package_of
from provision.lock import AnotherRun
from provision.rehearsal import (
    MOST_SEATS,
    NotARehearsal,
    OtherSeats,
    lab_of,
    lab_room,
    pin_keys,
    prepare,
    running,
    seat_named,
)
from provision.site.site import Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return prepare(tmp_path_factory.mktemp("school") / "учебный кабинет", 5, 2, fresh=False)


def test_the_site_is_a_right_one_with_its_lab_and_its_program(site: Site) -> None:
    room = lab_room(site)
    assert [(one.seat, one.host, one.reserve) for one in room.workstations][4:] == [
        ("2А", "127.0.204.5", False),
        ("2Б", "127.0.204.6", True),
        ("2В", "127.0.204.7", True),
    ]
    wanted = requirements_of(site.inventory, site.now())
    assert wanted.headset
    assert wanted.software is not None
    assert wanted.software.version == VERSION
    package = package_of(site, wanted)  # compares every file with its checksum
    assert package is not None
    assert set(package.sources) == {file.path for file in wanted.software.files}
    assert credentials_of(site, room, Secrets()).key_files == (lab_of(site).login_key,)


def test_every_seat_of_the_room_may_be_there(tmp_path: Path) -> None:
    site = prepare(tmp_path / "all", MOST_SEATS, 0, fresh=False)
    assert [one.seat for one in lab_room(site).workstations] == [
        label for _row, _column, label in lab_room(site).grid()
    ]


def test_keys_are_pinned_where_they_must_have_changed_or_everywhere(tmp_path: Path) -> None:
    folder = tmp_path / "pins"
    site = prepare(folder, 3, 0, fresh=False)
    pin_keys(site, {"1Б": {Fault.CHANGED_KEY}, "1В": {Fault.MUTED}}, every=False)
    first = lab_room(open_site(folder)).workstations
    assert [one.seat for one in first if one.host_key] == ["1Б"]
    pin_keys(open_site(folder), {}, every=True)
    second = lab_room(open_site(folder)).workstations
    assert second[1] == first[1]
    assert len({one.host_key for one in second if one.host_key}) == 3


def test_it_goes_on_where_it_was(site: Site) -> None:
    note = site.root / "note"
    note.touch()
    assert lab_room(prepare(site.root, None, None, fresh=False)) == lab_room(site)
    assert lab_room(prepare(site.root, 5, 2, fresh=False)) == lab_room(site)
    with pytest.raises(OtherSeats, match="5 seats and 2 reserves"):
        prepare(site.root, 6, None, fresh=False)
    assert note.exists()


def test_nothing_is_made_or_thrown_away_in_somebodys_folder(tmp_path: Path) -> None:
    mine = tmp_path / "inventory.yaml"
    mine.write_text("mine")
    with pytest.raises(FolderNotEmpty):
        prepare(tmp_path, None, None, fresh=False)
    with pytest.raises(NotARehearsal):
        prepare(tmp_path, None, None, fresh=True)
    assert [*tmp_path.iterdir()] == [mine]


def test_fresh_begins_anew(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    prepare(folder, 3, 0, fresh=False)
    (folder / "note").touch()
    assert len(lab_room(prepare(folder, 4, 0, fresh=True)).workstations) == 4
    assert not (folder / "note").exists()


@pytest.mark.parametrize(
    ("text", "seat"),
    [
        ("204-05", "2А"),
        ("204-2А", "2А"),
        ("2a", "2А"),
        ("5", "2А"),
        ("204-R1", "2Б"),
        ("R2", "2В"),
        ("204-06", "204-06"),  # there are five; the others are reserves
        ("204-0", "204-0"),
        ("nobody", "nobody"),
    ],
)
def test_seats_as_people_name_them(site: Site, text: str, seat: str) -> None:
    assert seat_named(lab_room(site), text) == seat


def test_a_rehearsal_that_runs_is_not_made_anew_beneath_it(tmp_path: Path) -> None:
    prepare(tmp_path / "lab", 2, 0, fresh=False)
    before = sorted(path.name for path in (tmp_path / "lab").iterdir())
    with running(tmp_path / "lab"), pytest.raises(AnotherRun):
        prepare(tmp_path / "lab", 2, 0, fresh=True)
    assert sorted(path.name for path in (tmp_path / "lab").iterdir()) == before
    prepare(tmp_path / "lab", 2, 0, fresh=True)
