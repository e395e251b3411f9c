"""What can be learned of a printer without printing: what it offers, how it is, what it counted.

Pure: from attributes as :func:`printing.queues.ipp.ask` gives them. Everything in them comes from a device
and is bounded here. Supplies: PWG 5100.13 §5.6.35 (``printer-supply``) and CUPS's ``marker-*``; counters:
PWG 5100.7 §6.9.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Protocol

from printing.queues.base import Queue
from printing.queues.ipp import Attributes
from printing.queues.reasons import current, telling
from printing.queues.spool import Spool

WANTED = (
    "printer-make-and-model",
    "printer-state",
    "printer-state-reasons",
    "printer-supply",
    "printer-supply-description",
    "marker-names",
    "marker-types",
    "marker-levels",
    "marker-low-levels",
    "marker-high-levels",
    "media-ready",
    "pages-per-minute",
    "printer-media-sheets-completed",
    "printer-impressions-completed",
)
"""What is asked of a printer itself."""

_COUNTERS = ("printer-media-sheets-completed", "printer-impressions-completed")
"""The first that a printer has. Every job is one-sided, so that an impression is a sheet."""
_IDLE, _STOPPED = 3, 5
_USUALLY_LOW, _USUALLY_FULL = 10, 90
"""Percent, where a printer names no threshold."""
_MOST_SUPPLIES, _LONGEST_TEXT = 16, 60
_COUNTING_UNITS = {"impressions", "sheets"}


class Contact(StrEnum):
    """Whether the printer itself, behind its queue, was heard. NOT_ASKED: its connection has no way to."""

    ANSWERS = "answers"
    SILENT = "silent"
    NOT_ASKED = "not-asked"


@dataclass(frozen=True, slots=True)
class Supply:
    """Toner, drum, waste box …; ``kind`` is the IPP keyword ("toner", "waste-toner").

    ``percent`` is None where the printer does not say; ``short``: it will soon stop the printing. ``pages``
    is how many it lasts for, where the printer says so itself.
    """

    name: str
    kind: str
    percent: int | None
    short: bool
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """The printer's own count of all its sheets, under its IPP name; ``idle``: none is under way."""

    attribute: str
    sheets: int
    idle: bool


@dataclass(frozen=True, slots=True)
class PrinterFacts:
    """``offered`` maps each option of a job's ticket, and "media", to the values the queue supports;
    ``lacking`` names the (option, value) that every job needs and the queue does not offer. ``reasons`` are
    IPP keywords. ``loaded`` is the paper in the trays, where the printer says so."""

    model: str
    contact: Contact
    stopped: bool
    accepting: bool
    reasons: tuple[str, ...]
    offered: Mapping[str, tuple[str, ...]]
    lacking: tuple[tuple[str, str], ...]
    loaded: tuple[str, ...] = ()
    pages_per_minute: int | None = None
    supplies: tuple[Supply, ...] = ()
    counter: Counter | None = None


class Inspector(Protocol):
    """Looks at a printer; changes and prints nothing. Raises :class:`printing.errors.QueueError` only."""

    def facts(self) -> PrinterFacts:
        """Everything that can be learned of it now."""
        ...

    def counter(self) -> Counter | None:
        """The printer's own counter; None when it has none, is silent, or cannot be asked."""
        ...


class InspectedQueue(Queue, Inspector, Spool, Protocol):
    """A queue that also shows its printer and what lies before it."""


def lacking(queue: Attributes, ticket: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The (option, value) of ``ticket`` that the queue does not offer."""
    for option, wanted in ticket.items():
        if wanted not in offered(queue, option):
            yield option, wanted


def offered(queue: Attributes, option: str) -> tuple[str, ...]:
    """The values of an option that the queue supports."""
    return tuple(str(value) for value in queue.get(f"{option}-supported", ()))


def printer_facts(
    queue: Attributes, device: Attributes, contact: Contact, ticket: Mapping[str, str]
) -> PrinterFacts:
    """Put together what the queue says and what the printer itself says (nothing where it was not heard)."""
    told = device if contact is Contact.ANSWERS else queue
    queued, said = (map(str, each.get("printer-state-reasons", ())) for each in (queue, device))
    reasons = current(queued, said if contact is Contact.ANSWERS else None)
    # CUPS says 1 where the driver does not know the printer's speed.
    speed = max(_number(each, "pages-per-minute") or 0 for each in (device, queue))
    return PrinterFacts(
        model=_plain(_text(device, "printer-make-and-model") or _text(queue, "printer-make-and-model")),
        contact=contact,
        stopped=_number(queue, "printer-state") == _STOPPED,
        accepting=bool(queue.get("printer-is-accepting-jobs", (1,))[0]),
        reasons=tuple(_plain(word) for word in telling(reasons)),
        offered={option: offered(queue, option) for option in ticket},
        lacking=tuple(lacking(queue, ticket)),
        loaded=tuple(_plain(str(value)) for value in told.get("media-ready", ())),
        pages_per_minute=speed if speed > 1 else None,
        supplies=supplies(device) or supplies(queue),
        counter=counter(device),
    )


def counter(device: Attributes) -> Counter | None:
    """The device's own counter, if it has one."""
    for attribute in _COUNTERS:
        sheets = _number(device, attribute)
        if sheets is not None and sheets >= 0:
            return Counter(attribute, sheets, _number(device, "printer-state") == _IDLE)
    return None


def supplies(attributes: Attributes) -> tuple[Supply, ...]:
    """The supplies that a printer or queue names, at most 16."""
    return tuple([*_markers(attributes), *_supplies(attributes)][:_MOST_SUPPLIES])


def _markers(attributes: Attributes) -> Iterator[Supply]:
    names = ("marker-names", "marker-types", "marker-levels", "marker-low-levels", "marker-high-levels")
    columns = [attributes.get(name, ()) for name in names]
    for name, kind, level, low, high in zip_longest(*columns):
        if name is not None:
            percent = level if isinstance(level, int) and 0 <= level <= 100 else None
            yield _supply(str(name), str(kind or ""), percent, low, high)


def _supplies(attributes: Attributes) -> Iterator[Supply]:
    if attributes.get("marker-names"):
        return  # the same supplies, named twice
    told = attributes.get("printer-supply", ())
    for text, name in zip_longest(told, attributes.get("printer-supply-description", ())[: len(told)]):
        fields = dict(part.partition("=")[::2] for part in str(text).split(";"))
        level, capacity = _integer(fields.get("level", "")), _integer(fields.get("maxcapacity", ""))
        percent = min(level * 100 // capacity, 100) if level >= 0 and capacity > 0 else None
        filled = fields.get("class") == "receptacleThatIsFilled"
        kind = fields.get("type", "")
        pages = level if fields.get("unit") in _COUNTING_UNITS and level >= 0 and not filled else None
        kind = f"waste-{kind}" if filled and not kind.startswith("waste") else kind
        yield _supply(str(name or kind), kind, percent, None, None, pages)


def _supply(
    name: str, kind: str, percent: int | None, low: object, high: object, pages: int | None = None
) -> Supply:
    if percent is None:
        short = False
    elif kind.startswith("waste"):
        short = percent >= (high if isinstance(high, int) and 0 < high <= 100 else _USUALLY_FULL)
    else:
        short = percent <= (low if isinstance(low, int) and 0 <= low < 100 else _USUALLY_LOW)
    return Supply(_plain(name), _plain(kind), percent, short, pages)


def _integer(text: str) -> int:
    """The number in ``text``; -2, which is IPP's "unknown", when there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -2


def _number(attributes: Attributes, name: str) -> int | None:
    value = next(iter(attributes.get(name, ())), None)
    return value if isinstance(value, int) else None


def _text(attributes: Attributes, name: str) -> str:
    return str(next(iter(attributes.get(name, ())), ""))


def _plain(text: str) -> str:
    """What a device wrote, fit for a screen: no control characters, not endless."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_LONGEST_TEXT].strip()
