"""``provision printers`` on real queues and printers, and what a run leaves on the print server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pexpect
import pytest

from provision.ledger import Ledger
from provision.ledger.evidence import meter_runs
from tests.e2e.site import command_line, environment, example, fewer, inside, on_cups, run
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.process import until

STAFF, OFFICE = "Учительская", "Кабинет информатики"


@pytest.fixture
def printers(own_print_server: PrintServer) -> dict[str, VirtualPrinter]:
    """One that knows its toner and counts its sheets, and one that does neither."""
    return {
        STAFF: own_print_server.printer("staff", toner=8, counted=70_000),
        OFFICE: own_print_server.printer("informatics"),
    }


@pytest.fixture(scope="module", name="school")
def _school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example school with few pupils."""
    return fewer(example(tmp_path_factory.mktemp("printers")), 8)


@pytest.fixture
def site(
    tmp_path: Path, school: Path, own_print_server: PrintServer, printers: dict[str, VirtualPrinter]
) -> Path:
    """A copy of the example school on these printers."""
    site = tmp_path / "school"
    shutil.copytree(school, site)
    on_cups(site, {name: own_print_server.uri(printer.name) for name, printer in printers.items()})
    return site


def by_name(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in told["printers"]}


def documents(server: PrintServer) -> list[str]:
    return sorted(file.name for file in (server.folder / "spool").iterdir() if file.name.startswith("d"))


def test_the_table_names_what_a_person_needs(site: Path, own_print_server: PrintServer) -> None:
    ran = run(site, "printers")
    assert ran.code == 0, ran.err
    assert "toner 8 %" in ran.out
    assert "Black Toner: 8 % left." in ran.out
    place = f"127.0.0.1:{own_print_server.port}"
    assert f"{place}: PreserveJobFiles is 1d: printed papers stay on the print server" in " ".join(
        ran.out.split()
    )
    assert ran.out.count("PreserveJobFiles No") == 1, "one server, one line"
    assert "lpadmin -p staff -o printer-error-policy=abort-job" in ran.out
    found = by_name(inside(site, "printers", "--json").json)
    staff = found[STAFF]
    assert staff["usable"]
    assert staff["printer"]["model"] == "Test Laser"
    assert staff["printer"]["counter"] == {"attribute": "printer-media-sheets-completed", "sheets": 70_000}
    assert staff["printer"]["lacking"] == []
    assert staff["sheets"]["sent"] == 0
    planned = inside(site, "rooms", "--dry-run", "--json").json["todo"]
    assert staff["sheets"]["left"] == sum(one["sheets"] for one in planned if one["printer"] == STAFF)
    assert staff["latest_start"] < "2027-04-15T09:00"
    assert found[OFFICE]["printer"]["counter"] is None


def test_a_run_leaves_no_paper_on_the_server_and_the_counter_agrees(
    site: Path, own_print_server: PrintServer, printers: dict[str, VirtualPrinter]
) -> None:
    done = run(site, "rooms", "--exam", "ma-7b", "--json")
    assert done.code in {0, 7}, done.err
    assert documents(own_print_server) == []
    (gained,) = meter_runs(Ledger(site / ".provision"))
    assert (gained.printer, gained.sheets) == (STAFF, done.json["printed"]["sheets"])
    found = by_name(inside(site, "printers", "--json").json)[STAFF]
    assert found["spool"]["kept"] == found["spool"]["waiting"] == 0
    assert found["sheets"]["sent"] == done.json["printed"]["sheets"]
    assert "none of our papers lies on its print server" in inside(site, "printers").out
    again = inside(site, "rooms", "--exam", "ma-7b", "--json")
    assert again.json["printed"] == {"documents": 0, "sheets": 0}, "what was removed is not printed again"


def test_killed_in_the_middle_all_is_found_again_and_cleared(
    site: Path, own_print_server: PrintServer, printers: dict[str, VirtualPrinter]
) -> None:
    with subprocess.Popen(
        command_line(site, "rooms", "--exam", "ma-7b", "--json"),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        until(lambda: printers[STAFF].received_count() >= 4, "the fourth document", seconds=120)
        os.killpg(process.pid, signal.SIGKILL)
    until(lambda: not printers[STAFF].busy(), "the printer's rest")
    done = run(site, "rooms", "--exam", "ma-7b", "--json")
    received = [document.job_name for document in printers[STAFF].received()]
    assert len(received) == len(set(received)), "nothing twice"
    unknown = [key for exam in done.json["exams"] for room in exam["rooms"] for key in room["unknown"]]
    spool = by_name(inside(site, "printers", "--json").json)[STAFF]["spool"]
    assert (spool["kept"], spool["waiting"]) == (0, 0)
    assert len(documents(own_print_server)) == spool["doubtful"] <= len(unknown) <= 1


def test_a_printer_that_cannot_be_used_is_told_with_its_cure(
    site: Path, own_print_server: PrintServer, printers: dict[str, VirtualPrinter]
) -> None:
    own_print_server.administer("cupsdisable", "staff")
    stopped = run(site, "printers")
    assert stopped.code == 6
    assert "CANNOT BE USED" in stopped.out
    assert "cupsenable" in stopped.out
    own_print_server.administer("cupsenable", "staff")
    printers[STAFF].kill()
    silent = run(site, "printers", "--json")
    assert silent.code == 6
    assert by_name(silent.json)[STAFF]["error"]["error"] == "printer-silent"
    own_print_server.stop()
    gone = run(site, "printers", "--json")
    assert gone.code == 6
    assert {one["error"]["error"] for one in gone.json["printers"]} == {"queue-unreachable"}
    assert gone.json["printers"][0]["spool"] is None


def test_a_jam_is_said_in_plain_words(site: Path, printers: dict[str, VirtualPrinter]) -> None:
    printers[STAFF].raise_reason("media-jam-error")
    with subprocess.Popen(
        command_line(site, "printers", "test", STAFF),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "Paper is jammed. Open the printer" in process.stderr.readline()
        seen = run(site, "printers")
        assert f"{STAFF}: Paper is jammed. Open the printer" in seen.out
        assert f"{STAFF}: 1 job waits or prints" in seen.out
        printers[STAFF].clear_reasons()
        assert process.wait(60) == 0
    assert "jammed" not in inside(site, "printers").out


def test_a_queue_that_lacks_an_option_is_named(
    site: Path, own_print_server: PrintServer, printers: dict[str, VirtualPrinter]
) -> None:
    own_print_server.printer("poor", media=["iso_a3_297x420mm"])
    on_cups(site, {STAFF: own_print_server.uri("poor")})
    ran = run(site, "printers", "--json")
    assert ran.code == 6
    assert by_name(ran.json)[STAFF]["printer"]["lacking"] == ["media=iso_a4_210x297mm"]
    assert "does not offer media=iso_a4_210x297mm, which every job needs" in " ".join(
        inside(site, "printers").out.split()
    )


def test_a_test_page_is_printed_and_judged(
    site: Path, own_print_server: PrintServer, printers: dict[str, VirtualPrinter]
) -> None:
    assert inside(site, "printers", "judge", STAFF, "--good").code == 3, "nothing to judge yet"
    sent = run(site, "printers", "test", "учит", "--json")
    assert (sent.code, sent.json["state"], sent.json["judged"]) == (0, "claimed", None)
    (page,) = printers[STAFF].received()
    assert "Пробная" in page.pages[0] or STAFF in page.pages[0]
    assert page.options["sides"] == "one-sided"
    assert documents(own_print_server) == []
    told = run(site, "printers", "judge", "учит", "--bad", "--note", "полосы", "--who", "Петрова", "--json")
    assert (told.code, told.json["printer"]) == (0, STAFF)
    assert "its test page was judged bad: полосы (Петрова)" in inside(site, "printers").out
    assert run(site, "printers", "test", "учит", "--good", "--json").json["judged"] is True
    assert printers[STAFF].received_count() == 2
    staff = by_name(inside(site, "printers", "--json").json)[STAFF]
    assert staff["judged"]["good"] is True
    assert staff["sheets"]["sent"] == 0, "test pages are no part of any exam"


def test_the_person_at_the_printer_is_asked(site: Path) -> None:
    command, *words = command_line(site, "printers", "test", STAFF)
    child = pexpect.spawn(command, words, env=environment(), encoding="utf-8", timeout=60)
    child.expect("Is it good")
    child.sendline("n")
    child.expect("What is wrong with it")
    child.sendline("pale")
    child.expect("Who judges")
    child.sendline("Anna")
    child.expect("is bad. Do not print on it")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    judged = by_name(inside(site, "printers", "--json").json)[STAFF]["judged"]
    assert (judged["good"], judged["note"], judged["who"]) == (False, "pale", "Anna")


@pytest.mark.parametrize("words", [("test", "Нет"), ("test", ""), ("judge", "Нет", "--good")])
def test_a_printer_that_is_not_there(school: Path, words: tuple[str, ...]) -> None:
    ran = inside(school, "printers", *words)
    assert ran.code == 3
    assert STAFF in ran.err
