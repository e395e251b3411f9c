"""The same morning on a real print server: what the printers received is what was planned."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from printing.mark import decode
from tests.e2e.site import command_line, environment, example, fewer, inside, on_cups, run
from tests.services.cups import PrintServer, Received, VirtualPrinter
from tests.services.scanner import marks_on

_numbers = itertools.count(1)

OPTIONS = {"sides": "one-sided", "print-color-mode": "monochrome"}
"""What must reach the printer with every document, whatever its own defaults are (two-sided, colour). The
options that CUPS carries out itself are compared in tests/contract."""


@pytest.fixture
def printers(print_server: PrintServer) -> Iterator[dict[str, VirtualPrinter]]:
    """Two printers, by the names that the example's inventory knows."""
    number = next(_numbers)
    made = {
        "Учительская": print_server.printer(f"staff{number}"),
        "Кабинет информатики": print_server.printer(f"informatics{number}"),
    }
    yield made
    for printer in made.values():
        printer.kill()


def site_on(
    folder: Path, server: PrintServer, printers: dict[str, VirtualPrinter], *, pupils: int = 8
) -> Path:
    site = fewer(example(folder), pupils)
    on_cups(site, {name: server.uri(printer.name) for name, printer in printers.items()})
    return site


def received(printers: dict[str, VirtualPrinter]) -> list[Received]:
    return [document for printer in printers.values() for document in printer.received()]


def kits_in(documents: list[Received]) -> Counter[tuple[str, int, int]]:
    """(batch, kit, page) of every mark on every sheet that the printers got."""
    return Counter(
        (mark.batch, mark.kit, mark.page)
        for document in documents
        for mark in map(decode, marks_on(document.file))
    )


def test_the_printers_received_exactly_the_planned_sheets(
    tmp_path: Path, print_server: PrintServer, printers: dict[str, VirtualPrinter]
) -> None:
    site = site_on(tmp_path, print_server, printers, pupils=22)
    planned = inside(site, "rooms", "--exam", "ma-7a", "--exam", "ma-7b", "--dry-run", "--json").json["todo"]
    done = run(site, "rooms", "--exam", "ma-7a", "--exam", "ma-7b", "--json")
    assert done.code == 0, done.err
    states = {room["state"] for exam in done.json["exams"] for room in exam["rooms"]}
    assert states == {"claimed"}  # the printer's word is no evidence, and is not shown as ready

    documents = received(printers)
    assert len(documents) == len(planned)
    assert sum(document.sheets for document in documents) == sum(one["sheets"] for one in planned)
    marks = kits_in(documents)
    assert set(marks.values()) == {1}
    kits = {number for one in planned if one["what"] == "kits" for number in one["kits"]}
    assert len({(batch, kit) for batch, kit, _page in marks}) == len(kits) == 45
    for document in documents:
        assert {name: document.options.get(name) for name in OPTIONS} == OPTIONS
        assert re.fullmatch(r"[0-9a-f]{16}", document.job_name)
    a3 = [document for document in documents if PdfReader(document.file).pages[0].mediabox.width > 800]
    assert [document.sheets for document in a3] == [8]  # one pupil has large print

    again = inside(site, "rooms", "--exam", "ma-7a", "--exam", "ma-7b", "--json")
    assert again.json["printed"] == {"documents": 0, "sheets": 0}
    assert len(received(printers)) == len(documents)


def test_killed_while_printing_and_run_again_no_kit_is_printed_twice(
    tmp_path: Path, print_server: PrintServer, printers: dict[str, VirtualPrinter]
) -> None:
    site = site_on(tmp_path, print_server, printers)
    process = subprocess.Popen(
        command_line(site, "rooms", "--exam", "ma-7a", "--json"),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while sum(p.received_count() for p in printers.values()) < 5 and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = run(site, "rooms", "--exam", "ma-7a", "--json")
    unknown = [key for exam in done.json["exams"] for room in exam["rooms"] for key in room["unknown"]]
    assert done.code == (7 if unknown else 0), done.err
    marks = kits_in(received(printers))
    assert set(marks.values()) == {1}
    expected = 9 - sum(1 for key in unknown if "/kits/" in key)
    assert len({kit for _batch, kit, _page in marks}) >= expected


def test_a_queue_that_lacks_an_option_is_refused_before_anything_is_sent(
    tmp_path: Path, print_server: PrintServer, printers: dict[str, VirtualPrinter]
) -> None:
    poor = print_server.printer(f"poor{next(_numbers)}", media=["iso_a4_210x297mm"])
    site = site_on(tmp_path, print_server, printers | {"Учительская": poor})
    done = run(site, "rooms", "--exam", "ma-7b")
    assert done.code == 6
    assert "Учительская" in done.err
    assert "media" in done.err
    assert poor.received_count() == 0
    poor.kill()


def test_a_server_that_is_off_is_told_and_nothing_is_lost(
    tmp_path: Path, own_print_server: PrintServer
) -> None:
    printer = own_print_server.printer("only")
    site = site_on(tmp_path, own_print_server, {"Учительская": printer, "Кабинет информатики": printer})
    own_print_server.stop()
    done = run(site, "rooms", "--exam", "ma-7b")
    assert done.code == 6
    assert "Check that the printer or print server is on" in done.err
    own_print_server.start()
    assert run(site, "rooms", "--exam", "ma-7b").code == 0
    assert set(kits_in(list(printer.received())).values()) == {1}
