"""A site as a whole: both files' mistakes together, what must hold between them, folders and clocks."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path

import pytest

from provision.errors import ProblemsError
from provision.site.site import Site, open_site
from provision.site.starter import start
from tests.unit.provision.site.builders import GOOD, edited, line_of, said, workbook

HEAD: list[object] = ["Класс", "ФИО", "Аудитория", "Место", "Код"]
PUPILS: list[list[object]] = [["7А", f"Тайна {letter}"] for letter in "АБВГД"]


def site(folder: Path, rows: list[list[object]], inventory: str = GOOD) -> Path:
    (folder / "inventory.yaml").write_text(inventory)
    workbook(folder / "participants.xlsx", ("Лист1", [HEAD, *rows]))
    return folder


def mistakes(folder: Path) -> list[str]:
    """What is said of a site; empty when it is right. No message may hold a name."""
    try:
        open_site(folder)
    except ProblemsError as error:
        found = said(error)
        assert "Тайна" not in "".join(found)
        return found
    return []


def test_a_good_site_opens(tmp_path: Path) -> None:
    opened = open_site(site(tmp_path, PUPILS))
    assert len(opened.roster.of_class("7А")) == 5
    assert (opened.inbox, opened.out) == (tmp_path / "inbox", tmp_path / "out")


def test_opening_writes_nothing_and_state_is_private(tmp_path: Path) -> None:
    opened = open_site(site(tmp_path, PUPILS))
    assert {p.name for p in tmp_path.iterdir()} == {"inventory.yaml", "participants.xlsx"}
    assert stat.S_IMODE(opened.state.stat().st_mode) == 0o700
    opened.state.chmod(0o755)
    assert stat.S_IMODE(opened.state.stat().st_mode) == 0o700


def test_times_are_the_schools(tmp_path: Path) -> None:
    folder = site(tmp_path, PUPILS, edited(("Europe/Moscow", "Asia/Vladivostok")))
    night = dt.datetime(2027, 4, 14, 21, 30, tzinfo=dt.UTC)
    opened = open_site(folder, clock=lambda: night)
    assert opened.now() == night
    assert opened.now().isoformat() == "2027-04-15T07:30:00+10:00"
    exam = opened.inventory.exam("ma-7a")
    assert opened.starts(exam).isoformat() == "2027-04-15T09:00:00+10:00"
    assert opened.ready_by(exam).isoformat() == "2027-04-15T08:40:00+10:00"


FEW_SEATS = "7А has 9 pupils, but the rooms have 8 seats — "
ADD_A_ROOM = "Add a room to 'rooms', or correct the room's 'rows', 'columns' and 'without'"
ROWS_OF_MISTAKES: dict[str, tuple[list[list[object]], str]] = {
    "unknown room": (
        [["7А", "Тайна Е", 305]],
        "participants.xlsx:7: the pupil's room is not in the inventory — Known are: 201, 204",
    ),
    "unknown seat": (
        [["7А", "Тайна Е", 201, "3В"]],
        (
            "participants.xlsx:7: room 201 has no seat 3В — "
            "Correct the seat: row number and column letter, like 3Б"
        ),
    ),
    "one seat for two": (
        [["7А", "Тайна Е", 201, "1А"], ["7А", "Тайна Ж", "201", "а1"]],
        (
            "participants.xlsx:8: seat 1А in room 201 is already given to the pupil in row 7 — "
            "Give one of the two another seat, or clear it"
        ),
    ),
    "one code for two": (
        [["7А", "Тайна Е", None, None, "00001"], ["7А", "Тайна Ж", None, None, "00001"]],
        (
            "participants.xlsx:8: the participant code is already given to the pupil in row 7 — "
            "Correct one of the two codes"
        ),
    ),
    "code of another form": (
        [["7А", "Тайна Е", None, None, 123]],
        (
            r"participants.xlsx:7: the participant code has not the form \d{5} — "
            "Correct it; if leading zeros were lost, format the column as text and type it anew"
        ),
    ),
    "pupil twice": (
        [["7 а", "тайна  а."]],
        (
            "participants.xlsx:7: the same pupil of 7А is already in row 2 — "
            "Remove one of the rows; if they are two pupils, make their names differ"
        ),
    ),
}


@pytest.mark.parametrize("kind", ROWS_OF_MISTAKES)
def test_pupils_against_the_inventory(kind: str, tmp_path: Path) -> None:
    rows, message = ROWS_OF_MISTAKES[kind]
    assert mistakes(site(tmp_path, [*PUPILS, *rows], edited(("rows: 2", "rows: 3")))) == [message]


def test_a_room_that_the_class_does_not_use(tmp_path: Path) -> None:
    text = edited(("rooms: [204]", "rooms: [201]"), ("    oral: true\n", ""))
    assert mistakes(site(tmp_path, [*PUPILS, ["7А", "Тайна Е", 204]], text)) == [
        (
            "participants.xlsx:7: 7А has no exam in the pupil's room 204 — "
            "Correct the room, or add it to 'rooms' of the exam; exams are in: 201"
        )
    ]


def test_more_pupils_than_seats(tmp_path: Path) -> None:
    pupils: list[list[object]] = [["7А", f"Тайна {letter}"] for letter in "АБВГДЕЖЗИ"]
    assert mistakes(site(tmp_path, pupils)) == [
        f"inventory.yaml:{line_of(GOOD, 'rooms: [201]')}: {FEW_SEATS}{ADD_A_ROOM}",
        f"inventory.yaml:{line_of(GOOD, 'rooms: [204]')}: {FEW_SEATS.replace('8', '6')}{ADD_A_ROOM}",
    ]


def test_a_class_without_pupils(tmp_path: Path) -> None:
    text = edited(("class: 7А", "class: 8Г"))
    assert mistakes(site(tmp_path, PUPILS, text)) == [
        (
            f"inventory.yaml:{line_of(text, '8Г')}: no pupil of 8Г is in the list of participants — "
            "Correct the class (in the list: 7А), or add the pupils to the list"
        )
    ]


OTHER_CLASS = (
    "  - {id: ma-7b, subject: Математика, class: 7Б, date: 2027-04-15, start: 09:00, rooms: [201]}\n"
)


def test_two_classes_in_one_room(tmp_path: Path) -> None:
    """They may share it as long as there is a seat for everybody."""
    others: list[list[object]] = [["7Б", f"Тайна {letter}"] for letter in "АБВ"]
    assert mistakes(site(tmp_path, PUPILS + others, GOOD + OTHER_CLASS)) == []
    others.append(["7Б", "Тайна Г"])
    assert mistakes(site(tmp_path, PUPILS + others, GOOD + OTHER_CLASS)) == [
        (
            f"inventory.yaml:{len(GOOD.splitlines()) + 1}: "
            "7А, 7Б sit here at the same time: 9 pupils, 8 seats — "
            "Give one of the classes another room or another time"
        )
    ]


def test_one_seat_at_different_times_is_two_seats(tmp_path: Path) -> None:
    pinned: list[list[object]] = [["7А", "Тайна Я", 201, "1А"], ["7Б", "Тайна Я", 201, "1А"]]
    later = OTHER_CLASS.replace("09:00", "11:00")
    assert mistakes(site(tmp_path, pinned, GOOD + later)) == []
    assert len(mistakes(site(tmp_path, pinned, GOOD + OTHER_CLASS))) == 1


def test_both_files_in_one_run(tmp_path: Path) -> None:
    """Mistakes of either file, and between what is right of them, together and in order."""
    text = edited(("variants: 2", "variants: много"), ("rows: 2", "rows: 1"))
    rows: list[list[object]] = [*PUPILS, ["седьмой", "Тайна Е"], ["7А", "Тайна Ж", None, None, "1"]]
    found = mistakes(site(tmp_path, rows, text))
    assert [message.split(": ")[0] for message in found] == [
        "inventory.yaml:5",
        f"inventory.yaml:{line_of(text, 'rooms: [204]')}",
        "participants.xlsx:7",
        "participants.xlsx:8",
    ]


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text(GOOD)
    (found,) = mistakes(tmp_path)
    assert found.startswith("participants.xlsx:0: there is no such file")


def test_no_site_at_all(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path)
    assert found.startswith(
        "inventory.yaml:0: there is no such file — Start a site with 'provision init DIR'"
    )


def test_representation_holds_no_names(tmp_path: Path) -> None:
    opened: Site = open_site(site(tmp_path, PUPILS))
    assert "Тайна" not in repr(opened)


def test_a_new_site_says_what_to_do_next(tmp_path: Path) -> None:
    folder = tmp_path / "школа"
    made = start(folder)
    assert [p.relative_to(folder).as_posix() for p in made] == [
        ".", "inbox", "out", ".provision", "inventory.yaml", "participants.xlsx",
    ]  # fmt: skip
    assert stat.S_IMODE((folder / ".provision").stat().st_mode) == 0o700
    assert mistakes(folder) == [
        (
            "participants.xlsx:1: the list holds no pupil yet — "
            "Write the pupils below the headings, one in a row, and save the file"
        )
    ]


def test_starting_again_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text("мой файл")
    assert tmp_path / "inventory.yaml" not in start(tmp_path)
    before = {p: (p.stat().st_mtime_ns, p.is_file() and p.read_bytes()) for p in tmp_path.rglob("*")}
    assert start(tmp_path) == []
    assert before == {p: (p.stat().st_mtime_ns, p.is_file() and p.read_bytes()) for p in tmp_path.rglob("*")}
    assert (tmp_path / "inventory.yaml").read_text() == "мой файл"


def test_the_new_list_takes_pupils(tmp_path: Path) -> None:
    """The headings that 'init' writes are all recognised."""
    start(tmp_path)
    import openpyxl  # noqa: PLC0415

    book = openpyxl.load_workbook(tmp_path / "participants.xlsx")
    for class_name, room in (("7А", "201"), ("7Б", "202")):
        book.active.append(
            [class_name, "Тайна", "Анна", "Петровна", room, "1А", "0000" + room[-1], "да", "н"]
        )
    book.save(tmp_path / "participants.xlsx")
    opened = open_site(tmp_path)
    assert len(opened.roster.recognised) == book.active.max_column == 9
    assert [(p.code, p.large_print, p.absent) for p in opened.roster.participants] == [
        ("00001", True, True),
        ("00002", True, True),
    ]
