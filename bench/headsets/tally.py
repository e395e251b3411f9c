"""Counting: who passed that should not have, who did not that should have, who was given another reason.

A headset with a fault that passes is a false pass. A healthy one that does not pass is a false fail; unless
it is murky (see severity.MURKY_DB) and was honestly not checked. For a faulty one the first cause told must
be one of its own, or follow from them (consequences.py)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.headsets.kinds import Case

OURS = "ours"
PASS, FAIL, UNSURE = "pass", "fail", "not-checked"


@dataclass(frozen=True, slots=True)
class Row:
    """What was said of one headset."""

    room: int
    case: Case
    verdicts: Mapping[str, str]
    """By whom: pass, fail or not-checked."""
    told: Mapping[str, str]
    """By whom: the first cause told."""
    statistics: Mapping[str, float] = field(default_factory=dict)


def kind(case: Case) -> str:
    """What a row of the table is for."""
    if not case.causes:
        return "healthy, murky" if case.murky else "healthy"
    return case.causes[0].value if len(case.causes) == 1 else "two faults"


def false_pass(row: Row, who: str) -> bool:
    """A faulty one passed."""
    return bool(row.case.causes) and row.verdicts.get(who) == PASS


def false_fail(row: Row, who: str) -> bool:
    """A healthy one did not."""
    said = row.verdicts.get(who)
    allowed = (PASS, UNSURE) if row.case.murky else (PASS,)
    return not row.case.causes and said not in allowed


def wrong_cause(row: Row, who: str) -> bool:
    """A faulty one failed for another reason than its own."""
    told = row.told.get(who, "")
    true = (*row.case.causes, *row.case.also)
    return bool(row.case.causes) and row.verdicts.get(who) == FAIL and told not in true


def figures(rows: Sequence[Row], who: str) -> dict[str, Any]:
    """The result: a count, and fractions of their kinds."""
    healthy = [row for row in rows if not row.case.causes]
    faulty = [row for row in rows if row.case.causes]
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[kind(row.case)].append(row)
    by_fault = {
        name: {
            "cases": len(some),
            "false_pass": sum(false_pass(row, who) for row in some),
            "false_fail": sum(false_fail(row, who) for row in some),
            "not_checked": sum(row.verdicts.get(who) == UNSURE for row in some),
            "wrong_cause": sum(wrong_cause(row, who) for row in some),
            "told_instead": dict(Counter(row.told.get(who, "") for row in some if wrong_cause(row, who))),
        }
        for name, some in sorted(groups.items())
    }
    return {
        "cases": len(rows),
        "false_pass": sum(false_pass(row, who) for row in faulty),
        "false_fail": round(sum(false_fail(row, who) for row in healthy) / max(len(healthy), 1), 5),
        "wrong_cause": round(sum(wrong_cause(row, who) for row in faulty) / max(len(faulty), 1), 5),
        "by_fault": by_fault,
    }


def sums(rows: Sequence[Row], who: str) -> dict[str, Any]:
    """Only the figures that stand for all cases; the third one of those who name causes."""
    found = figures(rows, who)
    told = any(who in row.told for row in rows)
    return {name: found[name] for name in ("false_pass", "false_fail", *("wrong_cause",) * told)}


def wrong(rows: Sequence[Row]) -> Iterator[str]:
    """A line for each case that we were wrong about: which it is, what it has, what was said."""
    for row in rows:
        for name, holds in (("pass", false_pass), ("fail", false_fail), ("cause", wrong_cause)):
            if holds(row, OURS):
                has = "+".join(row.case.causes) or "healthy"
                murky = " (murky)" if row.case.murky else ""
                said = f"{row.verdicts[OURS]} {row.told[OURS]}"
                yield f"wrong {name}: {row.room}/{row.case.seat} {has}{murky}: {said}"


def table(rows: Sequence[Row]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """By fault: what we said, and how many the others passed."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[kind(row.case)].append(row)
    names = [name for name in (rows[0].verdicts if rows else ()) if name != OURS]
    head = (
        "",
        "cases",
        "passed",
        "failed",
        "not checked",
        "cause right",
        "mostly told instead",
        *(f"{n} passes" for n in names),
    )
    lines: list[Sequence[str]] = []
    for name, some in sorted(groups.items(), key=lambda item: (not item[0].startswith("healthy"), item[0])):
        said = Counter(row.verdicts.get(OURS, "") for row in some)
        wrong = Counter(row.told[OURS] for row in some if wrong_cause(row, OURS))
        failed = said[FAIL]
        right = f"{failed - wrong.total()}" if some[0].case.causes else ""
        instead = " ".join(f"{cause} {count}" for cause, count in wrong.most_common(1))
        passes = [str(sum(row.verdicts[n] == PASS for row in some)) for n in names]
        counts = (str(said[PASS]), str(failed), str(said[UNSURE]))
        lines.append((name, str(len(some)), *counts, right, instead, *passes))
    return head, lines
