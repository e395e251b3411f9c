"""The voices of a room - queue, scan, count, meter - and whether they prove that it is ready. Pure.

A voice is silent, agrees, or disagrees and names the kits in doubt. The printer's own word ("completed") is a
claim; evidence is a file that was read back, a sheet that was scanned, or a right count of the sheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from printing.journal import Delivery, Entry
from provision.errors import N_
from provision.evidence.bundle import DELIVERED, Bundle, KitPaper, Print
from provision.evidence.heard import Heard
from provision.ledger.evidence import MeterRun


class Word(StrEnum):
    """What a voice says."""

    SILENT = "silent"
    AGREES = "agrees"
    DISAGREES = "disagrees"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why voices disagree: an English template, its cure and parameters; ``kits`` by number, none when no
    single kit can be named."""

    kits: tuple[str, ...]
    template: str
    cure: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice. ``heard`` of ``of``: kits scanned of those planned, sheets counted of those expected."""

    word: Word = Word.SILENT
    doubts: tuple[Doubt, ...] = ()
    heard: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Gain:
    """What a printer's counter gained over one run of deliveries; ``sent`` is None while one of them is
    unknown or under way."""

    sheets: int
    sent: int | None
    attempts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Voices:
    """What is said of one room; ``evident``: there is evidence for every piece."""

    queue: Voice
    scan: Voice
    count: Voice
    meter: Voice
    evident: bool

    @property
    def ready(self) -> bool:
        """Whether every piece is on paper, and no voice says otherwise."""
        return self.evident and not self.doubts

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """All reasons why the room is in dispute. A right count overrules the printer's counter, which
        counts other people's sheets too."""
        meter = () if self.count.word is Word.AGREES else self.meter.doubts
        return (*self.scan.doubts, *self.count.doubts, *meter)


def gains(runs: Iterable[MeterRun], entries: Iterable[Entry]) -> tuple[Gain, ...]:
    """Runs between two readings of a printer's counter, with the sheets that were sent meanwhile."""
    by_id = {entry.attempt.id: entry for entry in entries}

    def sent(run: MeterRun) -> int | None:
        found = [by_id[attempt] for attempt in run.attempts]
        if any(not entry.state.delivered and not entry.state.may_send for entry in found):
            return None
        return sum(entry.attempt.sheets for entry in found if entry.state.delivered)

    return tuple(Gain(run.sheets, sent(run), run.attempts) for run in runs if run.attempts)


def listen(bundle: Bundle, heard: Heard, meter: Sequence[Gain] = ()) -> Voices:
    """What each voice says of a room."""
    scan = _scan(bundle, heard)
    queue = Word.AGREES if all(state in DELIVERED for state in bundle.states()) else Word.SILENT
    return Voices(
        Voice(queue), scan, _count(bundle, heard), _meter(bundle, meter), _evident(bundle, heard, scan)
    )


def _evident(bundle: Bundle, heard: Heard, scan: Voice) -> bool:
    """Whether the queue vouches for every piece and something else does so too.

    Small documents have no barcode: where all kits were scanned, the queue's word is enough for them.
    """

    def counted(attempt: str, state: Delivery | None) -> bool:
        return state is Delivery.STORED or attempt in heard.covered

    kits = all(counted(one.attempt, one.state) or heard.has(kit, one) for kit, one in bundle.prints())
    scanned = scan.word is Word.AGREES
    small = all(scanned or counted(paper.attempt, paper.state) for paper in bundle.papers)
    spoiled = any(kit.spoiled for kit in bundle.kits)
    return all(state in DELIVERED for state in bundle.states()) and kits and small and not spoiled


def _scan(bundle: Bundle, heard: Heard) -> Voice:
    doubts = (*_lost(bundle, heard), *_twice(bundle, heard))
    seen = sum(_seen(kit, heard) for kit in bundle.kits)
    word = Word.DISAGREES if doubts else Word.SILENT
    if not doubts and bundle.kits and seen == len(bundle.kits):
        word = Word.AGREES
    return Voice(word, doubts, seen, len(bundle.kits))


def _seen(kit: KitPaper, heard: Heard) -> bool:
    """Whether the scans are evidence for the whole kit as it must be now."""
    counting = [one for one in kit.prints if one.pages]
    return not kit.spoiled and bool(counting) and all(_is_seen(kit, one, heard) for one in counting)


def _is_seen(kit: KitPaper, one: Print, heard: Heard) -> bool:
    return one.state in DELIVERED and heard.has(kit, one)


def _lost(bundle: Bundle, heard: Heard) -> Iterator[Doubt]:
    whole = [kit.number for kit, pages in lost_pages(bundle, heard) if not pages]
    if whole:
        yield Doubt(tuple(whole), _NOT_FOUND, _FIND, {"kits": ", ".join(whole)})
    for kit, pages in lost_pages(bundle, heard):
        if pages:
            params = {"kit": kit.number, "pages": ", ".join(map(str, pages))}
            yield Doubt((kit.number,), _PAGES_NOT_FOUND, _FIND_PAGES, params)


def lost_pages(bundle: Bundle, heard: Heard) -> Iterator[tuple[KitPaper, tuple[int, ...]]]:
    """The kits that were looked for in vain, with their missing pages; none stands for the whole kit."""
    for kit in bundle.kits:
        lost = {page for one in kit.prints for page in heard.lost(kit, one)}
        if lost:
            all_pages = {page for one in kit.prints for page in one.pages}
            yield kit, () if lost == all_pages else tuple(sorted(lost))


def _twice(bundle: Bundle, heard: Heard) -> Iterator[Doubt]:
    for kit in bundle.kits:
        if kit.index in heard.twice:
            yield Doubt((kit.number,), _TWICE, _REMOVE, {"kit": kit.number})
        elif heard.elsewhere(kit):
            yield Doubt((kit.number,), _STRAY, _REMOVE_STRAY, {"kit": kit.number})


def _count(bundle: Bundle, heard: Heard) -> Voice:
    count = heard.count
    if count is None:
        return Voice(of=bundle.sheets(DELIVERED))
    figures = {"counted": count.sheets, "expected": count.expected}
    if count.agrees is False:
        kits = tuple(kit.number for kit in bundle.kits if not _seen(kit, heard))
        doubt = Doubt(kits, _MISCOUNT, _COUNT_AGAIN, figures)
        return Voice(Word.DISAGREES, (doubt,), count.sheets, count.expected)
    on_paper = bundle.attempts(DELIVERED)
    covers = bool(on_paper) and on_paper <= heard.covered
    return Voice(Word.AGREES if covers else Word.SILENT, (), count.sheets, bundle.sheets(DELIVERED))


def _meter(bundle: Bundle, meter: Sequence[Gain]) -> Voice:
    on_paper = bundle.attempts(DELIVERED)
    mine = [gain for gain in meter if gain.attempts & on_paper and gain.sent is not None]
    wrong = [gain for gain in mine if gain.sheets != gain.sent]
    if wrong:
        return Voice(Word.DISAGREES, tuple(_wrong_gain(bundle, gain) for gain in wrong))
    right = frozenset[str]().union(*(gain.attempts for gain in mine))
    return Voice(Word.AGREES if on_paper and on_paper <= right else Word.SILENT)


def _wrong_gain(bundle: Bundle, gain: Gain) -> Doubt:
    numbers = dict.fromkeys(kit.number for kit, one in bundle.prints() if one.attempt in gain.attempts)
    return Doubt(tuple(numbers), _METER, _COUNT_ALL, {"found": gain.sheets, "sent": gain.sent})


_NOT_FOUND = N_("not among the room's papers: {kits}")
_FIND = N_("find and scan it, or print it anew: 'provision reprint KIT --reason TEXT'")
_PAGES_NOT_FOUND = N_("kit {kit}: pages not found: {pages}")
_FIND_PAGES = N_("find and scan them, or print them anew: 'provision reprint KIT --pages LIST --reason TEXT'")
_TWICE = N_("kit {kit}: two papers with the same mark")
_REMOVE = N_("take one out and destroy it, then 'provision confirm --extra-removed KIT'")
_STRAY = N_("kit {kit}: a paper was scanned that by all records was never printed")
_REMOVE_STRAY = N_("destroy that paper, then 'provision confirm --extra-removed KIT'")
_MISCOUNT = N_("{counted} sheets were counted, {expected} are expected")
_COUNT_AGAIN = N_("count again, or scan the kits to find which one differs")
_METER = N_("the printer's counter rose by {found}, {sent} sheets were sent")
_COUNT_ALL = N_("count the room's sheets: 'provision confirm --counted SHEETS'")
