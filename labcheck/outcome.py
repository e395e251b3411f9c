"""What can be said of one check, and of a seat: words that are never confused."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """From the best to what stops everything else. Only PASS and WARN are good."""

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    NOT_CHECKED = "not-checked"
    FAIL = "fail"
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"

    @property
    def good(self) -> bool:
        """Whether an exam may be held on it. What was not checked is not good."""
        return self in {Outcome.PASS, Outcome.WARN}


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of them; NOT_CHECKED of none at all."""
    return max(outcomes, key=list(Outcome).index, default=Outcome.NOT_CHECKED)
