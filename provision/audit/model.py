"""What an audit says: findings, each with its place, its reason and its cure. Pure.

No text in here holds a code, a cipher or a pupil's name: places are masked before they come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from provision.errors import Phrase


class Outcome(StrEnum):
    """``NOT_CHECKED`` is never as good as ``OK``."""

    LEAK = "leak"
    RISK = "risk"
    NOT_CHECKED = "not-checked"
    OK = "ok"


class Severity(StrEnum):
    """How soon it must be put right: before anything else, before the exam, when there is time."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


class Check(StrEnum):
    """What is looked at. Those named ``copies-…`` are places that files are read in."""

    DOWNLOADS = "copies-downloads"
    DESKTOP = "copies-desktop"
    DOCUMENTS = "copies-documents"
    TEMPORARY = "copies-temporary"
    TRASH = "copies-trash"
    MAIL = "copies-mail"
    MESSENGERS = "copies-messengers"
    CLOUD = "copies-cloud"
    CACHES = "copies-caches"
    OFFICE = "copies-office"
    CLIPBOARD = "copies-clipboard"
    REMOVABLE = "copies-removable"
    BACKUPS = "copies-backups"
    PUBLIC = "copies-public"
    SPOOL = "copies-spool"
    HOME = "copies-home"
    BROWSERS = "trace-browsers"
    RECENT = "trace-recent"
    LOCKS = "trace-locks"
    THUMBNAILS = "trace-thumbnails"
    SHELLS = "shell-history"
    SITE_MODES = "site-modes"
    UNSEALED = "unsealed"
    KEYS = "ssh-keys"
    SPOOLING = "spool-settings"
    PRINT_SHARING = "printer-sharing"
    SHARES = "shares"
    SWAP = "swap"
    HIBERNATION = "hibernation"
    LEDGER = "ledger"
    ACCESS = "access"
    KNOWLEDGE = "known-materials"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True)
class Fix:
    """Rights that would be right: the only thing that an audit ever changes, and only when asked."""

    path: Path
    mode: int


@dataclass(frozen=True, slots=True)
class Finding:
    """``place`` is masked; ``what`` and ``cure`` are English templates for gettext. ``at``, for a finding in
    a file, is the real place, for the person's own program alone; it is never shown."""

    check: Check
    outcome: Outcome
    severity: Severity
    place: str
    what: Phrase
    cure: Phrase
    fixes: tuple[Fix, ...] = field(default=(), repr=False)
    at: Path | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody had the vault open or took something out, by the ledger. ``at`` is in ISO 8601, UTC."""

    at: str
    what: Phrase
    who: str


@dataclass(frozen=True, slots=True)
class Report:
    """An audit's findings, the gravest first; ``files`` and ``read_bytes`` are what was looked into."""

    findings: tuple[Finding, ...]
    accesses: tuple[Access, ...]
    files: int
    read_bytes: int
    seconds: float

    def of(self, *outcomes: Outcome) -> tuple[Finding, ...]:
        """The findings with these outcomes."""
        return tuple(one for one in self.findings if one.outcome in outcomes)

    @property
    def clean(self) -> bool:
        """Nothing leaks, nothing is at risk, and everything was looked at."""
        return all(one.outcome is Outcome.OK for one in self.findings)


def ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """By outcome, then severity, then check and place."""
    outcomes, severities, checks = list(Outcome), list(Severity), list(Check)
    return tuple(
        sorted(
            findings,
            key=lambda f: (
                outcomes.index(f.outcome),
                severities.index(f.severity),
                checks.index(f.check),
                f.place,
            ),
        )
    )
