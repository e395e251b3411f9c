"""The whole day, from the empty folder to wiped; and what could be seen of secrets and names meanwhile."""

from __future__ import annotations

import contextlib
import re
import resource
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from pypdf import PdfReader

from printing.mark import decode
from provision.example.build import CIPHERS
from provision.ledger import Ledger
from provision.runbook.look import unseen
from provision.runbook.sign import sign
from provision.site.site import open_site
from provision.vault import platform
from provision.vault.keys import recipient
from tests.e2e.wholeday import ASKS, LAB, PUPILS, School, answer, fill
from tests.services.canary import Watcher
from tests.services.cups import PrintServer, Received, VirtualPrinter
from tests.services.process import until
from tests.services.scanner import marks_on

VAULT, COPY, COORDINATOR = "фраза хранилища канарейки", "фраза архива канарейки", "фраза координатора"
PASSWORD = "канарейка-пароль-ФИС"
SURNAMES = tuple(name.split()[0] for name in PUPILS)
PLANTED = (VAULT, COPY, COORDINATOR, PASSWORD, *CIPHERS.values(), *SURNAMES)
NAME = "Петрова Анна Ивановна"
BY_WORD = ("P1", "P2", "P3", "P4", "P5", "P6", "P8", "P9", "D7", "A2")
"""Steps that only a person can know of here, beside R1, which is signed at the terminal. A2: of two exams of
the day no form of results is here."""
PROVED = {"P10", "P11", "D1", "D2", "D3", "D4", "D5", "D6", "A1", "A3", "W1"}
SHEETS = {"ma-7a": 36, "en-7a": 28, "en-7a-2": 4}
"""Of three pupils and a spare kit in one room, and of the oral part."""


@dataclass
class Played:
    """The day when it is over, and what it was in between."""

    school: School
    boards: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    received: Sequence[Received] = ()
    collected: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module", name="played")
def _played(tmp_path_factory: pytest.TempPathFactory, print_server: PrintServer) -> Iterator[Played]:
    folder = Path(tempfile.mkdtemp(prefix="day-"))  # short: sockets lie below it
    printer = print_server.printer("wholeday")
    watcher = Watcher(
        PLANTED,
        [folder, print_server.folder],
        tmp_path_factory.mktemp("spy"),
        lawful=lambda path: lawful(folder, path),
        watched=[folder / "tmp"],
    )
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    day = Played(School(folder, watcher))
    try:
        with watcher:
            play(day, print_server, printer)
        yield day
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
        platform.forget(f"vpr-vault:{recipient(day.school.site / '.provision/vault')}")
        printer.kill()
        shutil.rmtree(folder)


def lawful(folder: Path, path: Path) -> bool:
    """Where names and ciphers lie by right: the school's list, and downloads where printing reads them."""
    places = ("school/participants.xlsx", "school/inbox", "downloads", "made")
    return any(path.is_relative_to(folder / place) for place in places)


def play(day: Played, server: PrintServer, printer: VirtualPrinter) -> None:
    """Everything that a person does, in order."""
    before_the_day(day, server.uri(printer.name))
    papers(day, printer)
    lab(day)
    marks(day)
    the_end(day)


def before_the_day(day: Played, uri: str) -> None:
    school = day.school
    school.run("init", str(school.site))
    fill(school, {"Учительская": uri, "Кабинет информатики": uri})
    school.run("check")
    sheet = school.folder / "sheet.pdf"
    school.types("vault", "init", "--sheet", str(sheet), lines=[VAULT, VAULT])
    sheet.unlink()  # printed, as the command says
    school.types("vault", "unlock", "--minutes", "120", lines=[VAULT])
    school.types("vault", "put", "--name", "login", "--kind", "login", lines=[PASSWORD])
    assert PASSWORD in school.types("vault", "take", "login", lines=[])
    school.said.pop()  # shown because it was asked for
    school.types("people", "add", "coordinator", "Орлов Глеб Львович", lines=[COORDINATOR, COORDINATOR])
    taken = school.take_in()
    assert len(taken) == 7
    assert all(one["plain_gone"] for one in taken), taken
    school.types("day", "sign", "R1", "--role", "coordinator", lines=[COORDINATOR])
    board = unseen(open_site(school.site), school.date)
    for step in BY_WORD:
        sign(board, Ledger(board.site.state), step, NAME, None, lambda _some, _subject: pytest.fail("asked"))
    for words in ("fill", "uploaded"):
        school.run("forms", words, "application")


def papers(day: Played, printer: VirtualPrinter) -> None:
    """Printed; then counted, and scanned where there are barcodes."""
    day.school.run("rooms", "--json")
    until(lambda: all(one.printed for one in printer.received()), "the last sheet")
    day.received = printer.received()
    scanned = day.school.folder / "home" / "scanned.txt"
    for exam, pages in (("ma-7a", 8), ("en-7a", 6), ("en-7a-2", 0)):
        found = [mark for one in day.received if len(one.pages) == pages for mark in marks_on(one.file)]
        scanned.write_text("\n".join(found), encoding="utf-8")
        words = ("--room", LAB) if not found else ("--room", "201", "--scan", str(scanned))
        day.school.run("confirm", "--exam", exam, "--counted", str(SHEETS[exam]), *words)
        day.codes = day.codes or [
            code for _kit, code in sorted({(decode(m).kit, decode(m).code) for m in found})
        ]
    scanned.unlink()


def lab(day: Played) -> None:
    """Checked, spoken, collected."""
    with day.school.lab() as running:
        day.school.run("labcheck", "--room", LAB)
        for _wave in ("two pupils", "the third"):
            assert "speak for 1 s" in answer(running, "exam 1")
            until(lambda: spoken(running.pid), "the pupils have spoken")
        day.collected = day.school.run("labcheck", "collect", "--room", LAB, "--json").json


def spoken(lab: int) -> bool:
    """Whether nobody records any more in the lab, which is a process."""
    lines = []
    for process in psutil.Process(lab).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            lines += process.cmdline()
    return not any("--record" in line for line in lines)


def marks(day: Played) -> None:
    """Criteria and reports taken in, marks entered, the form of results filled and accepted."""
    school = day.school
    for subject in ("Математика", "Английский язык"):
        for name, heading in (("критерии", "Критерии оценивания"), ("отчёт", "Статистика по отметкам")):
            text = f"{heading}\n{subject}, 7 класс\n7А\n"
            (school.downloads / f"{name} {subject}.txt").write_text(text, encoding="utf-8")
    assert {one["where"] for one in school.take_in()} == {"vault"}
    table = school.folder / "home" / "ведомость.csv"
    rows = [["Код", *map(str, range(1, 17))], *([code, *"1" * 16] for code in day.codes[:3])]
    table.write_text("\n".join(map(";".join, rows)), encoding="utf-8")
    school.run("forms", "results", "ma-7a", "--import", str(table))
    table.unlink()
    for words in ("fill", "uploaded", "accepted"):
        school.run("forms", words, "results-ma-7")


def the_end(day: Played) -> None:
    """Handed over, wiped, locked."""
    school = day.school
    day.boards["ready"] = school.board("--pdf", str(school.folder / "list.pdf"))
    school.types("day", "export", str(school.folder / "copy.tar"), lines=[COPY, COPY])
    asked = school.run("wipe", "--date", str(school.date), code=7)
    assert "Nothing was removed: say --yes." in asked.out
    assert [*(school.site / "inbox").iterdir()] != []
    school.run("wipe", "--date", str(school.date), "--yes")
    day.boards["wiped"] = school.board()
    school.run("vault", "lock")
    school.run("ledger", "verify")


def named(board: dict[str, dict[str, Any]], *states: str) -> set[str]:
    return {name for name, row in board.items() if row["state"] in states}


def test_every_row_of_the_procedure_is_proved_or_signed(played: Played) -> None:
    ready, wiped = played.boards["ready"], played.boards["wiped"]
    assert len(wiped) == 23
    assert named(ready, "late", "now", "next") == {"W1"}
    assert named(wiped, "proved") == PROVED
    assert named(wiped, "signed") == {"R1", "P7", *BY_WORD}
    assert wiped["D3"]["said"] == "proved before the materials were removed"


def test_the_checklist_is_fit_to_be_signed(played: Played) -> None:
    pages = PdfReader(played.school.folder / "list.pdf").pages
    text = "".join(page.extract_text() for page in pages)
    assert all(name in text for name in played.boards["ready"])
    assert "П.А.И." in text
    assert "Петрова" not in text


def test_every_sheet_reached_the_printer_under_a_name_that_says_nothing(played: Played) -> None:
    assert sum(len(one.pages) for one in played.received) == sum(SHEETS.values())
    assert all(re.fullmatch(r"[0-9a-f]{16}", one.job_name) for one in played.received)


def test_nothing_of_the_day_lies_about(played: Played) -> None:
    school = played.school
    (room,) = played.collected["rooms"]
    assert (room["complete"], room["in_vault"], room["in_the_open"]) == (True, 3, 0)
    assert [*school.downloads.iterdir()] == [*(school.site / "inbox").iterdir()] == []
    assert [
        path for path in (school.site / "out").rglob("*") if path.is_file() and "forms" not in path.parts
    ] == []
    assert [*(school.folder / "tmp").iterdir()] == []
    assert [*(school.folder / "cwd").iterdir()] == [], "a dump would lie here"
    recorded = b"".join(path.read_bytes() for path in (school.site / ".provision").glob("ledger*"))
    assert not [code for code in played.codes if f'"{code}"'.encode() in recorded]
    assert "Петрова".encode() not in recorded


def test_no_process_and_no_file_showed_a_secret_or_a_name(played: Played) -> None:
    watcher = played.school.watcher
    programs = {name.split(":")[0] for name in watcher.programs}
    assert {"python", "wholeday", "sshd"} <= programs, "a print filter is called as its queue"
    assert watcher.seen == set()


def test_no_command_said_a_secret_a_name_or_a_code(played: Played) -> None:
    for words, shown in played.school.said:
        assert [word for word in PLANTED if word.casefold() in shown.casefold()] == [], words
        assert not {*re.findall(r"(?<!\w)\d{5}(?!\w)", shown)} & {*played.codes}, words


def test_a_forced_error_says_nothing_either(played: Played) -> None:
    """An error deep in the program, whose message quotes a pupil and a cipher."""
    school, secret = played.school, f"{PUPILS[0]} {CIPHERS['Математика']}"
    crash = school.watcher.crash_file
    crash.write_text(f"participants.xlsx\n{secret}", encoding="utf-8")
    try:
        shown = school.run("status", "--json", code=1)
        assert "Unexpected error ArithmeticError" in shown.json["message"]
        assert [word for word in secret.split() if word in shown.out + shown.err] == []
    finally:
        crash.unlink()


def test_a_crash_with_a_passphrase_in_memory_writes_no_dump(played: Played) -> None:
    school = played.school
    with school.terminal("people", "add", "invigilator", "Ким Олег") as child:
        for line in (VAULT, COORDINATOR):
            child.expect(ASKS)
            child.sendline(line)
        child.expect(ASKS)  # once more: both phrases are in its memory now
        process = psutil.Process(child.pid)
        assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        child.kill(signal.SIGSEGV)
        child.wait()
        assert child.signalstatus == signal.SIGSEGV
    school.watcher.look_at_files()
    assert [*(school.folder / "cwd").iterdir()] == []
    assert school.watcher.seen == set()
