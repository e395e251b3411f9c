"""Ctrl-C with a printer that stands still: once waits for what is on its way, twice breaks off."""

from __future__ import annotations

import itertools
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from printing.journal import Delivery
from provision.ledger import Ledger, LedgerJournal
from provision.site.site import STATE
from tests.e2e.site import command_line, environment, example, fewer, on_cups, run
from tests.e2e.test_cups_morning import kits_in
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.process import until

_numbers = itertools.count(1)


@pytest.fixture
def printer(print_server: PrintServer) -> Iterator[VirtualPrinter]:
    made = print_server.printer(f"still{next(_numbers)}")
    yield made
    made.kill()


def accepted(site: Path) -> int:
    """How many documents the server has taken by all that is written down."""
    ledger = Ledger(site / STATE)
    try:
        states = [entry.state for entry in LedgerJournal(ledger).entries()]
    finally:
        ledger.close()
    return sum(state in {Delivery.ACCEPTED, Delivery.PRINTING} for state in states)


def test_a_second_ctrl_c_breaks_off_and_the_next_run_goes_on(
    tmp_path: Path, print_server: PrintServer, printer: VirtualPrinter
) -> None:
    site = fewer(example(tmp_path), 8)
    uri = print_server.uri(printer.name)
    on_cups(site, {"Учительская": uri, "Кабинет информатики": uri})
    printer.block()
    output = (tmp_path / "stderr").open("wb")
    process = subprocess.Popen(
        command_line(site, "rooms", "--exam", "ma-7b", "--json"),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=output,
    )
    try:
        until(lambda: printer.received_count() >= 1, "a document at the printer")
        until(lambda: accepted(site) == 3, "as many jobs on their way as there may be")
        process.send_signal(signal.SIGINT)
        until(lambda: b"Ctrl-C again" in (tmp_path / "stderr").read_bytes(), "the first Ctrl-C to be taken")
        assert process.poll() is None, "what is on its way is waited for"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    finally:
        process.kill()
        process.wait()
        output.close()
    assert "Traceback" not in (tmp_path / "stderr").read_text(), "told in words"
    printer.unblock()
    assert run(site, "rooms", "--exam", "ma-7b", "--json").code == 0
    marks = kits_in(list(printer.received()))
    assert set(marks.values()) == {1}
    assert len({kit for _batch, kit, _page in marks}) == 9
