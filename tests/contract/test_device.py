"""What is asked of a printer while it prints, at printers that tell only part of it."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import threading
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from printing.queues import device
from printing.queues.base import JobState
from printing.queues.device import Glance
from printing.queues.ipp import encode
from printing.queues.reasons import describe
from tests.contract.test_cups_queue import job, queue_of
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.process import until

CREATE_JOB = 0x0005
GET_JOBS = b"\x00\x0a"
FORBIDDEN = b"\x01\x01\x04\x01\x00\x00\x00\x01\x03"


@contextlib.contextmanager
def discreet(printer: VirtualPrinter) -> Iterator[str]:
    """The address of the printer as one that tells nobody of its jobs."""
    real = urlsplit(printer.uri)

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            said = FORBIDDEN if asked[2:4] == GET_JOBS else self._of_the_printer(asked)
            self.send_response(200)
            self.send_header("Content-Type", "application/ipp")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def _of_the_printer(self, asked: bytes) -> bytes:
            mine = f"127.0.0.1:{self.server.server_port}".encode()  # type: ignore[attr-defined]
            assert mine in asked
            connection = http.client.HTTPConnection("127.0.0.1", real.port or 631, timeout=5)
            with contextlib.closing(connection):
                connection.request("POST", real.path, asked, {"Content-Type": "application/ipp"})
                return connection.getresponse().read()

        def log_message(self, *_args: object) -> None:
            """Nothing is printed."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"ipp://127.0.0.1:{server.server_port}{real.path}"
        server.shutdown()
        thread.join()


def test_a_printer_that_keeps_its_jobs_to_itself_still_tells_of_a_jam(
    print_server: PrintServer, printer: VirtualPrinter
) -> None:
    printer.block()
    queue_of(print_server, printer.name).submit(job("jammed", "page"))
    until(lambda: printer.received_count() == 1, "the job at the printer")
    with discreet(printer) as address:
        glance = Glance(local=True)
        assert glance.printed(address, "jammed") is False
        assert not stopped_by_jam(glance, address)
        printer.raise_reason("media-jam-error")
        until(lambda: stopped_by_jam(glance, address), "the jam")
    printer.clear_reasons()
    printer.unblock()


def test_a_printer_that_waits_for_a_document_that_never_comes_is_told_of(
    print_server: PrintServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever made a job there and was killed before its document holds up everybody, without a word."""
    monkeypatch.setattr(device, "IDLE_SECONDS", 1.0)
    printer = print_server.printer("waits")
    made = encode(CREATE_JOB, printer.uri, b"")
    asked = urllib.request.Request(
        printer.uri.replace("ipp:", "http:"), made, {"Content-Type": "application/ipp"}
    )
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert answer.read()[2:4] == b"\x00\x00"
    queue = queue_of(print_server, printer.name)
    handle = queue.submit(job("kept waiting", "page"))
    until(lambda: queue.report(handle).reasons == ("vpr-printer-rests",), "the word that nothing happens")
    assert describe("vpr-printer-rests").cure.startswith("If nothing comes out: switch it off and on")
    printer.kill()
    printer.start()
    until(
        lambda: queue.report(handle).state is JobState.CLAIMED, "the job, which starts by itself", seconds=60
    )
    assert queue.report(handle).reasons == ()
    assert [name for _file, name in printer.printed()] == ["kept waiting"]


def stopped_by_jam(glance: Glance, address: str) -> bool:
    said = glance.reasons(address)
    assert said is not None, "it answers"
    return any("media-jam" in reason for reason in said)
