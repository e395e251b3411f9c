"""What became of the forms, in the ledger: by the forms' names and checksums, never a name or a code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from provision.ledger.store import Draft, Ledger

KIND = "form"
MARKS_KIND = "marks"


class Step(StrEnum):
    """What happened to a form."""

    FILLED = "filled"
    UPLOADED = "uploaded"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class FormEvent:
    """One step: ``sha256`` of its file, ``source`` that of the downloaded form; ``who`` is staff."""

    form: str
    step: Step
    at: dt.datetime
    who: str
    sha256: str
    source: str = ""
    cells: int = 0
    items: tuple[str, ...] = ()
    """What of it went into the vault."""


def record(
    ledger: Ledger,
    form: str,
    step: Step,
    who: str,
    sha256: str,
    *,
    source: str = "",
    cells: int = 0,
    items: Sequence[str] = (),
) -> None:
    """Write a step down; returns when it is on disk."""
    body = {"step": step.value, "who": who, "sha256": sha256, "source": source, "cells": cells}
    ledger.append(Draft(KIND, form, {**body, "items": list(items)}))


def recorded(ledger: Ledger) -> tuple[FormEvent, ...]:
    """Every step of every form, in order."""
    return tuple(
        FormEvent(
            event.subject,
            Step(event.body["step"]),
            dt.datetime.fromisoformat(event.at),
            event.body["who"],
            event.body["sha256"],
            event.body["source"],
            event.body["cells"],
            tuple(event.body.get("items", ())),
        )
        for event in ledger.events([KIND])
    )


def record_marks(
    ledger: Ledger, exam: str, entry: int, who: str, works: int, how: str, item: str = ""
) -> None:
    """Note that marks were entered: how many works, by whom, typed or imported; the vault's item of them."""
    body = {"entry": entry, "who": who, "works": works, "how": how, "item": item}
    ledger.append(Draft(MARKS_KIND, exam, body))
