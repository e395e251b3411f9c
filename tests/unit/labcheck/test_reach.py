"""Reachability against real sockets on loopback: every outcome, none confused with another."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from labcheck.errors import NoWorkstations
from labcheck.reach import REMEDIES, Reach, Target, reach_room


@contextmanager
def server(*chunks: bytes, hang: bool = False) -> Iterator[int]:
    """A server on a free port that says ``chunks`` to every caller, then hangs up (or holds the line)."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            for chunk in chunks:
                connection.sendall(chunk)
            if hang:
                kept.append(connection)
            else:
                connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in kept:
            connection.close()


def reach(port: int, host: str = "127.0.0.1", seconds: float = 5) -> tuple[Reach, str]:
    (found,) = reach_room("204", [Target("1А", host, port)], seconds)
    return found.reach, found.banner


def test_an_ssh_server_answers_also_after_lines_of_greeting() -> None:
    with server(b"SSH-2.0-OpenSSH_9.2\r\n", hang=True) as port:
        assert reach(port) == (Reach.ANSWERS, "SSH-2.0-OpenSSH_9.2")
    with server(b"hello\r\nworld\r\n", b"SSH-2.0-x\x1b[31m\xff\r\n") as port:
        assert reach(port) == (Reach.ANSWERS, "SSH-2.0-x[31m")


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"x" * 20000, b"x\n" * 9000])
def test_something_else_is_not_taken_for_ssh(said: bytes) -> None:
    with server(said) as port:
        assert reach(port)[0] is Reach.NOT_SSH


def test_a_silent_server_times_out() -> None:
    with server(hang=True) as port:
        assert reach(port, seconds=0.2)[0] is Reach.TIMED_OUT


def test_a_closed_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert reach(port)[0] is Reach.REFUSED


def test_an_impossible_name_is_no_host() -> None:
    assert reach(22, host="a..b.invalid")[0] is Reach.NO_SUCH_HOST


def test_one_dead_machine_holds_up_no_other() -> None:
    with server(hang=True) as silent, server(b"SSH-2.0-x\r\n") as alive:
        targets = [
            Target("1А", "127.0.0.1", silent),
            *(Target(f"{n}Б", "127.0.0.1", alive) for n in range(20)),
        ]
        found = reach_room("204", targets, seconds=1)
    assert [one.target for one in found] == targets
    assert [one.reach for one in found] == [Reach.TIMED_OUT] + [Reach.ANSWERS] * 20
    assert max(one.milliseconds for one in found[1:]) < found[0].milliseconds


def test_a_room_without_workstations_is_an_error() -> None:
    with pytest.raises(NoWorkstations):
        reach_room("201", [])


def test_every_outcome_but_an_answer_has_a_remedy() -> None:
    assert set(REMEDIES) == set(Reach) - {Reach.ANSWERS}
