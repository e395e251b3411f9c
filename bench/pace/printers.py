"""Printers that take their time: real IPP printers whose sheets come out at a pace, and what they did.

``ippeveprinter -s`` only says how fast a printer is (``pages-per-minute``); it neither sleeps by it nor
counts sheets. Without a command it "prints" every job in 5 to 15 random seconds (process_job in its source),
with one for as long as the command runs: :mod:`bench.pace.command` runs for the nominal time of the sheets
that really arrived. It takes one job at a time, as CUPS sends them.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader

from bench.pace import command
from tests.services.cups import MessageBus, PrintServer, print_server
from tests.services.process import Process, free_port, listens, program


@dataclass(frozen=True, slots=True)
class Printed:
    """One document on paper: when its last byte had arrived and when its last sheet was out (seconds since
    the epoch), its sheets, and the file as the printer received it."""

    began: float
    ended: float
    sheets: int
    file: Path


class Printer:
    """One printer at ``pages_per_minute``."""

    def __init__(self, name: str, folder: Path, bus: MessageBus, pages_per_minute: float) -> None:
        """Switch it on; its files lie in ``folder``."""
        self.name = name
        self.port = free_port()
        self._log = folder / "printed"
        spool = folder / "spool"
        spool.mkdir(parents=True)
        script = folder / "command"
        words = [sys.executable, "-IS", command.__file__, str(self._log), repr(60 / pages_per_minute)]
        script.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        script.chmod(0o755)
        arguments = ["-r", "off", "-n", "localhost", "-p", str(self.port), "-d", str(spool), "-k"]
        arguments += ["-s", f"{pages_per_minute:.0f}", "-f", "application/pdf,image/pwg-raster"]
        self._process = Process(
            [program("ippeveprinter"), *arguments, "-c", str(script), name], folder / "log", bus.environment
        )
        self._process.wait_ready(lambda: listens("localhost", self.port), f"printer {name}")

    @property
    def uri(self) -> str:
        """Where the printer is."""
        return f"ipp://localhost:{self.port}/ipp/print"

    def printed(self) -> tuple[Printed, ...]:
        """Every document whose last sheet is out, in order."""
        text = self._log.read_text() if self._log.exists() else ""
        whole = text[: text.rfind("\n") + 1]  # a line may be half written at this moment
        rows = (line.split(" ", 3) for line in whole.splitlines())
        return tuple(Printed(float(began), float(end), int(n), Path(file)) for began, end, n, file in rows)

    def recount(self) -> int:
        """Sheets of all documents, counted by a second reader, slowly."""
        return sum(len(PdfReader(each.file).pages) for each in self.printed())

    def stop(self) -> None:
        """Switch it off."""
        self._process.kill()


@contextmanager
def print_room(names: Sequence[str], pages_per_minute: float) -> Iterator[tuple[PrintServer, list[Printer]]]:
    """A fresh private print server with a driverless queue for each of the named printers."""
    with print_server() as server, ExitStack() as running:
        (server.folder / "bus-of-printers").mkdir()
        bus = MessageBus(server.folder / "bus-of-printers")
        running.callback(bus.stop)
        printers = []
        for name in names:
            printer = Printer(name, server.folder / "printers" / name, bus, pages_per_minute)
            running.callback(printer.stop)
            server.add_queue(name, printer.uri)
            printers.append(printer)
        yield server, printers
