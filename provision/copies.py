"""Which copy of every sheet counts: what was spoiled, and what was ordered in its place.

Copies are per page: 1 until an additional print is ordered that names the page, then that order's. Every
older paper of the page is void from the moment of the order, printed or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from provision.ledger import Draft, Event, Ledger

SPOILED = "spoil"
ORDERED = "copy"
"""Kinds of events; their subject is "EXAM/ROOM"."""


@dataclass(frozen=True, slots=True)
class Spoil:
    """Sheets of one kit that must not be used. ``kit`` is its number, ``pages`` count from 1; ``copy`` is
    the highest copy among them; ``who`` is the staff member who said so."""

    exam: str
    room: str
    kit: str
    pages: tuple[int, ...]
    copy: int
    reason: str
    who: str


@dataclass(frozen=True, slots=True)
class Order:
    """An additional print of pages of one kit, which count as ``copy`` from then on. ``authorised_by`` is
    the second person, "" where the profile asks for none."""

    exam: str
    room: str
    kit: str
    pages: tuple[int, ...]
    copy: int
    reason: str
    who: str
    authorised_by: str = ""


class CopyBook:
    """What the spoilages and orders so far come to. A kit is named by exam, room and number."""

    def __init__(self) -> None:
        """Nothing was spoiled, nothing ordered: every sheet is copy 1."""
        self._orders: list[Order] = []
        self._current: dict[tuple[str, str, str, int], int] = {}
        self._spoiled: dict[tuple[str, str, str], dict[int, Spoil]] = {}

    def note(self, event: Spoil | Order) -> None:
        """Take what happened next into account."""
        kit = (event.exam, event.room, event.kit)
        open_pages = self._spoiled.setdefault(kit, {})
        if isinstance(event, Spoil):
            open_pages.update(dict.fromkeys(event.pages, event))
            return
        self._orders.append(event)
        for page in event.pages:
            self._current[(*kit, page)] = event.copy
            open_pages.pop(page, None)

    def current(self, exam: str, room: str, kit: str, page: int) -> int:
        """The copy of the page that counts."""
        return self._current.get((exam, room, kit, page), 1)

    def spoiled(self, exam: str, room: str, kit: str) -> Mapping[int, Spoil]:
        """Pages whose current copy is spoiled and for which nothing was ordered yet, with the spoilage."""
        return dict(self._spoiled.get((exam, room, kit), {}))

    def void(self, exam: str, room: str, kit: str, page: int, copy: int) -> bool:
        """Whether a paper with this mark must not be used: replaced, spoiled, or never ordered."""
        return copy != self.current(exam, room, kit, page) or page in self._spoiled.get((exam, room, kit), {})

    def orders(self, exam: str, room: str) -> tuple[Order, ...]:
        """The additional prints of one exam in one room, in the order they were ordered."""
        return tuple(order for order in self._orders if (order.exam, order.room) == (exam, room))

    def next_copy(self, exam: str, room: str, kit: str, pages: Sequence[int]) -> int:
        """The copy number that an order of ``pages`` gets: new for each of them."""
        return 1 + max(self.current(exam, room, kit, page) for page in pages)


def copies(ledger: Ledger) -> CopyBook:
    """What the ledger says of spoilages and orders."""
    book = CopyBook()
    for event in read(ledger):
        book.note(event)
    return book


def read(ledger: Ledger) -> Iterator[Spoil | Order]:
    """Every spoilage and order, as they happened."""
    return map(of_event, ledger.events([SPOILED, ORDERED]))


def of_event(event: Event) -> Spoil | Order:
    """An event of one of the two kinds."""
    exam, _slash, room = event.subject.partition("/")
    body = event.body
    pages = tuple(int(page) for page in body["pages"])
    said = (exam, room, body["kit"], pages, int(body["copy"]), body["reason"], body["who"])
    return Spoil(*said) if event.kind == SPOILED else Order(*said, body["authorised_by"])


def draft(event: Spoil | Order) -> Draft:
    """The event as the ledger keeps it."""
    body: dict[str, object] = {
        "kit": event.kit,
        "pages": list(event.pages),
        "copy": event.copy,
        "reason": event.reason,
        "who": event.who,
    }
    if isinstance(event, Order):
        body["authorised_by"] = event.authorised_by
    kind = ORDERED if isinstance(event, Order) else SPOILED
    return Draft(kind, f"{event.exam}/{event.room}", body)
