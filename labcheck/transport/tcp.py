"""A TCP connection to a workstation's SSH server, up to its first word, within a deadline."""

from __future__ import annotations

import select
import socket
import threading
from typing import Any

from labcheck.errors import N_
from labcheck.reach import Reach
from labcheck.transport.base import Endpoint
from labcheck.transport.clock import Clock
from labcheck.transport.errors import Unreachable
from labcheck.transport.wire import Wire

_KEEPALIVE_SECONDS = 15
_SILENCE_SECONDS = 30
"""The kernel gives a connection up when what was sent stays unacknowledged for so long."""
_HOW = {
    Reach.REFUSED: N_("{seat}: {host}:{port} refuses connections"),
    Reach.TIMED_OUT: N_("{seat}: {host}:{port} does not answer"),
    Reach.UNREACHABLE: N_("{seat}: there is no way to {host}:{port}"),
    Reach.NO_SUCH_HOST: N_("{seat}: no computer is called {host}"),
}


class Dropped(Exception):
    """The server hung up before it introduced itself; it is busy, or does not want us."""


def call(endpoint: Endpoint, clock: Clock) -> Wire:
    """A connection whose server has said something, which is still unread. Raises Unreachable, Dropped,
    TimeoutError (a server that takes the call and says nothing)."""
    how = Reach.UNREACHABLE
    for family, kind, protocol, _name, address in _addresses(endpoint, clock):
        sock = Wire(family, kind, protocol)
        try:
            sock.settimeout(clock.left())
            sock.connect(address)
        except OSError as failed:
            sock.close()
            how = _how(failed)
            continue
        try:
            _settle(sock)
            _wait_for_word(sock, clock)
        except BaseException:
            sock.close()
            raise
        return sock
    raise unreachable(endpoint, how)


def _addresses(endpoint: Endpoint, clock: Clock) -> list[Any]:
    """What the host's name means. The system's look-up knows no deadline: its thread may be left."""
    found: list[Any] = []
    failed: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # UnicodeError: not even a possible name
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(clock.left())
    if failed:
        raise unreachable(endpoint, Reach.NO_SUCH_HOST)
    clock.left()
    return found


def _settle(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {"TCP_KEEPIDLE": _KEEPALIVE_SECONDS, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
    options["TCP_USER_TIMEOUT"] = _SILENCE_SECONDS * 1000
    for name, value in options.items():
        if hasattr(socket, name):  # not on every system that this runs on
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _how(failed: OSError) -> Reach:
    if isinstance(failed, TimeoutError):
        return Reach.TIMED_OUT
    return Reach.REFUSED if isinstance(failed, ConnectionRefusedError) else Reach.UNREACHABLE


def unreachable(endpoint: Endpoint, how: Reach) -> Unreachable:
    """The error for it."""
    return Unreachable(_HOW[how], seat=endpoint.seat, host=endpoint.host, port=endpoint.port, how=how)


def _wait_for_word(sock: socket.socket, clock: Clock) -> None:
    """Wait for the server's first bytes, which stay unread. Raises Dropped when it hangs up instead."""
    if not select.select([sock], [], [], clock.left())[0]:
        raise TimeoutError
    try:
        untrusted = sock.recv(64, socket.MSG_PEEK)
    except OSError:
        raise Dropped from None
    if not untrusted or untrusted.startswith((b"Exceeded MaxStartups", b"Not allowed at this time")):
        raise Dropped
