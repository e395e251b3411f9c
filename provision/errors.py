"""The application's errors: what a person can cause or cure, each with its cure.

Same form as :mod:`printing.errors`: English templates, parameters apart, neither with a name or a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar


def N_(template: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark a template for extraction into the catalogues; returns it unchanged."""
    return template


@dataclass(frozen=True, slots=True)
class Phrase:
    """A parameter of a message that has words of its own: an English template and its parameters.

    Whoever fills the message translates it (``str`` gives English); a parameter may be a phrase again.
    """

    template: str
    params: Mapping[str, object] = field(hash=False)

    def __str__(self) -> str:
        """In English, for logs and tests."""
        return self.template.format(**self.params)


class ProvisionError(Exception):
    """Root of the application's errors."""

    code: ClassVar[str] = "provision"
    remedy: ClassVar[str] = ""

    def __init__(self, template: str, **params: object) -> None:
        """Keep the template and its parameters apart, so that the message can be translated."""
        self.template = template
        self.params = params
        super().__init__(template.format(**params))


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file that a person wrote: ``file:line: what — how to fix``.

    ``line`` counts from 1; 0 when the whole file is meant. ``what`` and ``cure`` are English templates
    for gettext with their ``params``; neither may hold a pupil's name.
    """

    file: Path
    line: int
    what: str
    cure: str
    params: dict[str, object]


class ProblemsError(ProvisionError):
    """Mistakes found in one run, all of them at once."""

    code = "problems"
    remedy = N_("Correct what each line names; 'provision check' tells when nothing is left.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Carry the problems, in file and line order."""
        self.problems = tuple(problems)
        super().__init__(N_("{count} mistakes were found"), count=len(self.problems))
