"""Bundles for the tests of voices: kits of four pages, one small document of two sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from printing.journal import Delivery
from provision.evidence.bundle import Bundle, KitPaper, Print, SmallPaper
from provision.evidence.settle import Settled
from provision.ledger.evidence import NEVER, Scan
from provision.work import What

PAGES = (1, 2, 3, 4)


def kit(index: int, state: Delivery | None = Delivery.CLAIMED) -> KitPaper:
    """Kit ``index``, printed once, by the delivery "a" + index."""
    attempt = NEVER if state is None else f"a{index}"
    return KitPaper(index, f"204-{index:02}", False, (Print(attempt, state, 1, PAGES),))


def bundle(
    states: Sequence[Delivery | None], small: Delivery | None = Delivery.CLAIMED, sheets: int = 2
) -> Bundle:
    """Kits 1, 2, … in these states, and a protocol."""
    attempt = NEVER if small is None else "p"
    paper = SmallPaper(What.PROTOCOL, attempt, small, sheets)
    return Bundle(tuple(kit(n, state) for n, state in enumerate(states, start=1)), (paper,))


def scan(index: int, page: int = 1, copy: int = 1, attempt: str | None = None) -> Scan:
    """A sheet of :func:`kit`."""
    return Scan(index, page, copy, attempt=f"a{index}" if attempt is None else attempt)


def whole(index: int) -> list[Scan]:
    """Every sheet of a kit."""
    return [scan(index, page) for page in PAGES]


def settled(before: Bundle, decided: Settled) -> Bundle:
    """The bundle after the journal has taken what was decided."""

    def state(attempt: str, was: Delivery | None) -> Delivery | None:
        if attempt in decided.printed:
            return Delivery.PRINTED_SAYS_PERSON
        return Delivery.NOT_PRINTED_SAYS_PERSON if attempt in decided.unprinted else was

    return Bundle(
        tuple(
            replace(k, prints=tuple(replace(p, state=state(p.attempt, p.state)) for p in k.prints))
            for k in before.kits
        ),
        tuple(replace(p, state=state(p.attempt, p.state)) for p in before.papers),
    )
