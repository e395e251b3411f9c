"""Exit codes, documented in docs/errors.md; a test keeps the two alike."""

from __future__ import annotations

from enum import IntEnum

from labcheck.errors import LabcheckError
from printing.errors import PrintingError
from provision.errors import ProblemsError, ProvisionError
from provision.forms.errors import FormDamaged, FormRefused
from provision.intake.errors import IntakeError
from provision.ledger import LedgerDamaged, LedgerTooNew, LedgerUnusable
from provision.lock import AnotherRun
from provision.plan import PlanRefused
from provision.vault.errors import VaultError


class Exit(IntEnum):
    """What a command's exit code says."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    SITE = 3
    MATERIALS = 4
    PLAN = 5
    PRINTING = 6
    INCOMPLETE = 7
    LEDGER = 8
    BUSY = 9
    LAB = 10
    VAULT = 11
    LEAKS = 12
    INTERRUPTED = 130


_BY_CLASS: tuple[tuple[type[Exception], Exit], ...] = (
    (ProblemsError, Exit.SITE),
    (PlanRefused, Exit.PLAN),
    (IntakeError, Exit.MATERIALS),
    (FormDamaged, Exit.MATERIALS),
    (FormRefused, Exit.MATERIALS),
    (LedgerDamaged, Exit.LEDGER),
    (LedgerTooNew, Exit.LEDGER),
    (LedgerUnusable, Exit.LEDGER),
    (AnotherRun, Exit.BUSY),
    (PrintingError, Exit.PRINTING),
    (LabcheckError, Exit.LAB),
    (VaultError, Exit.VAULT),
    (ProvisionError, Exit.SITE),
)
"""The first class that fits decides."""


def exit_for(error: Exception) -> Exit:
    """The exit code of an error; UNEXPECTED for what is in no tree of ours."""
    return next((code for kind, code in _BY_CLASS if isinstance(error, kind)), Exit.UNEXPECTED)
