"""Exit codes, documented in docs/errors.md; a test keeps the two alike.

Errors are known by their names: nothing is imported for those that do not happen.
"""

from __future__ import annotations

from enum import IntEnum


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


BY_CLASS = {
    "provision.plan.model.PlanRefused": Exit.PLAN,
    "provision.intake.errors.IntakeError": Exit.MATERIALS,
    "provision.forms.errors.FormDamaged": Exit.MATERIALS,
    "provision.forms.errors.FormRefused": Exit.MATERIALS,
    "provision.ledger.store.LedgerDamaged": Exit.LEDGER,
    "provision.ledger.store.LedgerTooNew": Exit.LEDGER,
    "provision.ledger.store.LedgerUnusable": Exit.LEDGER,
    "provision.lock.AnotherRun": Exit.BUSY,
    "provision.vault.errors.VaultError": Exit.VAULT,
    "printing.errors.PrintingError": Exit.PRINTING,
    "labcheck.errors.LabcheckError": Exit.LAB,
    "provision.errors.ProvisionError": Exit.SITE,
}
"""The exit code of a class of errors, and of those derived from it that are not named themselves."""


def exit_for(error: Exception) -> Exit:
    """The exit code of an error; UNEXPECTED for what is in no tree of ours."""
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((BY_CLASS[name] for name in names if name in BY_CLASS), Exit.UNEXPECTED)
