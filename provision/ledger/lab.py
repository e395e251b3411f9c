"""What was found of the workstations of language labs, kept in the ledger; of each seat the latest counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labcheck.finding import Check, Finding
from labcheck.headset.causes import Cause
from labcheck.outcome import Outcome
from labcheck.phrase import Phrase, phrase
from provision.ledger.store import Draft, Ledger

KIND = "lab"
"""Kind of event; the subject is "ROOM/SEAT"."""


@dataclass(frozen=True, slots=True)
class SeatResult:
    """One check of one seat. ``terms`` stands for what was demanded of which computer
    (:func:`provision.lab.terms_of`): with others the result says nothing."""

    seat: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    terms: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A result of the record, and when it was written (UTC)."""

    result: SeatResult
    at: dt.datetime


def record(ledger: Ledger, room: str, results: Sequence[SeatResult]) -> None:
    """Write results down, all or none; returns when they are on disk."""
    ledger.append(*(Draft(KIND, f"{room}/{result.seat}", _body(result)) for result in results))


def latest(ledger: Ledger) -> Mapping[tuple[str, str], Checked]:
    """(room, seat) -> the last result of it."""
    found: dict[tuple[str, str], Checked] = {}
    for event in ledger.events([KIND]):
        room, _slash, seat = event.subject.rpartition("/")  # a room's number may hold a slash, a seat cannot
        body = event.body
        result = SeatResult(
            seat, Outcome(body["outcome"]), tuple(map(_finding, body["findings"])), body["terms"]
        )
        found[room, seat] = Checked(result, dt.datetime.fromisoformat(event.at))
    return found


def _body(result: SeatResult) -> dict[str, object]:
    return {
        "outcome": result.outcome.value,
        "terms": result.terms,
        "findings": [
            {
                "check": finding.check.value,
                "outcome": finding.outcome.value,
                "measured": phrase_data(finding.measured),
                "limit": phrase_data(finding.limit),
                "margin": None if finding.margin is None else round(finding.margin, 4),
                "remedy": phrase_data(finding.remedy),
                **_of_headset(finding),
            }
            for finding in result.findings
        ],
    }


def _of_headset(finding: Finding) -> dict[str, object]:
    """What only findings of headsets have; older records have it of none."""
    told = {"confidence": finding.confidence, "cause": finding.cause and finding.cause.value}
    return {name: value for name, value in told.items() if value is not None}


def _finding(body: Mapping[str, Any]) -> Finding:
    return Finding(
        Check(body["check"]),
        Outcome(body["outcome"]),
        phrase_of(body["measured"]),
        phrase_of(body["limit"]),
        body["margin"],
        phrase_of(body["remedy"]),
        body.get("confidence"),
        Cause(body["cause"]) if body.get("cause") else None,
    )


def phrase_data(said: Phrase) -> dict[str, object]:
    """Template and parameters apart, so that the paper can be written in the school's language."""
    params = {name: phrase_data(v) if isinstance(v, Phrase) else v for name, v in said.params.items()}
    return {"template": said.template, "params": params}


def phrase_of(data: Mapping[str, Any]) -> Phrase:
    params = {name: phrase_of(v) if isinstance(v, dict) else v for name, v in data["params"].items()}
    return phrase(data["template"], **params)
