"""All that was said of one room, brought together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from provision.evidence.bundle import KitPaper, Print
from provision.ledger.evidence import Again, Complete, Counted, ExtraRemoved, Said, Scan

Sheet = tuple[int, int, int]
"""Kit index, page (0: the kit as a whole), copy."""


@dataclass(slots=True)
class Heard:
    """What the scans and counts of one exam in one room come to.

    ``seen`` maps a sheet to the delivery that it was taken for; ``twice`` are kits (indices) of which two
    papers with one mark were seen; ``missing`` the sheets that were looked for in vain and not seen since,
    page 0 standing for a print of which nothing was seen and any page is enough.
    """

    seen: dict[Sheet, str] = field(default_factory=dict)
    twice: set[int] = field(default_factory=set)
    missing: set[Sheet] = field(default_factory=set)
    count: Counted | None = None
    covered: set[str] = field(default_factory=set)

    def add(self, said: Said) -> None:
        """Take what was said next into account."""
        match said:
            case Scan():
                sheet = (said.kit, said.page, said.copy)
                if sheet in self.seen and said.page:
                    self.twice.add(said.kit)
                self.seen.setdefault(sheet, said.attempt)
                self.missing -= {sheet, (said.kit, 0, said.copy)}
            case Counted():
                self.count = said
                if said.agrees:
                    self.covered |= set(said.covers)
            case Complete():
                self.missing = {
                    (kit, page, copy) for kit, pages in said.missing.items() for page, copy in pages.items()
                }
            case Again():
                self.seen, self.twice, self.missing = {}, set(), set()
            case ExtraRemoved():
                self.twice.discard(said.kit)
                if said.forget:
                    self.seen = {s: attempt for s, attempt in self.seen.items() if s[0] != said.kit}

    def pages(self, kit: KitPaper, one: Print) -> frozenset[int]:
        """The pages of a print that were seen as this delivery's; 0 when only the kit's number was typed."""
        wanted = (*one.pages, 0)
        return frozenset(p for p in wanted if self.seen.get((kit.index, p, one.copy)) == one.attempt)

    def lost(self, kit: KitPaper, one: Print) -> frozenset[int]:
        """The pages of a print that were looked for in vain."""
        if (kit.index, 0, one.copy) in self.missing:
            return frozenset(one.pages)
        return frozenset(p for p in one.pages if (kit.index, p, one.copy) in self.missing)

    def has(self, kit: KitPaper, one: Print) -> bool:
        """Whether a scan is evidence for a print: one of its pages was seen, and none is looked for."""
        return bool(self.pages(kit, one)) and not self.lost(kit, one)

    def elsewhere(self, kit: KitPaper) -> bool:
        """Whether a paper of the kit was seen that is of no delivery that left paper, as far as is known."""
        prints = {one.copy: one for one in kit.prints}
        for (index, _page, copy), attempt in self.seen.items():
            one = prints.get(copy) if index == kit.index else None
            if one is not None and (attempt != one.attempt or one.state is None or one.state.may_send):
                return True
        return False


def heard(said: Iterable[Said]) -> Heard:
    """Bring together what was said of one room, in order."""
    found = Heard()
    for one in said:
        found.add(one)
    return found
