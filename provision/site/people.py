"""The participants: who takes part, as the school's list states it."""

from __future__ import annotations

from dataclasses import dataclass

from provision.secret import Secret


@dataclass(frozen=True, slots=True)
class Participant:
    """One pupil. ``row`` is the line or row of the list, from 1, for messages in place of the name;
    ``sheet`` goes before it ("[7А] ") when the list has several sheets."""

    class_name: str
    name: Secret
    row: int
    room: str | None = None
    seat: str | None = None
    code: str | None = None
    large_print: bool = False
    absent: bool = False
    note: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """All participants, and what of the list was recognised.

    ``recognised`` maps our field to the header text found, for the screen.
    """

    participants: tuple[Participant, ...]
    recognised: dict[str, str]

    def of_class(self, class_name: str) -> tuple[Participant, ...]:
        """The pupils of one class, in the list's order."""
        return tuple(p for p in self.participants if p.class_name == class_name)
