"""What only a print server can do to a job, on the real one."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import BinaryIO

import pypdfium2 as pdfium
import pytest

from printing.errors import (
    OptionRefused,
    QueueBlind,
    QueueClosed,
    QueueUnfit,
    QueueUnreachable,
    SubmitUncertain,
)
from printing.kit import Media
from printing.queues.base import Job, JobHandle, JobReport, JobState, PrintOptions
from printing.queues.cups import CupsQueue
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.paper import pdf, writer
from tests.services.process import free_port, until


def queue_of(server: PrintServer, name: str) -> CupsQueue:
    return CupsQueue(server.uri(name), "Room printer")


def job(name: str, *pages: str, media: Media = Media.A4) -> Job:
    return Job(name, f"{name}.pdf", len(pages), writer(pages, media), PrintOptions(media))


def ended(queue: CupsQueue, handle: JobHandle) -> JobReport:
    until(lambda: queue.report(handle).state.ended, "the job's end")
    return queue.report(handle)


@pytest.mark.parametrize(("media", "width"), [(Media.A4, 21000), (Media.A3, 29700)])
def test_the_printer_is_told_every_option(
    print_server: PrintServer, printer: VirtualPrinter, media: Media, width: int
) -> None:
    """Whatever the queue's own defaults are."""
    other = "iso_a3_297x420mm" if media is Media.A4 else "iso_a4_210x297mm"
    defaults = [f"media={other}", "sides=two-sided-long-edge", "print-color-mode=color", "number-up=2"]
    defaults += ["print-scaling=fit", "copies=3", "job-sheets=standard,standard"]
    options = [word for default in defaults for word in ("-o", default.replace("=", "-default=", 1))]
    print_server.administer("lpadmin", "-p", printer.name, *options)
    queue = queue_of(print_server, printer.name)
    handle = queue.submit(job("c0ffee", "one", "two", media=media))
    assert ended(queue, handle).state is JobState.CLAIMED
    (received,) = printer.received()
    assert received.job_name == "c0ffee"
    assert received.pages == ("one", "two")
    assert received.options["sides"] == "one-sided"
    assert received.options["print-color-mode"] == "monochrome"
    assert received.options["sides-default"] == "two-sided-long-edge"
    assert f"x-dimension={width} " in received.options["media-col"]
    assert received.options.get("copies", "1") == "1"
    assert left_edge(received.file) == pytest.approx(left_edge(pdf(["one"], media)), abs=0.1), "unscaled"


def left_edge(content: Path | bytes) -> float:
    """Where the first letter of the first page begins, in points from the left."""
    return float(pdfium.PdfDocument(content)[0].get_textpage().get_charbox(0)[0])


@pytest.mark.parametrize(("offered", "wanted"), [(Media.A4, Media.A3), (Media.A3, Media.A4)])
def test_a_queue_without_the_paper_is_refused_by_name(
    print_server: PrintServer, offered: Media, wanted: Media
) -> None:
    printer = print_server.printer(f"only-{offered.name}", media=[offered.value])
    queue = queue_of(print_server, printer.name)
    queue.check(PrintOptions(offered))
    with pytest.raises(OptionRefused) as refused:
        queue.check(PrintOptions(wanted))
    assert refused.value.params == {"queue": "Room printer", "option": "media", "wanted": wanted.value}
    assert printer.received_count() == 0
    printer.kill()


def test_raw_queues_and_files_are_refused(own_print_server: PrintServer) -> None:
    own_print_server.add_queue("raw", f"ipp://localhost:{free_port()}/ipp/print", "raw")
    own_print_server.add_queue("file", "file:/dev/null", "raw")
    with pytest.raises(OptionRefused) as refused:
        queue_of(own_print_server, "raw").check(PrintOptions())
    assert refused.value.params["option"] == "sides"
    with pytest.raises(QueueUnfit):
        queue_of(own_print_server, "file").check(PrintOptions())


def test_a_stopped_or_rejecting_queue_is_refused(print_server: PrintServer, printer: VirtualPrinter) -> None:
    queue = queue_of(print_server, printer.name)
    print_server.administer("cupsdisable", printer.name)
    with pytest.raises(QueueClosed):
        queue.check(PrintOptions())
    print_server.administer("cupsenable", printer.name)
    queue.check(PrintOptions())
    print_server.administer("cupsreject", printer.name)
    with pytest.raises(QueueClosed):
        queue.check(PrintOptions())
    with pytest.raises(QueueClosed):
        queue.submit(job("late", "page"))
    assert queue.find("late") is None


def test_a_server_or_queue_that_is_not_there(
    print_server: PrintServer, own_print_server: PrintServer
) -> None:
    own_print_server.stop()
    nobody = queue_of(own_print_server, "any")
    nothing = queue_of(print_server, "no-such-queue")
    for queue in (nobody, nothing):
        with pytest.raises(QueueUnreachable):
            queue.check(PrintOptions())
        with pytest.raises(QueueUnreachable):
            queue.submit(job("x", "page"))
    with pytest.raises(QueueUnreachable):
        nobody.find("x")
    with pytest.raises(QueueUnreachable):
        nobody.report(JobHandle("x", "urn:uuid:0"))


def test_a_jam_is_told_and_followed_to_its_end(print_server: PrintServer, printer: VirtualPrinter) -> None:
    queue = queue_of(print_server, printer.name)
    printer.raise_reason("media-jam-error")
    handle = queue.submit(job("jam", "page"))
    until(lambda: any("media-jam" in r for r in queue.report(handle).reasons), "the jam")
    assert queue.report(handle).state is JobState.PRINTING
    printer.clear_reasons()
    end = ended(queue, handle)
    assert (end.state, end.reasons) == (JobState.CLAIMED, ())


def test_cancelled_while_waiting_it_surely_never_began(
    print_server: PrintServer, printer: VirtualPrinter
) -> None:
    queue = queue_of(print_server, printer.name)
    printer.block()
    first = queue.submit(job("first", "page"))
    until(lambda: printer.received_count() == 1, "the first job at the printer")
    second = queue.submit(job("second", "page"))
    assert queue.report(second).state is JobState.PENDING
    queue.cancel(second)
    left = queue.report(second)
    assert (left.state, left.began) == (JobState.CANCELLED, False)
    queue.cancel(first)
    printer.unblock()
    left = ended(queue, first)
    assert (left.state, left.began) == (JobState.CANCELLED, True)
    assert printer.received_count() == 1


def test_a_power_cycled_printer_leaves_the_job_unknown(
    print_server: PrintServer, printer: VirtualPrinter
) -> None:
    queue = queue_of(print_server, printer.name)
    printer.block()
    handle = queue.submit(job("cut", "page"))
    until(lambda: printer.received_count() == 1, "the job at the printer")
    printer.restart()
    printer.unblock()
    left = ended(queue, handle)
    assert left.state is JobState.UNKNOWN
    assert "cups-ipp-missing-job-history" in left.reasons
    # CUPS keeps the reason for all later jobs, from 2.4.10 on also over "lpadmin -p": the queue must go.
    with pytest.raises(QueueBlind):
        queue.check(PrintOptions())
    print_server.administer("lpadmin", "-x", printer.name)
    print_server.add_queue(printer.name, printer.uri)
    queue.check(PrintOptions())
    assert queue.report(handle).state is JobState.UNKNOWN


@pytest.mark.parametrize("moment", ["in the middle", "at the end"])
def test_a_server_killed_during_the_hand_over_leaves_it_uncertain(
    own_print_server: PrintServer, moment: str
) -> None:
    printer = own_print_server.printer("laser")
    own_print_server.wait_written("laser")
    queue = queue_of(own_print_server, "laser")
    content = pdf(["page"] * 200)

    def write(out: BinaryIO) -> None:
        half = len(content) // 2
        out.write(content[:half])
        if moment == "in the middle":
            own_print_server.kill()
        for start in range(half, len(content), 1000):
            out.write(content[start : start + 1000])
        own_print_server.kill()

    with pytest.raises(SubmitUncertain):
        queue.submit(Job("gone", "gone.pdf", 200, write))
    own_print_server.start()
    assert printer.received_count() == 0


def test_a_number_used_again_is_not_taken_for_the_old_job(own_print_server: PrintServer) -> None:
    printer = own_print_server.printer("laser")
    own_print_server.wait_written("laser")
    queue = queue_of(own_print_server, "laser")
    printer.block()
    old = queue.submit(job("old", "page"))
    own_print_server.kill()
    printer.restart()
    own_print_server.start()
    assert queue.find("old") is None
    assert queue.report(old).state is JobState.UNKNOWN
    new = queue.submit(job("new", "page"))
    assert new.number == old.number, "CUPS is expected to use the number again"
    assert queue.report(old).state is JobState.UNKNOWN
    queue.cancel(old)
    printer.unblock()
    assert ended(queue, new).state is JobState.CLAIMED


def test_threads_talk_to_different_servers(print_server: PrintServer, printer: VirtualPrinter) -> None:
    """libcups keeps the server per thread; one queue's calls never go to another's server."""
    nobody = CupsQueue(f"cups://127.0.0.1:{free_port()}/any", "Nobody")
    queue = queue_of(print_server, printer.name)
    failed: list[Exception] = []

    def call() -> None:
        try:
            queue.check(PrintOptions())
            assert queue.find("x") is None
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failed.append(error)

    for _ in range(5):
        with pytest.raises(QueueUnreachable):
            nobody.check(PrintOptions())
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
        call()
    assert failed == []


def test_the_default_policy_hides_no_job_of_ours(print_server: PrintServer, printer: VirtualPrinter) -> None:
    """CUPS's default policy shows a job's name to its owner only: finding must say who asks."""
    assert "JobPrivateValues default" in (print_server.folder / "cupsd.conf").read_text()
    queue = queue_of(print_server, printer.name)
    queue.submit(job("owned", "page"))
    assert queue.find("owned") is not None


def test_a_held_job_whose_document_broke_off_says_so(
    print_server: PrintServer, printer: VirtualPrinter
) -> None:
    """CUPS says so only of a job that is not held on purpose; this one must not be let go empty."""
    queue = queue_of(print_server, printer.name)
    seen: list[JobReport] = []

    def write(out: BinaryIO) -> None:
        found = queue.find("half")
        assert found is not None
        seen.append(queue.report(found))
        out.write(pdf(["held"]))

    handle = queue.submit(Job("half", "half.pdf", 1, write, PrintOptions(hold=True)))
    assert seen[0].state is JobState.HELD
    assert "job-incoming" in seen[0].reasons
    assert "job-incoming" not in queue.report(handle).reasons
    queue.cancel(handle)


def test_a_fault_is_known_within_seconds_however_long_the_job_has_been_printing(
    print_server: PrintServer, printer: VirtualPrinter
) -> None:
    """CUPS itself looks at a printer in growing intervals, up to 8 s."""
    queue = queue_of(print_server, printer.name)
    printer.slow(30)
    handle = queue.submit(job("long", "page"))
    until(lambda: printer.received_count() == 1, "the job at the printer")
    begun = time.monotonic()
    until(lambda: time.monotonic() - begun > 13, "CUPS's longest interval")
    printer.raise_reason("media-jam-error")
    raised = time.monotonic()
    until(lambda: any("media-jam" in r for r in queue.report(handle).reasons), "the jam", seconds=3)
    assert time.monotonic() - raised < 3
    queue.cancel(handle)
