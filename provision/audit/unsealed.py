"""What of the site lies in the open and could be in the vault: answers, entered marks, filled forms.

The inbox is not among it: printing reads it. Counts only: names of files hold codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from provision.audit.model import Check, Finding, Outcome, Severity
from provision.errors import N_, Phrase

ANSWERS, MARKS, FORMS = "answers", "marks", "forms"
"""Folders: of the site's state the first two, of its results the last."""
_MAKE = N_("Make a vault ('provision vault init'); then: {command}")


def unsealed(site: Path, state: Path) -> Iterator[Finding]:
    """A finding for each kind that lies in the open."""
    parts = [part for room in state.glob(f"{ANSWERS}/*") for part in (room / "seats", room / "parts")]
    kinds = (
        (
            parts,
            Severity.MEDIUM,
            N_("{count} collected answers lie here unencrypted"),
            N_("They go into the vault with: {command}"),
            "labcheck collect --all",
        ),
        (
            [state / MARKS],
            Severity.MEDIUM,
            N_("{count} files with entered marks lie here unencrypted"),
            N_("They go into the vault with: {command}"),
            "provision forms results",
        ),
        (
            [site / "out" / FORMS],
            Severity.LOW,
            N_("{count} files of filled forms lie here unencrypted"),
            N_("Once a form is uploaded, it goes into the vault with: {command}"),
            "provision forms uploaded",
        ),
    )
    vault = (state / "vault" / "identity.age").exists()
    nothing = True
    for folders, severity, what, cure, command in kinds:
        count = sum(path.is_file() for folder in folders for path in folder.rglob("*"))
        if count:
            nothing = False
            said = Phrase(cure if vault else _MAKE, {"command": command})
            place = str(folders[0] if len(folders) == 1 else state / ANSWERS)
            yield Finding(Check.UNSEALED, Outcome.RISK, severity, place, Phrase(what, {"count": count}), said)
    if nothing:
        fine = Phrase(N_("no answers, marks or filled forms lie in the open"), {})
        yield Finding(Check.UNSEALED, Outcome.OK, Severity.NONE, str(site), fine, Phrase("", {}))
