"""The socket under a connection, in few calls.

paramiko asks for each packet's head and body by themselves, and hands packets over one by one. Every call
into the system gives Python's lock away, and with connections to a whole room at work it comes back late: so
what has come is fetched at once, and packets that belong together go together (:meth:`Wire.together`).
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections import deque
from collections.abc import Iterator

_FETCH = 64 * 1024
_GATHERED = 64
"""Pieces of a call; systems take 1024."""


class Wire(socket.socket):
    """A TCP socket; one thread at a time may receive, any may send."""

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        """Not connected."""
        super().__init__(family, kind, protocol)
        self._come, self._at = b"", 0
        self._held: deque[bytes | bytearray | memoryview] = deque()
        self._holder: int | None = None
        self._order = threading.Lock()

    def recv(self, count: int, flags: int = 0, /) -> bytes:
        """Some bytes; more than were asked for are kept for the next call."""
        if flags:
            return super().recv(count, flags)
        if self._at == len(self._come):
            self._come, self._at = super().recv(max(count, _FETCH)), 0
        taken = self._come[self._at : self._at + count]
        self._at += len(taken)
        return taken

    def send(self, data: bytes | bytearray | memoryview, flags: int = 0, /) -> int:  # type: ignore[override]
        """Send some, return how much. What the thread sends that is within :meth:`together` waits, counts as
        sent, and may not change any more."""
        with self._order:
            if self._holder == threading.get_ident():
                self._held.append(data)
                return len(data)
            self._let_go()
            return super().send(data, flags)

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What this thread sends within goes when all of it is there, or as soon as another thread sends
        anything. Wait for no answer within. Raises OSError when the connection is broken."""
        with self._order:
            self._holder = threading.get_ident()
        try:
            yield
        finally:
            with self._order:
                self._holder = None
                self._let_go()

    def _let_go(self) -> None:
        """Send what is held, all of it. It ends when the other side takes it or the socket is shut down."""
        while self._held:
            try:
                sent = super().sendmsg(itertools.islice(self._held, _GATHERED))
            except TimeoutError:
                continue
            while self._held and sent >= len(self._held[0]):
                sent -= len(self._held.popleft())
            if sent:
                self._held[0] = memoryview(self._held[0])[sent:]
