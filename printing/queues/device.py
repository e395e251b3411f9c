"""The printer behind a queue, asked directly where its address allows it."""

from __future__ import annotations

from urllib.parse import urlsplit

from printing.queues.facts import WANTED, Contact
from printing.queues.ipp import Attributes, PrinterSilent, ask

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def behind(queue: Attributes, *, local: bool) -> tuple[Attributes, Contact]:
    """What the printer of a queue says itself.

    ``device-uri`` is an address that the print server can reach. Unless the server is this computer
    (``local``), the printer may be out of our sight, and its silence says nothing.
    """
    address = str(next(iter(queue.get("device-uri", ())), ""))
    parts = urlsplit(address)
    if parts.scheme not in {"ipp", "ipps"} or (parts.hostname in LOOPBACK and not local):
        return {}, Contact.NOT_ASKED
    try:
        return ask(address, WANTED), Contact.ANSWERS
    except PrinterSilent:
        return {}, Contact.SILENT if local else Contact.NOT_ASKED
