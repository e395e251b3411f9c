"""Seeds and assignments of kits, kept in the ledger."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable

from provision.ledger.store import Draft, Ledger
from provision.plan.model import Assignment

KIND = "assigned"
SEED_KIND = "seed"


def recorded(ledger: Ledger) -> tuple[Assignment, ...]:
    """Every assignment ever made, in order: of a pupil's in one exam, the last is in force.

    Those that a later one replaced matter too: their kit numbers are never used again.
    """
    return tuple(Assignment(**event.body) for event in ledger.events([KIND]))


def record(ledger: Ledger, assignments: Iterable[Assignment]) -> None:
    """Write new assignments, all or none."""
    ledger.append(
        *(Draft(KIND, f"{a.exam}/{a.number}", dataclasses.asdict(a)) for a in assignments),
    )


def seed(ledger: Ledger) -> int:
    """The site's seed: drawn once, recorded, the same ever after."""
    for event in ledger.events([SEED_KIND]):
        return int(event.body["seed"])
    drawn = secrets.randbits(32)
    ledger.append(Draft(SEED_KIND, "site", {"seed": drawn}))
    return seed(ledger)  # of two commands that drew at once, the first has it
