"""Two questions to a printer itself: Get-Printer-Attributes and Get-Jobs over IPP (RFC 8010, RFC 8011 §4.2).

CUPS does not pass a device's own counters and supplies on, and pycups has no generic request. The ready-made
client (pyipp) brings an HTTP framework and an event loop for these two and reads answers without
bounds. What comes from a device is not trusted: answers have a size and a deadline, and bytes that are no IPP
end in :class:`PrinterSilent`.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from printing.errors import N_, QueueError

Attributes = Mapping[str, tuple[int | str, ...]]
"""A printer's or a job's attributes: numbers (integer, enum, boolean) and text; other values are left out."""

Groups = Sequence[tuple[int, Attributes]]
"""The groups of an answer in their order, each with its tag (RFC 8010 §3.5.1): operation, job …"""

DEADLINE = 3.0
"""Seconds for the whole conversation; a printer that is awake answers in hundredths."""
MAX_ANSWER = 1 << 20
"""Bytes; real printers send 5 to 60 thousand."""

LAST_JOBS = 20
"""So many of the jobs that ended last are asked for, everybody's; RFC 8011 §4.2.6.2 puts the newest first."""

_GET_JOBS, _GET_PRINTER_ATTRIBUTES = 0x000A, 0x000B
_OPERATION, _JOB, _END, _PRINTER = 0x01, 0x02, 0x03, 0x04
_FIRST_VALUE_TAG = 0x10
_INTEGER, _BOOLEAN, _ENUM = 0x21, 0x22, 0x23
_OCTETS, _COLLECTION, _END_COLLECTION = 0x30, 0x34, 0x37
_TEXTS = {_OCTETS, 0x41, 0x42, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49}
_URI, _KEYWORD, _CHARSET, _LANGUAGE = 0x45, 0x44, 0x47, 0x48
_SUCCESSFUL_BELOW = 0x0100


class PrinterSilent(QueueError):
    """The printer itself does not answer over IPP, whatever its queue says."""

    code = "printer-silent"
    remedy = N_("Check that the printer is on, awake and connected, then run the command again.")


class NotIpp(ValueError):
    """Bytes that are no IPP answer, or an answer that is no success. Says it in no language: "HTTP 426"."""


def ask(uri: str, wanted: Iterable[str], deadline: float = DEADLINE) -> Attributes:
    """The ``wanted`` attributes of the printer at ``uri`` (ipp or ipps), as far as it has them.

    Raises PrinterSilent when there is none, or none that can be understood, within ``deadline`` seconds.
    """
    return _merged(_asked(uri, _GET_PRINTER_ATTRIBUTES, _requested(wanted), deadline), _PRINTER)


def ended_jobs(uri: str, wanted: Iterable[str], deadline: float = DEADLINE) -> tuple[Attributes, ...]:
    """The ``wanted`` attributes of each job that ended last at the printer, as far as it shows them.

    Raises PrinterSilent as :func:`ask` does.
    """
    which = _attribute(_KEYWORD, "which-jobs", "completed")
    limit = _attribute(_INTEGER, "limit", LAST_JOBS)
    groups = _asked(uri, _GET_JOBS, limit + _requested(wanted) + which, deadline)
    return tuple(attributes for group, attributes in groups if group == _JOB)


def _asked(uri: str, operation: int, attributes: bytes, deadline: float) -> Groups:
    parts = urlsplit(uri)
    try:
        request = encode(operation, f"ipp://{parts.netloc}{parts.path}", attributes)
        return decode(_post(parts, request, deadline))
    except NotIpp as reason:
        raise PrinterSilent(
            N_("the printer at {host} answered, but not as a printer does: {reason}"),
            host=parts.hostname,
            reason=str(reason),
        ) from None
    except (OSError, ValueError, http.client.HTTPException):
        raise PrinterSilent(N_("the printer at {host} does not answer"), host=parts.hostname) from None


def encode(operation: int, printer: str, attributes: bytes) -> bytes:
    """A request to the printer with the URI ``printer``, with encoded operation ``attributes``."""
    always = (
        _attribute(_CHARSET, "attributes-charset", "utf-8"),
        _attribute(_LANGUAGE, "attributes-natural-language", "en"),
        _attribute(_URI, "printer-uri", printer),
    )
    head = b"\x01\x01" + operation.to_bytes(2, "big") + (1).to_bytes(4, "big")
    return head + bytes([_OPERATION]) + b"".join(always) + attributes + bytes([_END])


def decode(untrusted: bytes) -> Groups:
    """The groups of attributes in an answer. Raises NotIpp, and nothing else, for any other bytes."""
    reader = _Reader(untrusted)
    reader.take(2)  # version
    status = reader.number(2)
    reader.take(4)  # request id
    if status >= _SUCCESSFUL_BELOW:
        msg = f"IPP 0x{status:04x}"
        raise NotIpp(msg)
    groups: list[tuple[int, dict[str, list[int | str]]]] = []
    name, depth = "", 0
    while (tag := reader.number(1)) != _END:
        if tag < _FIRST_VALUE_TAG:
            groups.append((tag, {}))
            name, depth = "", 0
            continue
        name = reader.text(reader.number(2)) or name
        value = reader.take(reader.number(2))
        depth += (tag == _COLLECTION) - (tag == _END_COLLECTION)
        plain = _value(tag, value) if depth == 0 else None
        if plain is not None and groups:
            groups[-1][1].setdefault(name, []).append(plain)
    return [(tag, {each: tuple(values) for each, values in found.items()}) for tag, found in groups]


def _merged(groups: Groups, wanted: int) -> Attributes:
    """The attributes of all groups of one kind."""
    return {name: values for group, found in groups if group == wanted for name, values in found.items()}


def _requested(names: Iterable[str]) -> bytes:
    rows = [
        _attribute(_KEYWORD, "" if number else "requested-attributes", name)
        for number, name in enumerate(names)
    ]
    return b"".join(rows)


class _Reader:
    """Takes bytes off the front of an answer; NotIpp when there are not as many."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            msg = "IPP ?"
            raise NotIpp(msg)
        self._at += count
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def text(self, size: int) -> str:
        return self.take(size).decode("utf-8", "replace")


def _value(tag: int, value: bytes) -> int | str | None:
    if tag in {_INTEGER, _ENUM} and len(value) == 4:
        return int.from_bytes(value, "big", signed=True)
    if tag == _BOOLEAN and len(value) == 1:
        return int(value != b"\0")
    return value.decode("utf-8", "replace") if tag in _TEXTS else None


def _attribute(tag: int, name: str, value: str | int) -> bytes:
    data = value.encode() if isinstance(value, str) else value.to_bytes(4, "big")
    return bytes([tag]) + b"".join(len(part).to_bytes(2, "big") + part for part in (name.encode(), data))


def _post(to: SplitResult, body: bytes, deadline: float) -> bytes:
    """The answer's bytes. The socket is shut at the deadline, however slowly the answer drips."""
    host, port = to.hostname or "", to.port or 631
    connection = (
        http.client.HTTPSConnection(host, port, timeout=deadline, context=_self_signed())
        if to.scheme == "ipps"
        else http.client.HTTPConnection(host, port, timeout=deadline)
    )
    alarm = threading.Timer(deadline, _shut, [connection])
    alarm.daemon = True
    alarm.start()
    try:
        connection.request("POST", to.path or "/", body, {"Content-Type": "application/ipp"})
        with connection.getresponse() as answer:
            if answer.status != http.client.OK:
                msg = f"HTTP {answer.status}"
                raise NotIpp(msg)
            data = answer.read(MAX_ANSWER + 1)
    finally:
        alarm.cancel()
        connection.close()
    if len(data) > MAX_ANSWER:
        msg = f"> {MAX_ANSWER} B"
        raise NotIpp(msg)
    return data


def _self_signed() -> ssl.SSLContext:
    """Printers sign their certificates themselves; nothing secret is asked or sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _shut(connection: http.client.HTTPConnection) -> None:
    with suppress(
        OSError, AttributeError
    ):  # AttributeError: not connected yet; that has a timeout of its own
        connection.sock.shutdown(socket.SHUT_RDWR)
