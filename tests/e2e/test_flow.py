"""Held at the server and let go, moved from a stopped printer, changed after printing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pexpect
import pytest

from tests.e2e.site import command_line, environment, example, fewer, inside, on_cups, run
from tests.e2e.test_cups_morning import kits_in
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.process import free_port, until

STAFF, INFORMATICS = "Учительская", "Кабинет информатики"
SMALL = ("--what", "cover,protocol,codes")
_numbers = itertools.count(1)


@pytest.fixture
def staff(print_server: PrintServer) -> Iterator[VirtualPrinter]:
    printer = print_server.printer(f"flow-staff{next(_numbers)}")
    yield printer
    printer.kill()


@pytest.fixture
def informatics(print_server: PrintServer) -> Iterator[VirtualPrinter]:
    printer = print_server.printer(f"flow-info{next(_numbers)}")
    yield printer
    printer.kill()


@pytest.fixture
def site(
    tmp_path: Path, print_server: PrintServer, staff: VirtualPrinter, informatics: VirtualPrinter
) -> Path:
    made = fewer(example(tmp_path), 12)
    on_cups(made, {STAFF: print_server.uri(staff.name), INFORMATICS: print_server.uri(informatics.name)})
    return made


def states(site: Path, *scope: str) -> dict[str, str]:
    found = inside(site, "status", *scope, "--json").json["exams"]
    return {exam["id"] + "/" + room["room"]: room["state"] for exam in found for room in exam["rooms"]}


def test_held_is_neither_printed_nor_sent_again_until_it_is_let_go(
    site: Path, staff: VirtualPrinter, informatics: VirtualPrinter
) -> None:
    exam = ("--exam", "en-7a-2")
    printers = (staff, informatics)
    held = run(site, "rooms", *exam, "--hold", "--json")
    assert held.code == 0, held.err
    assert held.json["held"] == 4
    assert held.json["printed"] == {"documents": 0, "sheets": 0}
    assert states(site, *exam) == {"en-7a-2/204": "held"}

    again = inside(site, "rooms", *exam, "--json")
    assert (again.code, again.json["held"], again.json["printed"]["documents"]) == (7, 0, 0)
    assert sum(printer.received_count() for printer in printers) == 0

    nothing = inside(site, "release", "--room", "201", "--date", "all", "--json")
    assert nothing.json["printed"]["documents"] == 0
    free = run(site, "release", "--room", "204", *exam, "--json")
    assert free.json["printed"]["documents"] == 4, free.err
    assert states(site, *exam) == {"en-7a-2/204": "claimed"}
    titles = [document.pages[0] for printer in printers for document in printer.received()]
    assert len(titles) == 4
    assert inside(site, "rooms", *exam, "--json").json["printed"]["documents"] == 0


def test_a_folder_holds_nothing_back(tmp_path: Path) -> None:
    folder = example(tmp_path)
    done = run(folder, "rooms", "--exam", "en-7a-2", "--hold")
    assert done.code == 6
    assert "job-hold-until" in done.err
    assert not list((folder / "out").rglob("*.pdf"))


def test_what_a_dead_printer_never_got_moves_only_when_it_is_said(
    site: Path, informatics: VirtualPrinter
) -> None:
    on_cups(site, {STAFF: f"cups://127.0.0.1:{free_port()}/none"})
    planned = inside(site, "print", "Матем", *SMALL, "--dry-run", "--json").json["todo"]
    homes = [one["printer"] for one in planned]
    assert set(homes) == {STAFF, INFORMATICS}
    asked = run(site, "print", "Матем", *SMALL)
    assert asked.code == 6
    assert f"To print them on {INFORMATICS}: run the command again with --move yes." in asked.err
    assert informatics.received_count() == homes.count(INFORMATICS)
    refused = run(site, "print", "Матем", *SMALL, "--move", "no")
    assert refused.code == 6
    assert "--move" not in refused.err
    moved = run(site, "print", "Матем", *SMALL, "--move", "yes")
    assert moved.code == 7, moved.err  # the kits are still to be printed
    assert f"{STAFF}: what was never sent to it was printed elsewhere." in moved.err
    assert informatics.received_count() == len(planned)
    assert inside(site, "print", "Матем", *SMALL, "--json").json["printed"]["documents"] == 0


def test_asked_at_the_terminal_the_rest_of_a_jammed_room_goes_elsewhere(
    site: Path, staff: VirtualPrinter, informatics: VirtualPrinter
) -> None:
    command = command_line(site, "rooms", "--exam", "ma-7b")
    screen = pexpect.spawn(
        command[0],
        command[1:],
        env=environment(TERM="xterm"),
        timeout=120,
        encoding="utf-8",
        dimensions=(50, 160),
    )
    until(lambda: staff.received_count() >= 3, "the second kit", seconds=120)
    staff.raise_reason("media-jam-error")
    screen.expect("Paper is jammed")
    screen.expect(r"Print them on Кабинет информатики\? Type y or n")
    screen.sendline("perhaps")
    screen.expect("Type y or n")
    screen.sendline("y")
    until(lambda: informatics.received_count() >= 5, "the rest at the other printer", seconds=120)
    at_the_jam = staff.received_count()
    staff.clear_reasons()
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0
    assert staff.received_count() <= at_the_jam + 2  # large print, and what the other had not taken yet
    marks = kits_in([*staff.received(), *informatics.received()])
    assert set(marks.values()) == {1}
    assert len({kit for _batch, kit, _page in marks}) == 13
    assert states(site, "--exam", "ma-7b") == {"ma-7b/202": "claimed"}


def test_after_a_change_just_the_difference_reaches_the_printer(
    site: Path, staff: VirtualPrinter, informatics: VirtualPrinter
) -> None:
    exam = ("--exam", "ma-7b", "--json")
    assert run(site, "rooms", *exam).code == 0
    before = kits_in([*staff.received(), *informatics.received()])
    staff.empty_tray()
    book = openpyxl.load_workbook(site / "participants.xlsx")
    sheet = book.active
    assert sheet is not None
    row = next(row for row in range(2, sheet.max_row) if sheet.cell(row, 1).value == "7Б")
    sheet.insert_rows(row)
    sheet.cell(row, 1).value, sheet.cell(row, 2).value = "7Б", "Опоздавшая Мария Ивановна"
    book.save(site / "participants.xlsx")
    done = run(site, "rooms", *exam)
    assert done.code == 0, done.err
    late = staff.received()
    assert informatics.received_count() == 0
    new = kits_in(list(late))
    assert len({kit for _batch, kit, _page in new}) == 1
    assert not new.keys() & before.keys()
    assert len(late) == 4  # cover, kit, protocol, codes
