"""The printer behind a queue, asked directly where its address allows it."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from printing.queues.facts import WANTED, Contact
from printing.queues.ipp import Attributes, PrinterSilent, ask

GLANCE = 1.0
"""Seconds between two looks at a printer that prints."""
_PATIENCE = 0.5
_BLIND = 60.0
"""Seconds that a printer which cannot be asked is left alone; its queue then says what it knows."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def behind(queue: Attributes, *, local: bool) -> tuple[Attributes, Contact]:
    """What the printer of a queue says itself.

    ``device-uri`` is an address that the print server can reach. Unless the server is this computer
    (``local``), the printer may be out of our sight, and its silence says nothing.
    """
    address = str(next(iter(queue.get("device-uri", ())), ""))
    if not _askable(address, local=local):
        return {}, Contact.NOT_ASKED
    try:
        return ask(address, WANTED), Contact.ANSWERS
    except PrinterSilent:
        return {}, Contact.SILENT if local else Contact.NOT_ASKED


class Glance:
    """What a printer says of itself while it prints. CUPS asks it in growing intervals and is up to eight
    seconds late with a fault; this is not."""

    def __init__(self, *, local: bool) -> None:
        """Nothing is asked yet; ``local`` as for :func:`behind`."""
        self._local = local
        self._again = 0.0
        self._reasons: tuple[str, ...] = ()

    def reasons(self, address: str) -> tuple[str, ...]:
        """The state reasons of the printer at ``address``, at most a second old; none when it is silent."""
        if _askable(address, local=self._local) and time.monotonic() >= self._again:
            try:
                said = ask(address, ["printer-state-reasons"], _PATIENCE).get("printer-state-reasons", ())
                self._reasons, pause = tuple(map(str, said)), GLANCE
            except PrinterSilent:
                self._reasons, pause = (), _BLIND
            self._again = time.monotonic() + pause
        return self._reasons


def _askable(address: str, *, local: bool) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"ipp", "ipps"} and (local or parts.hostname not in LOOPBACK)
