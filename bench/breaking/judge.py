"""The verdict on a run, given at the printer: sheets in the pile against what the program believes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bench.breaking.cell import Cell, Paper
from bench.breaking.operator import Report
from bench.breaking.school import KITS
from printing.journal import Delivery, Entry


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one run; kits by their index. ``lost``: a page lies nowhere though the program holds the kit for
    printed or the room for ready; ``unfounded``: those of them that it calls confirmed (by a scan, a count, a
    file, or a person's word); ``twice``: a page lies there twice, and nobody was told. ``small``: papers
    without a barcode that are missing or lie there twice."""

    fault: str
    number: int
    ready: bool
    lost: tuple[int, ...]
    unfounded: tuple[int, ...]
    twice: tuple[int, ...]
    small: tuple[str, ...]
    report: Report
    seconds: float

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.ready and not (self.lost or self.unfounded or self.twice)


_CONFIRMED = {Delivery.STORED, Delivery.PRINTED_SAYS_PERSON}


def judge(cell: Cell, report: Report, *, fault: str, number: int, seconds: float) -> Verdict:
    """Compare what the program believes with what is handed to the room."""
    entries = cell.entries()
    pages = Counter((page.kit, page.page) for paper in report.pile for page in paper.pages)
    wanted = dict(_kits(entries))
    lost = {kit for kit, entry in wanted.items() if entry is not None and _lacks(kit, entry, pages)}
    lost |= set(range(1, KITS + 1)) - wanted.keys() if report.ready else set()
    delivered = {kit for kit in lost if report.ready or wanted[kit].state.delivered}
    return Verdict(
        fault=fault,
        number=number,
        ready=report.ready,
        lost=tuple(sorted(delivered)),
        unfounded=tuple(sorted(k for k in delivered if report.ready or wanted[k].state in _CONFIRMED)),
        twice=tuple(sorted({kit for (kit, _page), count in pages.items() if count > 1})),
        small=tuple(_small(entries, report.pile)),
        report=report,
        seconds=seconds,
    )


def _kits(entries: tuple[Entry, ...]) -> Iterator[tuple[int, Entry]]:
    """Every kit that was ever on its way, with its last attempt at the whole of it."""
    for entry in entries:
        if "/kits/" in entry.attempt.work:
            for number in entry.attempt.covers:
                yield int(number.rpartition("-")[2]), entry


def _lacks(kit: int, entry: Entry, pages: Counter[tuple[int, int]]) -> bool:
    return any(not pages[kit, page] for page in range(1, entry.attempt.sheets + 1))


def _small(entries: tuple[Entry, ...], pile: tuple[Paper, ...]) -> Iterator[str]:
    lying = Counter(paper.attempt for paper in pile)
    works: Counter[str] = Counter()
    believed: set[str] = set()
    for entry in entries:
        if not entry.attempt.work.split("/")[2].startswith("kit"):
            works[entry.attempt.work] += lying[entry.attempt.id]
            believed |= {entry.attempt.work} if entry.state.delivered else set()
    yield from (f"{work} x{count}" for work, count in works.items() if count > 1)
    yield from (f"{work} lost" for work in believed if not works[work])
