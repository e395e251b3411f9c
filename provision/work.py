"""Work = plan + copies - ledger: which documents still have to go to which printer. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, count, groupby

from printing.journal import Delivery, Entry
from printing.kit import Media
from provision.copies import CopyBook, Order
from provision.plan.model import Place, RoomPlan


class What(StrEnum):
    """The kinds of document in a room's bundle, in its order."""

    COVER = "cover"
    KITS = "kits"
    BRIEFING = "briefing"
    PROTOCOL = "protocol"
    CODES = "codes"


@dataclass(frozen=True, slots=True)
class Item:
    """One document to deliver: one job.

    ``key`` is stable over runs and never used for another document; ``places`` are the kits it concerns
    (of KITS and CODES); ``revision`` above 1 replaces an earlier print of the same document.
    """

    key: str
    what: What
    room: RoomPlan
    printer: str
    path: str
    places: tuple[Place, ...] = ()
    media: Media = Media.A4
    revision: int = 1
    codes: tuple[Place, ...] = ()
    """Of COVER: whose slips come with it."""
    code_sheets: int = 0
    """Of COVER: sheets of slips that were printed earlier and lie in the bundle already."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one piece of a room has come: ``state`` is None when it was never on its way.

    Of a kit with additional prints it is the state, and the key, of whichever print is least far;
    ``spoiled`` are its pages that were spoiled and for which no additional print was ordered yet.
    """

    what: What
    name: str
    state: Delivery | None
    key: str = ""
    spoiled: tuple[int, ...] = ()
    held: bool = False
    """It waits at the print server until somebody lets it go."""

    @property
    def done(self) -> bool:
        """Whether it lies on paper, as far as the queue knows, and may be used."""
        return self.state is not None and self.state.delivered and not self.spoiled


class RoomRecord:
    """What the journal knows of one exam in one room."""

    def __init__(self, exam: str, room: str, entries: Sequence[Entry]) -> None:
        """Keep the attempts of this exam and room (see :func:`by_room`), in the order they were begun."""
        self._prefix = f"{exam}/{room}/"
        self.entries = entries

    def key(self, what: What, ident: str) -> str:
        """The work key of a document of this room."""
        return f"{self._prefix}{what}/{ident}"

    def of(self, what: What) -> list[Entry]:
        """The attempts at documents of one kind."""
        start = f"{self._prefix}{what}/"
        return [entry for entry in self.entries if entry.attempt.work.startswith(start)]

    def lying(self, what: What) -> list[Entry]:
        """Those of them that may have left paper."""
        return [entry for entry in self.of(what) if not entry.state.may_send]

    def state_of_kit(self, what: What, number: str) -> Entry | None:
        """The latest attempt at the first print that covered a kit (of KITS or CODES)."""
        start = f"{self._prefix}{what}/"
        first = (e for e in self.of(what) if _COPY not in e.attempt.work.removeprefix(start))
        return _weightiest([entry for entry in first if number in entry.attempt.covers])

    def state_of(self, key: str) -> Entry | None:
        """The latest attempt at one document."""
        return _weightiest([e for e in self.entries if e.attempt.work == key])

    def key_of_edition(self, what: What, ident: str) -> str:
        """The work key of an edition of cover, briefing or protocol. The last edition on paper is the one in
        force: an edition that comes back after another one is a new document, with a key of its own."""
        key = self.key(what, ident)
        works = list(dict.fromkeys(entry.attempt.work for entry in self.lying(what)))
        if works and works[-1].rpartition("/")[2].partition(".")[0] == ident:
            return works[-1]
        again = (f"{key}.{number}" for number in count(1 + len(works)))
        return next(name for name in chain((key,), again) if name not in works)

    def revision(self, what: What, key: str) -> int:
        """1 for the first print of a document; one more for every other edition that may be on paper."""
        return 1 + len({entry.attempt.work for entry in self.lying(what)} - {key})

    def printer(self, a3_printer: str) -> str | None:
        """Where this room's paper went last; large print may have gone elsewhere and is left out."""
        names = [entry.attempt.queue for entry in self.entries]
        return next((name for name in reversed(names) if name != a3_printer), None) or (
            names[-1] if names else None
        )


_KEY = re.compile(rf"([^/]+)/(.+?)/({'|'.join(What)})/(.+)")
_COPY = "/copy"
"""What only the keys of additional prints hold behind the kind."""


def copy_ident(order: Order, pages: int) -> str:
    """What names an additional print of a kit that has so many pages: "204-07/copy2/p3,5"."""
    some = "" if len(order.pages) == pages else "/p" + ",".join(map(str, order.pages))
    return f"{order.kit}{_COPY}{order.copy}{some}"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a work key says: ``pages`` of a copy, none meaning all."""

    exam: str
    room: str
    what: What
    copy: int = 1
    pages: tuple[int, ...] = ()


def parts_of(key: str) -> Parts | None:
    """What the key of a room's document says; None of any other work."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    exam, room, what, ident = found.groups()
    _kit, _copy, copy = ident.partition(_COPY)
    number, _p, pages = copy.partition("/p")
    listed = tuple(int(page) for page in pages.split(",")) if pages else ()
    return Parts(exam, room, What(what), int(number or 1), listed)


def _weightiest(entries: Sequence[Entry]) -> Entry | None:
    """The attempt that decides: the last that may have left paper, else the last."""
    for entry in reversed(entries):
        if not entry.state.may_send:
            return entry
    return entries[-1] if entries else None


def by_room(entries: Iterable[Entry]) -> Mapping[tuple[str, str], list[Entry]]:
    """The attempts by (exam, room), each in the order they were begun."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        exam, room, _rest = entry.attempt.work.split("/", 2)
        found.setdefault((exam, room), []).append(entry)
    return found


def heading(room: RoomPlan, *more: str) -> str:
    """Digest of what every document of a room says above its text; ``more`` is what it says besides."""
    exam = room.exam
    facts = [exam.subject, exam.class_name, exam.part, f"{exam.date} {exam.start}", room.room, *more]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:10]


def edition(room: RoomPlan, *more: str) -> str:
    """Digest of everything that cover and protocol say of a room; another digest, another edition."""
    lines = [
        [p.number, p.assignment.seat, p.assignment.code, p.assignment.variant, p.kit.media.value]
        for p in room.places + room.spares
    ]
    return heading(room, json.dumps([lines, dict(room.pages)], ensure_ascii=False), *more)


class RoomWork:
    """The pieces of one exam in one room, set against the journal."""

    def __init__(
        self,
        room: RoomPlan,
        entries: Sequence[Entry],
        editions: Mapping[What, str],
        printers: Sequence[str],
        copies: CopyBook,
    ) -> None:
        """``entries`` are the room's own; ``editions`` holds a digest of what the room's cover, protocol and
        briefing say, where there is one; ``printers`` are the names in the inventory."""
        self._room = room
        self._copies = copies
        self._record = RoomRecord(room.exam.id, room.room, entries)
        self._editions = editions
        before = self._record.printer(room.a3_printer)
        self.printer = before if before is not None and before in printers else room.printer
        """Where the room's paper goes: where it went before, so that a bundle stays together."""

    def standings(self) -> tuple[Standing, ...]:
        """Every piece that must be, and how far it has come; in bundle order."""
        found: list[Standing] = []
        for what in What:
            if what is What.KITS:
                found += [self._with_copies(place) for place in self._room.kits]
            elif what is What.CODES:
                found += [self._kit_standing(what, place) for place in self._coded()]
            elif what in self._editions:
                found.append(self._standing(what))
        return tuple(found)

    def items(self, what: frozenset[What], kits_per_job: int) -> tuple[Item, ...]:
        """The documents that still have to be sent, in bundle order. Nothing that may be on paper already."""
        items: list[Item] = []
        for kind in What:
            if kind not in what:
                continue
            if kind is What.KITS:
                items += self._kit_items(kits_per_job)
                items += self.copy_items()
            elif kind is What.CODES:
                items += self._code_items()
            elif kind in self._editions:
                items += self._paper(kind)
        return tuple(items)

    def copy_items(self) -> tuple[Item, ...]:
        """The additional prints that still have to be sent, one job each, as they were ordered."""
        ordered = self._ordered()
        states = [
            (place, order, self._record.state_of(self._copy_key(place, order))) for place, order in ordered
        ]
        return tuple(
            self._copy_item(place, order)
            for place, order, entry in states
            if (entry is None or entry.state.may_send) and self._printer_of(place.kit.media)
        )

    def on_paper(self, number: str) -> frozenset[int]:
        """Pages of a kit whose copy that counts came out of a printer, as far as is known."""
        place = next(place for place in self._room.kits if place.number == number)
        first = self._record.state_of_kit(What.KITS, number)
        printed = dict.fromkeys(range(1, self._room.pages[place.kit.variant] + 1), first)
        for ordered, order in self._ordered():
            if ordered is place:
                printed |= dict.fromkeys(order.pages, self._record.state_of(self._copy_key(place, order)))
        return frozenset(page for page, entry in printed.items() if entry and entry.state.delivered)

    def _ordered(self) -> list[tuple[Place, Order]]:
        places = {place.number: place for place in self._room.kits}
        orders = self._copies.orders(self._room.exam.id, self._room.room)
        return [(places[order.kit], order) for order in orders if order.kit in places]

    def _copy_key(self, place: Place, order: Order) -> str:
        return self._record.key(What.KITS, copy_ident(order, self._room.pages[place.kit.variant]))

    def _copy_item(self, place: Place, order: Order) -> Item:
        kit = replace(place.kit, copy=order.copy, pages=order.pages)
        ident = copy_ident(order, self._room.pages[kit.variant]).replace("/", "-")
        return Item(
            self._copy_key(place, order),
            What.KITS,
            self._room,
            self._printer_of(kit.media),
            self._path(f"{_kit_name(place)}-{ident}"),
            (replace(place, kit=kit),),
            kit.media,
        )

    def _coded(self) -> tuple[Place, ...]:
        return tuple(p for p in self._room.places + self._room.spares if p.kit.code)

    def _standing(self, what: What) -> Standing:
        key = self._record.key_of_edition(what, self._editions[what])
        entry = self._record.state_of(key)
        return _standing_of(what, what.value, entry, key)

    def _kit_standing(self, what: What, place: Place) -> Standing:
        entry = self._record.state_of_kit(what, place.number)
        return _standing_of(what, place.number, entry, entry.attempt.work if entry else "")

    def _with_copies(self, place: Place) -> Standing:
        prints = [self._kit_standing(What.KITS, place)]
        for ordered, order in self._ordered():
            if ordered is place:
                key = self._copy_key(place, order)
                entry = self._record.state_of(key)
                prints.append(_standing_of(What.KITS, place.number, entry, key))
        spoiled = self._copies.spoiled(self._room.exam.id, self._room.room, place.number)
        return replace(min(prints, key=_how_far), spoiled=tuple(sorted(spoiled)))

    def _printer_of(self, media: Media) -> str:
        """Where a kit goes; "" when no printer prints A3, as the plan's notice says."""
        return self._room.a3_printer if media is Media.A3 else self.printer

    def _waiting(self, what: What, places: Iterable[Place]) -> list[Place]:
        states = ((place, self._record.state_of_kit(what, place.number)) for place in places)
        return [place for place, entry in states if entry is None or entry.state.may_send]

    def _kit_items(self, kits_per_job: int) -> list[Item]:
        items = []
        waiting = self._waiting(What.KITS, self._room.kits)
        for (media, _spare), group in groupby(waiting, key=lambda p: (p.kit.media, p.kit.spare)):
            printer = self._printer_of(media)
            if not printer:
                continue
            places = list(group)
            for start in range(0, len(places), kits_per_job):
                part = tuple(places[start : start + kits_per_job])
                ident = "..".join(dict.fromkeys((part[0].number, part[-1].number)))
                name = f"{_kit_name(part[0])}-{ident}"
                key = self._record.key(What.KITS, ident)
                items.append(Item(key, What.KITS, self._room, printer, self._path(name), part, media))
        return items

    def _code_items(self) -> list[Item]:
        waiting = tuple(self._waiting(What.CODES, self._coded()))
        if not waiting:
            return []
        numbers = ",".join(place.number for place in waiting)
        key = self._record.key(What.CODES, hashlib.sha256(numbers.encode()).hexdigest()[:10])
        revision = self._record.revision(What.CODES, key)
        path = self._path("6-codes", revision)
        return [Item(key, What.CODES, self._room, self.printer, path, waiting, revision=revision)]

    def _paper(self, what: What) -> list[Item]:
        key = self._record.key_of_edition(what, self._editions[what])
        entry = self._record.state_of(key)
        if entry is not None and not entry.state.may_send:
            return []
        revision = self._record.revision(what, key)
        order = {What.COVER: 1, What.BRIEFING: 4, What.PROTOCOL: 5}[what]
        path = self._path(f"{order}-{what}", revision)
        item = Item(key, what, self._room, self.printer, path, revision=revision)
        if what is What.COVER:
            slips = sum(entry.attempt.sheets for entry in self._record.lying(What.CODES))
            waiting = tuple(self._waiting(What.CODES, self._coded()))
            item = dataclasses.replace(item, codes=waiting, code_sheets=slips)
        return [item]

    def _path(self, name: str, revision: int = 1) -> str:
        again = f"-{revision}" if revision > 1 else ""
        return f"{self._room.exam.date}/{self._room.exam.id}/{self._room.room}/{name}{again}.pdf"


def _kit_name(place: Place) -> str:
    """How the name of a kit's file begins, so that files sort in bundle order."""
    return "3-spare" if place.kit.spare else "2-kit"


def _standing_of(what: What, name: str, entry: Entry | None, key: str) -> Standing:
    if entry is None:
        return Standing(what, name, None, key)
    return Standing(what, name, entry.state, key, held=entry.held)


def _how_far(standing: Standing) -> int:
    """The lower, the more it needs a person: doubt first, then what is not sent, then what is on its way."""
    state = standing.state
    if state is Delivery.UNKNOWN:
        return 0
    if state is None or state.may_send:
        return 1
    if not state.delivered:
        return 2
    return 3 if state is Delivery.CLAIMED else 4


def attempted_kits(entries: Iterable[Entry]) -> frozenset[tuple[str, str]]:
    """The (exam, kit number) that ever were on their way and may be on paper."""
    return frozenset(
        (entry.attempt.work.partition("/")[0], number)
        for entry in entries
        for number in entry.attempt.covers
        if not entry.state.may_send
    )


def totals(standings: Iterable[Standing]) -> Mapping[What, tuple[int, int]]:
    """By kind: how many are delivered, of how many."""
    found: dict[What, tuple[int, int]] = {}
    for standing in standings:
        done, all_ = found.get(standing.what, (0, 0))
        found[standing.what] = (done + standing.done, all_ + 1)
    return found
