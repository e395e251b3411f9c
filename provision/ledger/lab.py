"""What was found of the workstations of language labs, kept in the ledger; of each seat the latest counts.

The headsets are tested with everything else, or alone. Of a headset the newer test counts, whichever it was:
a later one alone takes the place of what the whole check found of it. It makes no seat ready that the whole
check did not find ready otherwise, and says nothing of one that was never checked as a whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labcheck.finding import HEADSET, Check, Finding
from labcheck.headset.causes import Cause
from labcheck.outcome import Outcome, worst
from labcheck.phrase import Phrase, phrase
from provision.ledger.store import Draft, Ledger

KIND = "lab"
HEADSET_KIND = "lab-headset"
"""Kinds of event: a whole check, a test of the headset alone; the subject is "ROOM/SEAT"."""


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
    """A result of the record, and when it was written (UTC). ``headset_at``: when what it says of the headset
    was, if that is of a later test of the headset alone."""

    result: SeatResult
    at: dt.datetime
    headset_at: dt.datetime | None = None


def record(ledger: Ledger, room: str, results: Sequence[SeatResult]) -> None:
    """Write results down, all or none; returns when they are on disk."""
    ledger.append(*(Draft(KIND, f"{room}/{result.seat}", _body(result)) for result in results))


def record_headsets(ledger: Ledger, room: str, results: Sequence[SeatResult]) -> None:
    """The same for tests of the headsets alone."""
    ledger.append(*(Draft(HEADSET_KIND, f"{room}/{result.seat}", _body(result)) for result in results))


def latest(ledger: Ledger) -> Mapping[tuple[str, str], Checked]:
    """(room, seat) -> the last whole check of it, with what was found of its headset since."""
    wholes: dict[tuple[str, str], Checked] = {}
    found: dict[tuple[str, str], Checked] = {}
    for kind, place, checked in _events(ledger):
        if kind == KIND:
            wholes[place] = found[place] = checked
        elif place in wholes and wholes[place].result.terms == checked.result.terms:
            found[place] = _with_headset(wholes[place], checked, _neighbours(found[place]))
    return found


def last_heard(ledger: Ledger, room: str, seat: str) -> tuple[Checked | None, Checked | None]:
    """The last check that says something of a seat's headset, a whole one or that alone; and the last one
    since that did not come to it."""
    heard = missed = None
    for _kind, place, checked in _events(ledger):
        if place != (room, seat):
            continue
        if any(one.check in HEADSET for one in checked.result.findings):
            heard, missed = checked, None
        else:
            missed = checked
    return heard, missed


def _events(ledger: Ledger) -> Iterator[tuple[str, tuple[str, str], Checked]]:
    """The kind, (room, seat) and what was found, in the order in which it was written."""
    for event in ledger.events([KIND, HEADSET_KIND]):
        room, _slash, seat = event.subject.rpartition("/")  # a room's number may hold a slash, a seat cannot
        body = event.body
        findings = tuple(map(_finding, body["findings"]))
        result = SeatResult(seat, Outcome(body["outcome"]), findings, body["terms"])
        yield event.kind, (room, seat), Checked(result, dt.datetime.fromisoformat(event.at))


def _with_headset(whole: Checked, later: Checked, neighbours: Sequence[Finding]) -> Checked:
    """A whole check, brought up to date by a later test of the headset. A test of one seat alone says nothing
    of its ``neighbours``: what is known of them stays."""
    before, now = whole.result, later.result
    told = {finding.check for finding in now.findings}
    rest = [finding for finding in before.findings if finding.check not in {*HEADSET, *told}]
    if Check.NEIGHBOURS not in told:
        rest += neighbours
    outcomes = [now.outcome, *(finding.outcome for finding in rest)]
    if before.outcome is not worst(finding.outcome for finding in before.findings):
        outcomes.append(before.outcome)  # something that is demanded was not even looked at
    result = SeatResult(before.seat, worst(outcomes), (*rest, *now.findings), before.terms)
    return Checked(result, whole.at, later.at)


def _neighbours(checked: Checked) -> list[Finding]:
    return [finding for finding in checked.result.findings if finding.check is Check.NEIGHBOURS]


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
