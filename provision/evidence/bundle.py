"""A room's bundle as evidence sees it: every print of every kit and every small document, with its fate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from printing.journal import Delivery, Entry
from provision.copies import CopyBook
from provision.ledger.evidence import NEVER
from provision.plan.model import Place
from provision.work import RoomRecord, What, copy_ident

if TYPE_CHECKING:
    from provision.rooms import RoomState


@dataclass(frozen=True, slots=True)
class Print:
    """One print of a kit: ``copy`` 1 is the first. ``pages`` are those of it that count: neither replaced by
    a later copy nor spoiled. ``attempt`` is the delivery that decides, ``NEVER`` when nothing was sent."""

    attempt: str
    state: Delivery | None
    copy: int
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KitPaper:
    """One kit of the plan. ``index`` is the barcode's, ``number`` what people say; ``spoiled`` are pages that
    were spoiled and not ordered again."""

    index: int
    number: str
    spare: bool
    prints: tuple[Print, ...]
    spoiled: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SmallPaper:
    """A cover, briefing, protocol or list of codes: it has no barcode, only a number of sheets."""

    what: What
    attempt: str
    state: Delivery | None
    sheets: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that must lie in the room's folder."""

    kits: tuple[KitPaper, ...]
    papers: tuple[SmallPaper, ...]

    def prints(self) -> Iterator[tuple[KitPaper, Print]]:
        """Every print of a kit that has pages that count."""
        for kit in self.kits:
            for one in kit.prints:
                if one.pages:
                    yield kit, one

    def states(self) -> Iterator[Delivery | None]:
        """How far each piece has come."""
        yield from (one.state for _kit, one in self.prints())
        yield from (paper.state for paper in self.papers)

    def sheets(self, states: Iterable[Delivery]) -> int:
        """Sheets of the pieces in one of ``states``."""
        wanted = frozenset(states)
        kits = sum(len(one.pages) for _kit, one in self.prints() if one.state in wanted)
        return kits + sum(paper.sheets for paper in self.papers if paper.state in wanted)

    def attempts(self, states: Iterable[Delivery]) -> frozenset[str]:
        """The deliveries of the pieces in one of ``states``."""
        wanted = frozenset(states)
        kits = {one.attempt for _kit, one in self.prints() if one.state in wanted}
        return frozenset(kits | {paper.attempt for paper in self.papers if paper.state in wanted})

    def kit(self, number: str) -> KitPaper | None:
        """The kit of that number."""
        return next((kit for kit in self.kits if kit.number == number), None)


DELIVERED = frozenset(state for state in Delivery if state.delivered)
UNKNOWN = frozenset({Delivery.UNKNOWN})
UNDER_WAY = frozenset(
    state
    for state in Delivery
    if not state.delivered and not state.may_send and state is not Delivery.UNKNOWN
)


def bundle_of(state: RoomState, entries: Sequence[Entry], book: CopyBook) -> Bundle:
    """The bundle of one exam in one room, from the plan, the journal and the orders of copies."""
    room = state.room
    record = RoomRecord(room.exam.id, room.room, entries)
    kits = tuple(
        _kit(place, record, book, room.pages[place.kit.variant], room.exam.id) for place in room.kits
    )
    small = dict.fromkeys((s.what, s.key) for s in state.standings if s.what is not What.KITS)
    return Bundle(kits, tuple(_small(what, record.state_of(key)) for what, key in small))


def _kit(place: Place, record: RoomRecord, book: CopyBook, pages: int, exam: str) -> KitPaper:
    room, number = place.assignment.room, place.number
    spoiled = book.spoiled(exam, room, number)
    current = {page: book.current(exam, room, number, page) for page in range(1, pages + 1)}

    def made(entry: Entry | None, copy: int) -> Print:
        counting = tuple(p for p, its in current.items() if its == copy and p not in spoiled)
        if entry is None:
            return Print(NEVER, None, copy, counting)
        return Print(entry.attempt.id, entry.state, copy, counting)

    prints = [made(record.state_of_kit(What.KITS, number), 1)]
    for order in book.orders(exam, room):
        if order.kit == number:
            key = record.key(What.KITS, copy_ident(order, pages))
            prints.append(made(record.state_of(key), order.copy))
    index = place.assignment.index
    return KitPaper(index, number, place.kit.spare, tuple(prints), tuple(sorted(spoiled)))


def _small(what: What, entry: Entry | None) -> SmallPaper:
    if entry is None:
        return SmallPaper(what, NEVER, None, 0)
    return SmallPaper(what, entry.attempt.id, entry.state, entry.attempt.sheets)
