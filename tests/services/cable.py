"""A network cable between a test and a server: it can be cut, or lie dead, after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Literal

_PIECE = 64 * 1024


class Cable:
    """Carries TCP connections on to ``to``, from an address of its own.

    What is carried before a cut arrives, however late the other side reads it."""

    def __init__(self, to: tuple[str, int]) -> None:
        """Whole until it is told otherwise."""
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._left: dict[str, int | None] = {"up": None, "down": None}
        self._fault: Literal["cut", "dead"] = "cut"
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def fail(self, fault: Literal["cut", "dead"], after: int, way: Literal["up", "down"] = "up") -> None:
        """After so many more bytes that way ("up" is to the server), be cut, or carry nothing any more."""
        self._fault, self._left = fault, {"up": None, "down": None, way: after}

    def close(self) -> None:
        """Cut everything and take no more connections."""
        self._closed.set()
        with contextlib.suppress(OSError):  # close() alone does not wake accept()
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self._cut()
        for thread in self._threads:
            thread.join()

    def _cut(self) -> None:
        with self._lock:
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._ends.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._to)
                with self._lock:
                    self._ends += [client, server]
                for way, source, target in (("up", client, server), ("down", server, client)):
                    thread = threading.Thread(target=self._carry, args=(way, source, target))
                    self._threads.append(thread)
                    thread.start()

    def _carry(self, way: str, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE):
                left = self._left[way]
                if left is not None and len(data) > left:
                    target.sendall(data[:left])
                    if self._fault == "cut":
                        break
                    self._closed.wait()
                    return
                if left is not None:
                    self._left[way] = left - len(data)
                target.sendall(data)
        if not self._closed.is_set():
            for end in (source, target):  # what was carried still arrives: closed for reading, the kernel
                with contextlib.suppress(OSError):  # would throw it away at the next byte from that side
                    end.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def cable(host: str, port: int) -> Iterator[Cable]:
    """A :class:`Cable`, closed at the end."""
    one = Cable((host, port))
    try:
        yield one
    finally:
        one.close()
