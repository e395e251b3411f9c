"""What a real printer and a real print server tell, and what is left on the server."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from printing.queues.base import JobHandle, JobState, PrintOptions
from printing.queues.cups import CupsQueue
from printing.queues.facts import Contact, Counter, Supply
from printing.queues.folder import FolderQueue
from printing.queues.ipp import PrinterSilent, ask
from printing.queues.spool import Ended, Setting
from tests.contract.test_cups_queue import ended, job, queue_of
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.process import until


@pytest.fixture
def counting(print_server: PrintServer) -> Iterator[VirtualPrinter]:
    """A printer that knows its toner and counts its sheets."""
    name = f"counting{next(_numbers)}"
    printer = print_server.printer(name, toner=8, counted=1000)
    yield printer
    printer.dispose()


_numbers = iter(range(1, 1000))


def documents(server: PrintServer) -> list[str]:
    """The documents that lie in the server's spool."""
    return sorted(file.name for file in (server.folder / "spool").iterdir() if file.name.startswith("d"))


def gone(queue: CupsQueue, name: str) -> None:
    """Wait until the server has forgotten a job. One that it still waited for ends with its backend first;
    its history goes with the next purge, as at the end of every run."""

    def forgotten() -> bool:
        queue.purge([Ended(name, "")])
        return queue.find(name) is None

    until(forgotten, "the job's history to go", pause=0.1)


def test_a_printer_answers_itself(printer: VirtualPrinter) -> None:
    wanted = ["printer-make-and-model", "printer-state", "sides-supported"]
    told = {
        "printer-make-and-model": ("Test Laser",),
        "printer-state": (3,),
        "sides-supported": ("two-sided-long-edge", "one-sided"),
    }
    assert ask(printer.uri, wanted) == told
    assert ask(printer.uri.replace("ipp:", "ipps:"), wanted) == told
    printer.kill()
    with pytest.raises(PrinterSilent):
        ask(printer.uri, wanted)


def test_facts_join_queue_and_printer(print_server: PrintServer, counting: VirtualPrinter) -> None:
    facts = queue_of(print_server, counting.name).facts()
    assert facts.model == "Test Laser"
    assert facts.contact is Contact.ANSWERS
    assert (facts.stopped, facts.accepting, facts.reasons) == (False, True, ())
    assert facts.lacking == ()
    assert "iso_a3_297x420mm" in facts.offered["media"]
    assert "monochrome" in facts.offered["print-color-mode"]
    assert facts.loaded == ("iso_a4_210x297mm", "iso_a3_297x420mm")
    assert facts.supplies == (
        Supply("Black Toner", "toner", 8, short=True),
        Supply("Waste Toner Box", "wasteToner", 25, short=False),
    )
    assert facts.counter == Counter("printer-media-sheets-completed", 1000, idle=True)


def test_what_is_wrong_is_seen_without_printing(print_server: PrintServer) -> None:
    printer = print_server.printer(f"poor{next(_numbers)}", media=["iso_a3_297x420mm"])
    queue = queue_of(print_server, printer.name)
    assert queue.facts().lacking == (("media", "iso_a4_210x297mm"),)
    assert queue.facts().counter is None
    print_server.administer("cupsdisable", printer.name)
    print_server.administer("cupsreject", printer.name)
    facts = queue.facts()
    assert (facts.stopped, facts.accepting) == (True, False)
    assert "paused" in facts.reasons
    printer.kill()
    assert queue.facts().contact is Contact.SILENT
    assert queue.counter() is None


def test_the_counter_counts_what_came_out(print_server: PrintServer, counting: VirtualPrinter) -> None:
    queue = queue_of(print_server, counting.name)
    counting.block()
    handle = queue.submit(job("counted", "one", "two", "three"))
    until(lambda: counting.received_count() == 1, "the job at the printer")
    held = queue.counter()
    assert held is not None
    assert (held.sheets, held.idle) == (1000, False)
    counting.unblock()
    assert ended(queue, handle).state is JobState.CLAIMED
    after = queue.counter()
    assert after is not None
    assert (after.sheets, after.idle) == (1003, True)


def test_an_ended_job_goes_with_its_documents_and_a_living_one_stays(
    own_print_server: PrintServer,
) -> None:
    printer = own_print_server.printer("laser")
    queue = queue_of(own_print_server, "laser")
    first = queue.submit(job("first", "page"))
    ended(queue, first)
    printer.block()
    second = queue.submit(job("second", "page"))
    until(lambda: printer.received_count() == 2, "the second job at the printer")
    assert documents(own_print_server) == ["d00001-001", "d00002-001"]
    # The printer may have the second before its server says of the first that it has ended.
    until(lambda: queue.spool({"first", "second"}).kept == ("first",), "the first to be kept")

    queue.purge([Ended("first", first.reference)])
    until(lambda: documents(own_print_server) == ["d00002-001"], "the document to go")
    gone(queue, "first")
    report = queue.spool({"first", "second"})
    assert (report.kept, report.waiting) == ((), ("second",))
    assert queue.report(second).state is JobState.PRINTING

    printer.unblock()
    assert ended(queue, second).state is JobState.CLAIMED
    queue.purge([Ended("second", "")])
    until(lambda: documents(own_print_server) == [], "the document to go")
    gone(queue, "second")
    assert queue.spool({"first", "second"}).waiting == ()


def test_what_is_kept_is_seen_also_when_the_server_has_put_it_away(
    print_server: PrintServer, printer: VirtualPrinter
) -> None:
    """Two seconds after its end CUPS 2.4 takes an ended job out of its memory, and its name with it."""
    queue = queue_of(print_server, printer.name)
    ended(queue, queue.submit(job("put away", "page")))
    until(lambda: queue.spool({"put away"}).kept == ("put away",), "it to be kept")
    watched = time.monotonic() + 4
    while time.monotonic() < watched:
        assert "put away" in queue.spool({"put away"}).kept
        time.sleep(0.2)


def test_a_printer_that_has_printed_is_not_left_idle(
    print_server: PrintServer, printer: VirtualPrinter
) -> None:
    """CUPS asks a printer 4, 7 and 12 seconds after it began; this one is done after 7.5."""
    queue = queue_of(print_server, printer.name)
    printer.slow(7.5)
    first, second = queue.submit(job("quick", "page")), queue.submit(job("waiting", "page"))
    until(lambda: queue.report(first).state.ended, "the first job's end", seconds=20, pause=0.1)
    noticed = time.monotonic()
    assert [name for _file, name in printer.printed()] == ["quick"]
    assert queue.report(first).state is JobState.CLAIMED
    assert queue.spool({"quick"}).waiting == ("quick",), "CUPS has not noticed, and would wait on"

    queue.purge([Ended("quick", first.reference)])
    until(lambda: printer.received_count() == 2, "the second job at the printer")
    assert time.monotonic() - noticed < 3
    assert ended(queue, second).state is JobState.CLAIMED
    queue.purge([Ended("quick", first.reference)])
    gone(queue, "quick")
    assert [name for _file, name in printer.printed()] == ["quick", "waiting"]


def test_jobs_of_others_are_never_purged(print_server: PrintServer, printer: VirtualPrinter) -> None:
    queue = queue_of(print_server, printer.name)
    mine, other = queue.submit(job("mine", "page")), queue.submit(job("other", "page"))
    for handle in (mine, other):
        ended(queue, handle)
    queue.purge([Ended("mine", "urn:uuid:of-another-job"), Ended("unheard-of", "")])
    assert {"mine", "other"} <= {name for name in ("mine", "other") if queue.find(name)}
    queue.purge([Ended("mine", mine.reference)])
    gone(queue, "mine")
    assert queue.find("other") == other


def test_a_purged_job_does_not_come_back_after_a_crash(own_print_server: PrintServer) -> None:
    printer = own_print_server.printer("laser")
    own_print_server.wait_written("laser")
    queue = queue_of(own_print_server, "laser")
    ended(queue, queue.submit(job("done", "page")))
    queue.purge([Ended("done", "")])
    gone(queue, "done")
    own_print_server.kill()
    own_print_server.start()
    assert queue.find("done") is None
    assert documents(own_print_server) == []
    again = queue.submit(job("next", "page"))
    assert ended(queue, again).state is JobState.CLAIMED
    assert printer.received_count() == 2
    assert queue.report(JobHandle("done", "urn:uuid:0")).state is JobState.UNKNOWN


def settings(queue: CupsQueue) -> dict[str, Setting]:
    return {each.name: each for each in queue.spool(()).settings}


def test_the_servers_settings_are_read_from_itself(own_print_server: PrintServer) -> None:
    own_print_server.printer("laser")
    queue = queue_of(own_print_server, "laser")
    found = settings(queue)
    assert (found["PreserveJobFiles"].value, found["PreserveJobFiles"].good) == ("1d", False)
    assert found["PreserveJobFiles"].line == "PreserveJobFiles No"
    assert found["printer-error-policy"].good is False
    change = found["printer-error-policy"].line
    assert change == "lpadmin -p laser -o printer-error-policy=abort-job"

    program, *arguments = change.split()
    own_print_server.administer(program, *arguments)
    configuration = own_print_server.folder / "cupsd.conf"
    configuration.write_text(configuration.read_text() + "PreserveJobFiles No\nMaxJobs 20\n")
    own_print_server.restart()
    changed = settings(queue)
    assert changed["printer-error-policy"] == dataclasses.replace(
        found["printer-error-policy"], value="abort-job", good=True
    )
    assert changed["PreserveJobFiles"].good is True
    assert (changed["MaxJobs"].value, changed["MaxJobs"].good) == ("20", False)


def test_with_the_recommended_setting_nothing_is_kept_even_without_us(
    own_print_server: PrintServer,
) -> None:
    configuration = own_print_server.folder / "cupsd.conf"
    configuration.write_text(configuration.read_text() + "PreserveJobFiles No\n")
    own_print_server.restart()
    own_print_server.printer("laser")
    queue = queue_of(own_print_server, "laser")
    assert ended(queue, queue.submit(job("done", "page"))).state is JobState.CLAIMED
    until(lambda: documents(own_print_server) == [], "the document to go")
    assert queue.find("done") is not None, "its history is needed until the journal has its end"
    assert queue.spool({"done"}).kept == ()


def test_a_configuration_that_is_not_shown_is_not_passed(own_print_server: PrintServer) -> None:
    configuration = own_print_server.folder / "cupsd.conf"
    closed = "<Location /admin/conf>\nAuthType Basic\nRequire user @SYSTEM\n</Location>\n"  # as CUPS ships it
    configuration.write_text(configuration.read_text() + closed)
    own_print_server.restart()
    own_print_server.printer("laser")
    queue = queue_of(own_print_server, "laser")
    found = settings(queue)
    assert (found["PreserveJobFiles"].value, found["PreserveJobFiles"].good) == (None, None)
    assert found["printer-error-policy"].good is not None, "that the server tells everybody"
    assert queue.spool(()).stray is None, "another server's files do not lie in the usual place"
    queue.check(PrintOptions())


def test_a_folder_keeps_nothing_on_the_way(tmp_path: Path) -> None:
    queue = FolderQueue(tmp_path / "out", "Folder")
    queue.submit(job("kept", "page"))
    queue.purge([Ended("kept", "kept.pdf")])
    assert queue.find("kept") is not None
    assert (queue.spool({"kept"}).kept, queue.counter(), queue.facts().lacking) == ((), None, ())
