"""What a person said a file is for, kept in the ledger by the file's content."""

from __future__ import annotations

from collections.abc import Mapping

from provision.intake.model import Kind
from provision.ledger.store import Draft, Ledger

KIND = "bound"


def recorded(ledger: Ledger) -> Mapping[str, tuple[Kind, tuple[str, ...]]]:
    """SHA-256 of a file -> its kind and exams, as last said."""
    return {
        event.subject: (Kind(event.body["kind"]), tuple(event.body["exams"]))
        for event in ledger.events([KIND])
    }


def record(ledger: Ledger, sha256: str, kind: Kind, exams: tuple[str, ...]) -> None:
    """Write down what a person said of a file."""
    ledger.append(Draft(KIND, sha256, {"kind": kind.value, "exams": list(exams)}))
