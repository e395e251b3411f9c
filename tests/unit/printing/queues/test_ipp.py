"""The IPP question: real bytes there, any bytes back."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from printing.queues.ipp import MAX_ANSWER, Attributes, NotIpp, PrinterSilent, ask, decode, ended_jobs

HEAD = b"\x01\x01\x00\x00\x00\x00\x00\x01"
OK = HEAD + b"\x04\x23\x00\x0dprinter-state\x00\x04\x00\x00\x00\x03\x03"


def value(tag: int, name: str, data: bytes) -> bytes:
    return bytes([tag]) + len(name).to_bytes(2, "big") + name.encode() + len(data).to_bytes(2, "big") + data


def of_printer(answer: bytes) -> Attributes:
    (found,) = (attributes for tag, attributes in decode(answer) if tag == 4)
    return found


def test_a_request_names_printer_and_attributes() -> None:
    heard: list[bytes] = []
    with answering(b"", heard=heard) as uri, pytest.raises(PrinterSilent):
        ask(uri, ["printer-state", "marker-levels"])
    sent = heard[0].partition(b"\r\n\r\n")[2]
    assert sent.startswith(b"\x01\x01\x00\x0b")
    assert sent.endswith(b"\x44\x00\x00\x00\x0dmarker-levels\x03")
    assert value(0x45, "printer-uri", uri.encode()) in sent


def test_ended_jobs_are_asked_for_and_each_is_told_apart() -> None:
    heard: list[bytes] = []
    jobs = (
        b"\x02" + value(0x42, "job-name", name) + value(0x23, "job-state", b"\0\0\0\x09")
        for name in (b"a", b"b")
    )
    body = HEAD + b"\x01" + value(0x47, "attributes-charset", b"utf-8") + b"".join(jobs) + b"\x03"
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body, heard=heard) as uri:
        found = ended_jobs(uri, ["job-name", "job-state"])
    assert found == ({"job-name": ("a",), "job-state": (9,)}, {"job-name": ("b",), "job-state": (9,)})
    sent = heard[0].partition(b"\r\n\r\n")[2]
    assert sent.startswith(b"\x01\x01\x00\x0a")
    assert value(0x44, "which-jobs", b"completed") in sent
    assert value(0x21, "limit", (20).to_bytes(4, "big")) in sent


def test_plain_values_are_read_and_collections_passed_over() -> None:
    answer = (
        HEAD
        + b"\x01"
        + value(0x47, "attributes-charset", b"utf-8")
        + b"\x04"
        + value(0x21, "marker-levels", (-2).to_bytes(4, "big", signed=True))
        + value(0x21, "", (75).to_bytes(4, "big"))
        + value(0x22, "printer-is-accepting-jobs", b"\x01")
        + value(0x34, "media-col-ready", b"")
        + value(0x4A, "", b"x-dimension")
        + value(0x21, "", (21000).to_bytes(4, "big"))
        + value(0x34, "", b"")
        + value(0x41, "", b"inner")
        + value(0x37, "", b"")
        + value(0x37, "", b"")
        + value(0x30, "printer-supply", b"type=toner;")
        + value(0x13, "printer-geo-location", b"")
        + value(0x41, "printer-info", "Учительская".encode())
        + b"\x03"
    )
    assert of_printer(answer) == {
        "marker-levels": (-2, 75),
        "printer-is-accepting-jobs": (1,),
        "printer-supply": ("type=toner;",),
        "printer-info": ("Учительская",),
    }


def test_a_refusal_is_no_answer() -> None:
    with pytest.raises(NotIpp, match="0x0406"):
        decode(b"\x01\x01\x04\x06\x00\x00\x00\x01\x03")


@given(st.binary(max_size=300) | st.binary(max_size=300).map(HEAD.__add__))
@example(OK[:-1])
@example(HEAD + b"\x04" + b"\x34\x00\x01a\xff\xff")
def test_any_bytes_give_attributes_or_not_ipp(untrusted: bytes) -> None:
    try:
        found = decode(untrusted)
    except NotIpp:
        return
    assert all(isinstance(each, int | str) for _tag, row in found for many in row.values() for each in many)


@given(st.lists(st.tuples(st.sampled_from([0x21, 0x23]), st.integers(-(2**31), 2**31 - 1)), max_size=20))
def test_numbers_come_back_as_they_were_written(numbers: list[tuple[int, int]]) -> None:
    rows = b"".join(
        value(tag, f"a{index}", number.to_bytes(4, "big", signed=True))
        for index, (tag, number) in enumerate(numbers)
    )
    found = of_printer(HEAD + b"\x04" + rows + b"\x03")
    assert list(found.values()) == [(number,) for _tag, number in numbers]


@contextlib.contextmanager
def answering(*pieces: bytes, pause: float = 0.0, heard: list[bytes] | None = None) -> Iterator[str]:
    """A printer that says the pieces, with pauses, whatever it is asked; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                asked = connection.recv(65536)
                while heard is not None and not asked.endswith(b"\x03"):  # head and body come apart
                    asked += connection.recv(65536)
                (heard if heard is not None else []).append(asked)
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(pause)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"ipp://127.0.0.1:{listener.getsockname()[1]}/ipp/print"
        thread.join()


def test_an_answer_over_http() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(OK) + OK) as uri:
        assert ask(uri, ["printer-state"]) == {"printer-state": (3,)}


@pytest.mark.parametrize(
    "pieces",
    [
        (b"",),
        (b"nonsense",),
        (b"HTTP/1.1 426 Upgrade Required\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + OK[:9],),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + OK[:9],),
        (b"HTTP/1.1 200 OK\r\n\r\n", *[b"\0" * 65536] * (MAX_ANSWER // 65536 + 1)),
    ],
    ids=["nothing", "no HTTP", "no answer", "half", "less than said", "endless"],
)
def test_what_is_no_answer_is_told(pieces: tuple[bytes, ...]) -> None:
    with answering(*pieces) as uri, pytest.raises(PrinterSilent) as told:
        ask(uri, ["printer-state"])
    assert told.value.params["host"] == "127.0.0.1"


def test_an_answer_that_drips_ends_at_the_deadline() -> None:
    """Each byte comes in time for a socket's own timeout; the whole does not."""
    drops = [b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", *[b"\1"] * 50]
    began = time.monotonic()
    with answering(*drops, pause=0.1) as uri:
        with pytest.raises(PrinterSilent):
            ask(uri, ["printer-state"], deadline=0.5)
        assert time.monotonic() - began < 2


def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        uri = f"ipp://127.0.0.1:{probe.getsockname()[1]}/"
        with pytest.raises(PrinterSilent):
            ask(uri, ["printer-state"])
