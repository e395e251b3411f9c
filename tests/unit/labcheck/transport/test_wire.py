"""The socket that fetches much at once and holds together what belongs together, on real connections."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator

import pytest

from labcheck.transport.wire import Wire


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    """Ours, and the other side's."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        wire = Wire(socket.AF_INET, socket.SOCK_STREAM, 0)
        wire.connect(listening.getsockname())
        other, _address = listening.accept()
    wire.settimeout(0.1)
    other.settimeout(5)
    yield wire, other
    wire.close()
    other.close()


def taken(other: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += other.recv(count - len(found))
    return found


def test_what_comes_is_given_out_in_pieces_and_in_order(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    sent = random.Random(1).randbytes(300_000)
    threading.Thread(target=other.sendall, args=(sent,)).start()
    found, chance = b"", random.Random(2)
    while len(found) < len(sent):
        piece = wire.recv(chance.choice((1, 4, 16, 5000, 100_000)))
        assert piece
        found += piece
    assert found == sent
    with pytest.raises(TimeoutError):
        wire.recv(1)
    other.shutdown(socket.SHUT_WR)
    assert (wire.recv(16), wire.recv(16)) == (b"", b"")


def test_a_look_takes_nothing(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    other.sendall(b"SSH-2.0")
    assert (wire.recv(3, socket.MSG_PEEK), wire.recv(7)) == (b"SSH", b"SSH-2.0")


def test_what_is_held_together_goes_at_the_end(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    with wire.together():
        assert [wire.send(b"one"), wire.send(bytearray(b"two"))] == [3, 3]
        other.settimeout(0.05)
        with pytest.raises(TimeoutError):
            other.recv(1)
        other.settimeout(5)
    assert taken(other, 6) == b"onetwo"
    wire.send(b"three")
    assert taken(other, 5) == b"three"


def test_another_thread_waits_for_nothing_and_overtakes_nothing(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    with wire.together():
        wire.send(b"first ")
        thread = threading.Thread(target=wire.send, args=(b"second ",))
        thread.start()
        thread.join(5)
        assert taken(other, 13) == b"first second "
        wire.send(b"third")
    assert taken(other, 5) == b"third"


def test_much_goes_through_a_slow_reader_whole(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    pieces = [random.Random(seed).randbytes(90_000) for seed in range(150)]

    def send() -> None:
        with wire.together():
            for piece in pieces:
                wire.send(piece)

    thread = threading.Thread(target=send)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()  # nobody reads, and no system holds so much
    assert taken(other, 150 * 90_000) == b"".join(pieces)
    thread.join(5)
    assert not thread.is_alive()


def test_a_connection_that_is_cut_ends_it(ends: tuple[Wire, socket.socket]) -> None:
    wire, _other = ends
    failed: list[OSError] = []

    def send() -> None:
        try:
            with wire.together():
                for _ in range(200):
                    wire.send(bytes(100_000))
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    wire.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    assert not thread.is_alive()
    assert failed
