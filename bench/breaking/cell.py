"""A place to break things in: a print server, a printer, a school, and what lies in the printer's tray."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PdfReadError

from bench.breaking import school
from bench.breaking.command import PATIENCE, Point, Running, Said
from bench.breaking.proxy import Network
from printing.journal import Entry
from printing.kit import Mark
from printing.mark import decode
from printing.queues.ipp import ask
from provision.ledger import Ledger, LedgerJournal
from provision.site.site import STATE
from tests.services import scanner
from tests.services.cups import PrintServer

QUEUE = "laser"
SECONDS_PER_DOCUMENT = 0.3
QUIET_SECONDS = 1.5
"""A printer that has done nothing for so long, with nothing on its way, is quiet."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of which every sheet lies in the tray: whose attempt it was, its number of sheets, and the
    marks on its pages."""

    file: Path
    attempt: str
    sheets: int
    marks: tuple[str, ...]

    @property
    def pages(self) -> tuple[Mark, ...]:
        """The marks, read."""
        return tuple(map(decode, self.marks))


class Cell:
    """One print server with one printer, used for one run after the other."""

    def __init__(self, folder: Path) -> None:
        """Start them in ``folder``."""
        folder.mkdir(mode=0o711)
        self.folder = folder
        self.site = folder / "school"
        (folder / "cups").mkdir(mode=0o711)
        self.server = PrintServer(folder / "cups")
        self.printer = self.server.printer(QUEUE)
        self.printer.slow(SECONDS_PER_DOCUMENT)
        self.server.wait_written(QUEUE)
        self.network = Network(self.server.port)
        self._papers: dict[Path, Paper] = {}
        self.to_folder = False

    def fresh(self, *, to_folder: bool, remote: bool) -> None:
        """A new school with nothing printed, the server and the printer at work and idle."""
        self.to_folder = False
        self.mend()
        self.server.end_orphans()
        self.server.administer("cancel", "-a", "-x", QUEUE)
        self.wait_quiet()
        if ask(self.printer.uri, ["queued-job-count"]).get("queued-job-count") != (0,):
            self.power_cycle()  # it still waits for the document of a sender that an earlier run killed
        self.printer.empty_tray()
        self._papers.clear()
        self.to_folder = to_folder
        shutil.rmtree(self.site, ignore_errors=True)
        port = self.network.port if remote else self.server.port
        queue = "folder:out" if to_folder else f"cups://127.0.0.1:{port}/{QUEUE}"
        school.build(self.site, queue)

    def command(self, *words: str, point: Point | None = None, name: str = "first") -> Running:
        """Start ``provision`` with ``words`` on this school."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return Running(folder, [*words, "--site", str(self.site)], point)

    def say(self, *words: str, seconds: float = PATIENCE) -> Said:
        """Run a command to its end."""
        return self.command(*words).wait(seconds)

    def rooms(self, point: Point | None = None, name: str = "first") -> Running:
        """Start ``provision rooms``."""
        return self.command("rooms", "--date", "all", "--json", point=point, name=name)

    def mend(self) -> None:
        """What the person does who finds something switched off or stopped."""
        self.network.restore()
        if not self.server.running:
            self.server.start()
        self.printer.clear_reasons()
        if not self.printer.running:
            self.printer.start()
        self.server.administer("cupsenable", QUEUE)
        self.server.administer("cupsaccept", QUEUE)

    def power_cycle(self) -> None:
        """Switch the printer off and on."""
        self.printer.kill()
        self.printer.start()

    def new_queue(self) -> None:
        """Delete the queue and set it up anew, as the error 'queue-blind' says."""
        self.server.administer("lpadmin", "-x", QUEUE)
        self.server.add_queue(QUEUE, self.printer.uri)

    def wait_quiet(self, seconds: float = 40.0) -> None:
        """Wait until nothing comes out of the printer any more. A folder is quiet when nobody writes."""
        if self.to_folder:
            return
        deadline = time.monotonic() + seconds
        quiet_since, count = time.monotonic(), self.printer.received_count()
        while time.monotonic() < min(deadline, quiet_since + QUIET_SECONDS):
            now = self.printer.received_count()
            if now != count or self.printer.busy():
                quiet_since, count = time.monotonic(), now
            time.sleep(0.05)

    def tray(self) -> tuple[Paper, ...]:
        """What lies in the tray, or in the folder: whole documents only."""
        return tuple(self._folder_papers()) if self.to_folder else tuple(self._printer_papers())

    def _printer_papers(self) -> Iterator[Paper]:
        for file, job_name in self.printer.printed():
            with suppress(PdfReadError):  # of a document that broke off on its way no sheet comes out
                yield self._paper(file, job_name)

    def _folder_papers(self) -> Iterator[Paper]:
        by_path = {entry.reference: entry.attempt.id for entry in self.entries()}
        for file in sorted((self.site / "out").rglob("*.pdf")):
            yield self._paper(file, by_path.get(str(file.relative_to(self.site / "out")), ""))

    def _paper(self, file: Path, attempt: str) -> Paper:
        if file not in self._papers:
            sheets = len(PdfReader(file).pages)
            self._papers[file] = Paper(file, attempt, sheets, tuple(scanner.marks_on(file)))
        return self._papers[file]

    def entries(self) -> tuple[Entry, ...]:
        """What the program has written down of every attempt, in their order."""
        ledger = Ledger(self.site / STATE)
        try:
            return LedgerJournal(ledger).entries()
        finally:
            ledger.close()  # an open database must not be taken along into a fork

    def close(self) -> None:
        """Stop everything."""
        self.network.cut()
        self.server.close()
