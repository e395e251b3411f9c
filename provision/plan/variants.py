"""Which variant lies on which seat. Neighbours get different ones where the strategy allows it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from provision.site.model import Exam, Room, Seating

SeatingList = Mapping[tuple[str, str], str]
"""(room, seat) -> variant, for the strategy that reads a supplied list."""


def offset(seed: int, exam: Exam, room: str, variants: int) -> int:
    """Where a room's deal begins: the same for all exams of a session, so that two classes in one room
    do not break the pattern."""
    text = f"{seed}/{exam.date}/{exam.start}/{room}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8]) % variants


def deal_variants(
    seating: Seating, room: Room, variants: Sequence[str], start: int, listed: SeatingList
) -> dict[str, str]:
    """The variant of every seat of a room.

    Chess: row + column, so that the seats before, behind, left and right of any seat have another variant
    (with two variants or more). Column: every column one variant, so that the seats left and right have
    another. List: as supplied; a seat that the list leaves out is missing from the result.
    """
    if seating is Seating.LIST:
        return {
            label: variant
            for _, _, label in room.grid()
            if (variant := listed.get((room.number, label))) in variants and variant is not None
        }
    across = seating is Seating.COLUMN
    return {
        label: variants[(column + start + (0 if across else row)) % len(variants)]
        for row, column, label in room.grid()
    }
