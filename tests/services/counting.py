"""A counter for a virtual printer: ippeveprinter has none, so a relay before it writes the number in.

The printer's attributes hold a placeholder; on its way to whoever asks, each placeholder becomes what the
printer has printed by then. Nothing else is touched, and the length stays the same.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from tests.services.process import free_port

PLACEHOLDER = 0x5EED5EED
_BYTES = PLACEHOLDER.to_bytes(4, "big")


class Relay:
    """Passes TCP connections on to ``port`` of the loopback; ``sheets`` is asked for every placeholder."""

    def __init__(self, port: int, sheets: Callable[[], int]) -> None:
        """Listen on a free port."""
        self.port = free_port()
        self._to, self._sheets = port, sheets
        self._listener = socket.create_server(("localhost", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        # A thread that waits in accept() is not woken by close() alone.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    printer = socket.create_connection(("localhost", self._to))
                except OSError:
                    client.close()
                    continue
                for source, target, change in ((client, printer, False), (printer, client, True)):
                    threading.Thread(target=self._pass, args=(source, target, change), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, change: bool) -> None:
        """Until ``source`` ends; a placeholder that is cut in two waits for its rest."""
        held = b""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                data = held + data
                held = b""
                if change:
                    data = data.replace(_BYTES, self._sheets().to_bytes(4, "big"))
                    cut = next((n for n in (3, 2, 1) if data.endswith(_BYTES[:n])), 0)
                    data, held = (data[:-cut], data[-cut:]) if cut else (data, b"")
                target.sendall(data)
            target.sendall(held)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
