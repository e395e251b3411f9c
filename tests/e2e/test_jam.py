"""A jam at kit 7: seen at once and cleared; the crumpled sheet is printed anew, and the room is ready."""

from __future__ import annotations

import itertools
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from printing.mark import decode
from printing.queues.ipp import ask
from tests.e2e.site import command_line, environment, example, fewer, inside, on_cups, run
from tests.e2e.test_cups_morning import kits_in
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.process import until
from tests.services.scanner import marks_on

STAFF = "Учительская"
_numbers = itertools.count(1)


class Screen:
    """A command that is running, and what it says, line by line, with the time when it was said."""

    def __init__(self, site: Path, *words: str) -> None:
        self._popen = subprocess.Popen(
            command_line(site, *words),
            env=environment(PYTHONUNBUFFERED="1"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[tuple[float, str]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            self.lines.append((time.monotonic(), line.strip()))

    def when(self, text: str) -> float | None:
        """When a line with ``text`` was first said."""
        return next((at for at, line in self.lines if text in line), None)

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def wait(self) -> int:
        """Its exit code."""
        code = self._popen.wait(300)
        self._reader.join(10)
        if self._popen.stdout is not None:
            self._popen.stdout.close()
        return code

    def text(self) -> str:
        return "\n".join(line for _at, line in self.lines)


@pytest.fixture
def staff(print_server: PrintServer) -> Iterator[VirtualPrinter]:
    printer = print_server.printer(f"jam{next(_numbers)}")
    yield printer
    printer.kill()


@pytest.fixture
def other(print_server: PrintServer) -> Iterator[VirtualPrinter]:
    printer = print_server.printer(f"helps{next(_numbers)}")
    yield printer
    printer.kill()


def jammed(printer: VirtualPrinter) -> bool:
    """Whether the printer itself reports the jam."""
    said = ask(printer.uri, ["printer-state-reasons"]).get("printer-state-reasons", ())
    return any("media-jam" in str(reason) for reason in said)


def reaches(printer: VirtualPrinter, documents: int, screen: Screen) -> None:
    """Wait until so many documents have come to the printer."""
    until(lambda: printer.received_count() >= documents or not screen.running, "a document", seconds=120)
    assert screen.running, screen.text()


def of_kit(mark: str, kit: int) -> int:
    """The page, when the mark is of this kit; 0 when it is not."""
    read = decode(mark)
    return read.page if read.kit == kit else 0


def state(site: Path) -> str:
    (exam,) = inside(site, "status", "--exam", "ma-7b", "--json").json["exams"]
    (room,) = exam["rooms"]
    return str(room["state"])


def at_kit(printer: VirtualPrinter, number: int, screen: Screen) -> None:
    """Jam the printer while it prints kit ``number``; the room's cover comes before the kits."""
    reaches(printer, number, screen)
    printer.slow(5)
    reaches(printer, number + 1, screen)
    printer.raise_reason("media-jam-error")
    printer.slow(0)
    until(lambda: jammed(printer), "the printer's own report of the jam")


def test_a_jam_at_kit_7_is_seen_cleared_and_costs_no_kit(
    tmp_path: Path, print_server: PrintServer, staff: VirtualPrinter, other: VirtualPrinter
) -> None:
    site = fewer(example(tmp_path), 10)
    on_cups(site, {STAFF: print_server.uri(staff.name), "Кабинет информатики": print_server.uri(other.name)})
    screen = Screen(site, "rooms", "--exam", "ma-7b")
    at_kit(staff, 7, screen)
    reported = time.monotonic()
    until(lambda: screen.when("Paper is jammed.") is not None, "the jam on the screen", seconds=10)
    seen = screen.when("Paper is jammed.")
    assert seen is not None
    assert seen - reported <= 3
    assert f"{STAFF}: Paper is jammed. Open the printer" in screen.text()

    jam_ends = time.monotonic() + 3
    until(lambda: time.monotonic() > jam_ends, "a jam of three seconds")
    assert staff.received_count() == 8, "nothing more reaches a jammed printer"
    staff.clear_reasons()
    assert screen.wait() == 0, screen.text()
    assert f"{STAFF}: goes on." in screen.text()
    assert other.received_count() == 0, "what a printer recovers from is moved nowhere"

    marks = kits_in(list(staff.received()))
    assert set(marks.values()) == {1}
    assert len({kit for _batch, kit, _page in marks}) == 11
    assert state(site) == "claimed"

    # The sheet that was torn out of the printer is noted and printed once more; the whole room is scanned.
    torn = next(m for document in staff.received() for m in marks_on(document.file) if of_kit(m, 7) == 3)
    noted = run(site, "reprint", "202-07", "--pages", "3", "--reason", "замятие", "--exam", "ma-7b", "--json")
    assert noted.json["printed"] == {"documents": 1, "sheets": 1}, noted.err
    until(lambda: all(document.printed for document in staff.received()), "the last sheet")
    scans = tmp_path / "scanned.txt"
    papers = [mark for document in staff.received() for mark in marks_on(document.file)]
    scans.write_text("\n".join(mark for mark in papers if mark != torn))
    confirmed = run(
        site, "confirm", "--exam", "ma-7b", "--room", "202", "--scan", str(scans), "--complete", "--json"
    )
    assert (confirmed.code, confirmed.json["state"]) == (0, "ready"), confirmed.out
    assert state(site) == "ready"
    journal = inside(site, "journal", "--exam", "ma-7b", "--json").json
    assert [(e["kits"], e["pages"]) for e in journal["lines"] if e["act"] == "spoiled"] == [(["202-07"], [3])]
    (room,) = journal["rooms"]
    assert (room["spoiled"], room["additional"]) == (1, 1)
    assert room["in_room"] == room["planned"]
