"""Options that the vault's commands share. Light: ``--help`` imports them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from provision.cli.words import N_

P = ParamSpec("P")
R = TypeVar("R")

KINDS = ("login", "cipher", "material", "codes", "code-table", "answers", "form", "other")
"""What a person may put in: provision.vault.Kind, without the people's item."""
ROLES = ("specialist", "coordinator", "invigilator", "deputy")
"""provision.people.Role."""

role_option = click.option(
    "--as",
    "role",
    metavar="ROLE",
    default="specialist",
    show_default=True,
    help=N_("Whose passphrase: specialist, deputy."),
)


def sheet_options(function: Callable[P, R]) -> Callable[P, R]:
    """``--printer`` and ``--sheet``: where the recovery sheet goes."""
    options = (
        click.option("--printer", metavar="PRINTER", help=N_("Print the recovery sheet here.")),
        click.option(
            "--sheet",
            "file",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help=N_("Write it as a PDF instead: the file opens the vault to whoever has it."),
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function
