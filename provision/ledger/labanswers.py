"""Answer files that were collected, and pupils who were moved, in the ledger: hashes and sizes, no names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provision.ledger.store import Draft, Ledger

KIND = "lab-answer"
MOVE_KIND = "lab-move"
"""Kinds of event; the subject is "ROOM/SEAT"."""


@dataclass(frozen=True, slots=True)
class FileMark:
    """What stands for a file: its SHA-256 in hexadecimal, and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Move:
    """A pupil's way to a reserve. ``code`` is a keyed hash, "" when all answers of the seat went along;
    ``files`` are those that were verified there."""

    room: str
    source: str
    target: str
    code: str
    files: tuple[FileMark, ...]
    at: dt.datetime


def record(ledger: Ledger, room: str, seat: str, files: Iterable[FileMark]) -> None:
    """Write down files that are kept here."""
    ledger.append(*(Draft(KIND, f"{room}/{seat}", {"sha256": f.sha256, "size": f.size}) for f in files))


def recorded(ledger: Ledger, room: str) -> frozenset[tuple[str, FileMark]]:
    """The files of a room that were written down, as (seat, file)."""
    found = set()
    for event in ledger.events([KIND]):
        number, _slash, seat = event.subject.rpartition("/")
        if number == room:
            found.add((seat, FileMark(event.body["sha256"], event.body["size"])))
    return frozenset(found)


def record_move(
    ledger: Ledger, room: str, source: str, target: str, code: str, files: Sequence[FileMark]
) -> None:
    """Write down that a pupil works at another seat from now on."""
    marks = [{"sha256": file.sha256, "size": file.size} for file in files]
    ledger.append(Draft(MOVE_KIND, f"{room}/{source}", {"to": target, "code": code, "files": marks}))


def moves(ledger: Ledger, room: str) -> tuple[Move, ...]:
    """Who was moved in a room, in order."""
    found = []
    for event in ledger.events([MOVE_KIND]):
        number, _slash, seat = event.subject.rpartition("/")
        if number == room:
            body = event.body
            files = tuple(FileMark(mark["sha256"], mark["size"]) for mark in body["files"])
            found.append(
                Move(room, seat, body["to"], body["code"], files, dt.datetime.fromisoformat(event.at))
            )
    return tuple(found)
