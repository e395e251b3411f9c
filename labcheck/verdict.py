"""What can be said of a workstation: its word and the profile's limits in, findings and a verdict out. Pure.

A seat is READY only when every check that is demanded was made and came out well. What is missing, senseless
or could not be told is "not checked", which is never green.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from labcheck.facts import Facts
from labcheck.finding import Check, Finding
from labcheck.judges import machine, program, running, sound
from labcheck.judges.base import Seen
from labcheck.outcome import Outcome, worst
from labcheck.phrase import NOTHING, Phrase
from labcheck.requirements import Requirements

_JUDGES = sorted(
    (*machine.JUDGES, *running.JUDGES, *program.JUDGES, *sound.JUDGES),
    key=lambda judge: list(Check).index(judge.check),
)


def required(wanted: Requirements) -> tuple[Check, ...]:
    """The checks that the profile demands of the facts, in their order."""
    return tuple(judge.check for judge in _JUDGES if judge.limit(wanted) is not None)


def judge(untrusted_facts: object, wanted: Requirements, seen: Seen) -> tuple[Finding, ...]:
    """A finding for each check that is demanded, whatever the workstation sent. Raises nothing."""
    facts = Facts(untrusted_facts)
    found = (judge.find(facts, wanted, seen) for judge in _JUDGES)
    return tuple(finding for finding in found if finding is not None)


def not_reached(outcome: Outcome, why: Phrase, remedy: Phrase) -> Finding:
    """What stands for all checks of a workstation that could not be talked to."""
    return Finding(Check.CONNECTION, outcome, why, NOTHING, None, remedy)


def verdict(findings: Sequence[Finding], demanded: Collection[Check]) -> Outcome:
    """The seat's: its worst finding. Where nothing is demanded, or a demanded check is missing, at best
    NOT_CHECKED."""
    outcomes = [finding.outcome for finding in findings]
    if not demanded or not set(demanded) <= {finding.check for finding in findings}:
        outcomes.append(Outcome.NOT_CHECKED)
    return worst(outcomes)
