"""What can go wrong in a language lab, each with its cure. Same form as :mod:`printing.errors`."""

from __future__ import annotations

from typing import ClassVar


def N_(template: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark a template for extraction into the catalogues; returns it unchanged."""
    return template


class LabcheckError(Exception):
    """Root of this package's errors."""

    code: ClassVar[str] = "labcheck"
    remedy: ClassVar[str] = ""

    def __init__(self, template: str, **params: object) -> None:
        """Keep the template and its parameters apart, so that the message can be translated."""
        self.template = template
        self.params = params
        super().__init__(template.format(**params))


class NoWorkstations(LabcheckError):
    """A room without workstations in the inventory."""

    code = "no-workstations"
    remedy = N_("Add the room's workstations to inventory.yaml (rooms: workstations).")
