"""What an error makes of a workstation: a finding with its outcome, like any other."""

from __future__ import annotations

import string

from labcheck import verdict
from labcheck.bundle import BundleError, NoBundle
from labcheck.deployerrors import WorkstationLocked
from labcheck.errors import N_, LabcheckError
from labcheck.finding import Check, Finding
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING, Phrase, phrase
from labcheck.reach import REMEDIES, Reach
from labcheck.transport.errors import (
    ConnectionLost,
    DeadlinePassed,
    HostKeyChanged,
    HostKeyUnknown,
    NotSsh,
    Unreachable,
)

AGAIN = phrase(N_("Run the same command again with '--retry-failed'."))
STOPPED = verdict.not_reached(Outcome.NOT_CHECKED, phrase(N_("stopped before everything was checked")), AGAIN)
LATE = verdict.not_reached(
    Outcome.TIMED_OUT,
    phrase(N_("it took longer than it may, and was given up")),
    phrase(N_("See what keeps the computer or its network so slow, then run the same command again.")),
)


def outcome_of(error: Exception) -> Outcome:
    """What an error makes of a workstation."""
    for kinds, outcome in _OUTCOMES:
        if isinstance(error, kinds):
            return outcome
    return Outcome.NOT_CHECKED


_OUTCOMES: tuple[tuple[tuple[type[Exception], ...], Outcome], ...] = (
    ((DeadlinePassed,), Outcome.TIMED_OUT),
    ((HostKeyUnknown, HostKeyChanged), Outcome.UNTRUSTED),
    ((Unreachable, NotSsh, ConnectionLost), Outcome.UNREACHABLE),
    ((NoBundle,), Outcome.FAIL),
    ((WorkstationLocked, BundleError), Outcome.NOT_CHECKED),  # it may be well; we cannot tell
    ((LabcheckError,), Outcome.FAIL),
)
"""The first that fits decides."""


def finding_of(error: Exception, check: Check = Check.CONNECTION) -> Finding:
    """An error as the finding of what it kept from being done."""
    if isinstance(error, LabcheckError):
        return Finding(check, outcome_of(error), said_by(error), NOTHING, None, phrase(_remedy(error)))
    what = phrase(N_("a mistake of the program: {kind}"), kind=type(error).__name__)
    return Finding(check, Outcome.NOT_CHECKED, what, NOTHING, None, AGAIN)


def _remedy(error: LabcheckError) -> str:
    """What to do; where there was no connection, by what came instead."""
    how = error.params.get("how") if isinstance(error, Unreachable) else None
    return REMEDIES.get(how, error.remedy) if isinstance(how, Reach) else error.remedy


def said_by(error: LabcheckError) -> Phrase:
    """An error's message, with what it says and nothing else that it carries."""
    names = {name for _text, name, _spec, _how in string.Formatter().parse(error.template) if name}
    values = {name: error.params[name] for name in names}
    return phrase(
        error.template, **{n: v if isinstance(v, int | float | Phrase) else str(v) for n, v in values.items()}
    )
