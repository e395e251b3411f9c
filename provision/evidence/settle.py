"""What scans and counts decide of deliveries whose fate is unknown. Pure.

By scan: an unknown print of which every page was seen is on paper. When the room is said to be scanned
completely, one of which nothing was seen is not on paper and will be printed; one of which something was
seen is not sent again, and its other pages are missing. What surely had failed and yet was seen whole, is on
paper.

By count: sheets of everything that may be there - all of it is. Only the sheets of what is surely there - the
unknown is not; but a count cannot tell one kit from another, so while a kit is unknown this holds only if
every other kit was scanned. Any other number decides nothing and disagrees.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from printing.journal import Delivery
from provision.evidence.bundle import DELIVERED, UNDER_WAY, UNKNOWN, Bundle, KitPaper, Print
from provision.evidence.heard import Heard
from provision.ledger.evidence import NEVER, Counted


@dataclass(slots=True)
class Settled:
    """Deliveries (attempt ids) that are decided, and by index the pages, with copies, that are missing."""

    printed: set[str] = field(default_factory=set)
    unprinted: set[str] = field(default_factory=set)
    missing: dict[int, dict[int, int]] = field(default_factory=dict)


def by_scan(bundle: Bundle, heard: Heard, *, complete: bool) -> Settled:
    """What the scans decide; ``complete``: the person says that every paper of the room was scanned."""
    found = Settled()
    jobs: dict[str, list[tuple[KitPaper, Print]]] = {}
    for kit in bundle.kits:
        for one in kit.prints:
            if one.attempt != NEVER:
                jobs.setdefault(one.attempt, []).append((kit, one))
    for attempt, prints in jobs.items():
        printed = _fate(prints, heard, complete=complete)
        if printed is not None:
            (found.printed if printed else found.unprinted).add(attempt)
    if complete:
        for kit, one in bundle.prints():
            if one.attempt in found.printed or one.state in DELIVERED:
                _miss(found, kit, one, heard)
    return found


def _fate(prints: list[tuple[KitPaper, Print]], heard: Heard, *, complete: bool) -> bool | None:
    """Whether a job came out: None while it is not in question, or cannot be told."""
    state = prints[0][1].state
    whole = all(heard.pages(kit, one) >= set(one.pages) for kit, one in prints)
    counting = any(one.pages for _kit, one in prints)
    if state is not None and state.may_send:
        return True if whole and counting else None
    if state is not Delivery.UNKNOWN or (not complete and not counting):
        return None
    if whole:  # or replaced by later copies: then it must not be sent again
        return True
    return any(heard.pages(kit, one) for kit, one in prints) if complete else None


def _miss(found: Settled, kit: KitPaper, one: Print, heard: Heard) -> None:
    """Note the pages of a print that should be there and are not; 0 where any page of it will do.

    Of a print that is said to be whole, one page stands for all of them; who scanned several meant to scan
    every one.
    """
    seen = heard.pages(kit, one)
    if one.state in DELIVERED and not seen:
        lost = frozenset({0})
    elif one.state in DELIVERED and len(seen - {0}) < 2:
        lost = heard.lost(kit, one)
    else:
        lost = frozenset(one.pages) - seen
    if lost:
        found.missing.setdefault(kit.index, {}).update(dict.fromkeys(sorted(lost), one.copy))


def by_count(bundle: Bundle, heard: Heard, sheets: int) -> tuple[Counted, Settled]:
    """Judge a count, and say what it decides."""
    sure, all_ = bundle.sheets(DELIVERED), bundle.sheets(DELIVERED | UNKNOWN)
    settled = Settled()
    if any(state in UNDER_WAY for state in bundle.states()):
        return Counted(sheets, all_, None), settled
    unknown = bundle.attempts(UNKNOWN)
    if sheets == all_:
        settled.printed |= unknown
        return Counted(sheets, all_, True, _covered(bundle, DELIVERED | UNKNOWN)), settled
    if sheets != sure:
        return Counted(sheets, all_, False), settled
    kits_unknown = any(one.state is Delivery.UNKNOWN for _kit, one in bundle.prints())
    others = all(heard.has(kit, one) for kit, one in bundle.prints() if one.state in DELIVERED)
    if kits_unknown and not others:
        return Counted(sheets, all_, None), settled
    settled.unprinted |= unknown
    return Counted(sheets, sure, True, _covered(bundle, DELIVERED)), settled


def _covered(bundle: Bundle, states: frozenset[Delivery]) -> tuple[str, ...]:
    return tuple(sorted(bundle.attempts(states)))
