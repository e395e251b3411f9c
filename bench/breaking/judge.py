"""The verdict on a run, given at the printer: sheets in the tray against what the program believes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bench.breaking.cell import Cell
from bench.breaking.operator import Report
from bench.breaking.school import KITS
from printing.journal import Delivery


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one run. ``lost``: documents that the program holds for printed and that are not on paper, or
    that it does not speak of at all; ``duplicated``: kits of which a page lies there twice and nobody said
    so; ``unfounded``: documents called confirmed (by a file, or a person's word) without a paper."""

    fault: str
    number: int
    kits: int
    lost: tuple[str, ...]
    duplicated: tuple[str, ...]
    unfounded: tuple[str, ...]
    stuck: bool
    resolved: int
    warned: int
    seconds: float
    story: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it."""
        return not (self.lost or self.duplicated or self.unfounded or self.stuck)


def judge(cell: Cell, report: Report, *, fault: str, number: int, seconds: float, first: str) -> Verdict:
    """Compare what the program believes with what lies in the tray."""
    papers = cell.tray()
    entries = cell.journal().entries()
    work_of = {entry.attempt.id: entry.attempt.work for entry in entries}
    lying = Counter(work_of.get(paper.attempt, f"foreign {paper.attempt}") for paper in papers)
    pages = Counter(mark for paper in papers for mark in paper.marks) - report.warned
    final = cell.journal().latest()
    lost = [w for w, e in final.items() if e.state.delivered and not lying[w]]
    if report.ended and sum(1 for work in final if "/kits/" in work) < KITS:
        lost.append("kits that were never on their way")
    confirmed = {Delivery.STORED, Delivery.PRINTED_SAYS_PERSON}
    twice = {work for work, count in lying.items() if count > 1 and "/kits/" not in work}
    twice |= {
        work_of.get(paper.attempt, "foreign")
        for paper in papers
        if any(pages[mark] > 1 for mark in paper.marks)
    }
    return Verdict(
        fault=fault,
        number=number,
        kits=len({mark.kit for paper in papers for mark in paper.pages}),
        lost=tuple(lost),
        duplicated=tuple(sorted(twice)),
        unfounded=tuple(w for w in lost if w in final and final[w].state in confirmed),
        stuck=not report.ended,
        resolved=report.resolved,
        warned=report.warned.total(),
        seconds=seconds,
        story=(first, *report.said),
    )
