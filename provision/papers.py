"""Makes every document of a room's bundle, at the moment it is needed, in memory.

What draws is imported where it draws: most commands ask for titles and notices only, and start at once.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from printing.documents.plaintext import Block, blocks, lost_its_bold
from printing.documents.room import BundleCount, RoomSheet, SeatLine
from printing.errors import PrintingError
from printing.kit import Media
from provision.errors import N_
from provision.intake.model import Arrival, Catalog, Kind
from provision.locale import translator
from provision.plan.model import Notice, Place, RoomPlan
from provision.site.site import Site
from provision.templates import Templates
from provision.work import Item, What, edition, heading

if TYPE_CHECKING:
    from provision.press import Press

MAX_BRIEFING_BYTES = 32 * 1024 * 1024
"""A briefing is a page or two; more is not a briefing."""
_PDF = b"%PDF"
_NO_BOLD = N_(
    "the briefing {file} speaks of bold type and has none: without it nobody sees what is read aloud; put "
    "the file itself as it was downloaded (DOCX or PDF) into the inbox"
)


class Papers:
    """The documents of one site. ``presses`` holds the opened variants by exam."""

    def __init__(self, site: Site, catalog: Catalog, presses: Mapping[str, Press]) -> None:
        """Nothing is made yet."""
        self._site, self._catalog, self._presses = site, catalog, presses
        self._translate = translator(site.inventory.school.language)
        self._templates = Templates(catalog)
        self._drawing = threading.Lock()
        self._made: dict[tuple[object, ...], bytes] = {}
        self._texts: dict[Path, list[Block] | None] = {}

    def make(self, item: Item) -> bytes:
        """The item's PDF. Raises what the documents and the second reader raise."""
        if item.what is What.KITS:
            return self._presses[item.room.exam.id].kits([place.kit for place in item.places])
        makers: dict[What, Callable[[], bytes]] = {
            What.COVER: lambda: self._cover(item),
            What.BRIEFING: lambda: self._briefing(item.room, item.revision),
            What.PROTOCOL: lambda: self._protocol(item.room, item.revision),
            What.CODES: lambda: self._codes(item.room, item.places, item.revision),
        }
        # made once to count its sheets, and asked for again to be sent
        with self._drawing:  # reportlab's registered fonts are shared and not safe between threads
            return makers[item.what]()

    def sheets(self, item: Item) -> int:
        """Sheets of paper that the item gives."""
        if item.what is What.KITS:
            kits = [place.kit for place in item.places]
            return sum(len(kit.sheets(item.room.pages[kit.variant])) for kit in kits)
        return _pages(self.make(item))

    def editions(self, room: RoomPlan) -> Mapping[What, str]:
        """A digest of what cover, protocol and, where one was downloaded, briefing of a room say."""
        school, profile = self._site.inventory.school.name, self._site.inventory.profile
        briefing, template = (
            "".join(arrival.sha256 for arrival in self._catalog.of(room.exam.id, kind)[:1])
            for kind in (Kind.BRIEFING, Kind.PROTOCOL)
        )
        found = {
            What.COVER: edition(room, school, briefing, *room.void),
            What.PROTOCOL: edition(room, school, template, str(profile.names_on_protocol)),
        }
        return found | {What.BRIEFING: heading(room, school, briefing)} if briefing else found

    def notices(self, exam_id: str, rooms: Sequence[RoomPlan]) -> tuple[Notice, ...]:
        """What a person should know of the papers of an exam's ``rooms``. Quick: converts nothing."""
        template = self._templates.notices(exam_id, [self._protocol_sheet(room) for room in rooms])
        return template + self._briefing_notices(exam_id)

    def sheet(self, room: RoomPlan, revision: int = 1, *, names: bool = False) -> RoomSheet:
        """What the small documents say of a room, with pupils' names or without."""
        exam = room.exam
        return RoomSheet(
            school=self._site.inventory.school.name,
            subject=exam.subject,
            class_name=exam.class_name,
            part=exam.part,
            date=exam.date,
            start=exam.start,
            room=room.room,
            seats=tuple(_line(place, names=names) for place in room.places),
            spares=tuple(_line(place, names=False) for place in room.spares),
            kit_pages=max((room.pages[place.kit.variant] for place in room.kits), default=0),
            revision=revision,
            with_names=names,
            void=room.void,
        )

    def _once(self, what: What, sheet: RoomSheet, make: Callable[[], bytes], *more: object) -> bytes:
        """A document, drawn at the first call only: it is counted, then sent, and counted for the cover."""
        key = (what, sheet, *more)
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def _cover(self, item: Item) -> bytes:
        from printing.documents.cover import cover  # noqa: PLC0415

        sheet, count = self.sheet(item.room, item.revision), self._count(item)
        return self._once(What.COVER, sheet, lambda: cover(sheet, count, self._translate), count)

    def _codes(self, room: RoomPlan, places: Sequence[Place], revision: int) -> bytes:
        from printing.documents.cutsheet import cut_sheet  # noqa: PLC0415

        names = self._site.inventory.profile.names_on_cut_sheet
        numbers = frozenset(place.number for place in places)
        sheet = self.sheet(room, revision, names=names)
        return self._once(What.CODES, sheet, lambda: cut_sheet(sheet, self._translate, only=numbers), numbers)

    def _protocol(self, room: RoomPlan, revision: int) -> bytes:
        from printing.documents.protocol import protocol  # noqa: PLC0415

        sheet, exam = self._protocol_sheet(room, revision), room.exam.id
        return self._once(
            What.PROTOCOL,
            sheet,
            lambda: self._templates.protocol(exam, sheet) or protocol(sheet, self._translate),
            exam,
        )

    def _protocol_sheet(self, room: RoomPlan, revision: int = 1) -> RoomSheet:
        return self.sheet(room, revision, names=self._site.inventory.profile.names_on_protocol)

    def _briefing(self, room: RoomPlan, revision: int) -> bytes:
        arrival = self._catalog.of(room.exam.id, Kind.BRIEFING)[0]
        sheet = self.sheet(room, revision)
        return self._once(What.BRIEFING, sheet, lambda: self._typeset(arrival, sheet), arrival.path)

    def _typeset(self, arrival: Arrival, sheet: RoomSheet) -> bytes:
        text = self._text(arrival)
        if text is None:
            from printing.batch import unstamped  # noqa: PLC0415

            return unstamped(arrival.path.name, _read(arrival))
        from printing.documents.briefing import briefing  # noqa: PLC0415

        return briefing(sheet, text, self._translate)

    def _text(self, arrival: Arrival) -> list[Block] | None:
        """A briefing's text, read once; None of a PDF, which is printed as it is."""
        if arrival.path not in self._texts:
            data = _read(arrival)
            self._texts[arrival.path] = None if data.startswith(_PDF) else _blocks(data)
        return self._texts[arrival.path]

    def _briefing_notices(self, exam_id: str) -> tuple[Notice, ...]:
        found = []
        for arrival in self._catalog.of(exam_id, Kind.BRIEFING)[:1]:
            with contextlib.suppress(PrintingError):  # what cannot be read is told when it is made
                text = self._text(arrival)
                if text is not None and lost_its_bold(text):
                    found.append(Notice(_NO_BOLD, {"file": arrival.path.name}))
        return tuple(found)

    def _count(self, item: Item) -> BundleCount:
        room = item.room
        has_briefing = bool(self._catalog.of(room.exam.id, Kind.BRIEFING))
        slips = _pages(self._codes(room, item.codes, 1)) if item.codes else 0
        return BundleCount(
            kits=0 if room.exam.oral else len(room.places),
            spare_kits=len(room.spares),
            kit_sheets=room.kit_sheets,
            briefing_sheets=_pages(self._briefing(room, 1)) if has_briefing else 0,
            protocol_sheets=_pages(self._protocol(room, 1)),
            cut_sheets=item.code_sheets + slips,
            codes=sum(1 for place in room.places if place.kit.code),
            spare_codes=sum(1 for place in room.spares if place.kit.code),
        )


def _pages(pdf: bytes) -> int:
    from printing.documents.bundle import pages_of  # noqa: PLC0415

    return pages_of(pdf)


def _line(place: Place, *, names: bool) -> SeatLine:
    return SeatLine(
        seat=place.assignment.seat,
        code=place.kit.code,
        variant=place.assignment.variant,
        kit=place.number,
        name=place.pupil.name.reveal() if names and place.pupil is not None else "",
        large_print=place.kit.media is Media.A3,
        spare=place.pupil is None,
    )


def _read(arrival: Arrival) -> bytes:
    with Path(arrival.path).open("rb") as file:
        return file.read(MAX_BRIEFING_BYTES)


def _blocks(data: bytes) -> list[Block]:
    if not data.startswith(b"PK"):
        return blocks(_decode(data))
    from printing.documents.briefing_docx import blocks_of_docx  # noqa: PLC0415 - takes long to import

    return blocks_of_docx(data)


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "cp1251"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1251", "replace")
