"""Options that several commands share. Light: ``--help`` imports them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from provision.cli.words import N_

P = ParamSpec("P")
R = TypeVar("R")

site_option = click.option(
    "--site",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    metavar="DIR",
    help=N_("The site's folder (default: the current one)."),
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help=N_("Print one JSON object in place of tables.")
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help=N_("Show what would be printed, when and where; print nothing.")
)

hold_option = click.option(
    "--hold", is_flag=True, help=N_("Hand everything over, held at the print server; 'release' lets it go.")
)
move_option = click.option(
    "--move",
    type=click.Choice(["ask", "yes", "no"]),
    help=N_("When a printer stops: print what was never sent to it on another of its pool."),
)


def scope_options(function: Callable[P, R]) -> Callable[P, R]:
    """``--exam``, ``--room``, ``--date`` and ``--ask-cipher``."""
    options = (
        click.option("--exam", "exams", multiple=True, metavar="ID", help=N_("Only this exam (repeatable).")),
        click.option("--room", "rooms", multiple=True, metavar="N", help=N_("Only this room (repeatable).")),
        click.option(
            "--date",
            metavar="DAY",
            help=N_("Exams of this day (2027-04-15), or 'all'; default: the next one."),
        ),
        click.option(
            "--ask-cipher", is_flag=True, help=N_("Ask for the archive's cipher instead of reading a file.")
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def kit_options(function: Callable[P, R]) -> Callable[P, R]:
    """The argument KIT, ``--page``, ``--who``, ``--exam`` and ``--date``."""
    options = (
        click.argument("kit", metavar="KIT"),
        click.option(
            "--page",
            "--pages",
            "pages",
            multiple=True,
            metavar="N",
            help=N_("Only these pages: 3, or 3,5, or 3-5 (repeatable)."),
        ),
        click.option("--who", metavar="NAME", help=N_("Who says so (default: the computer's user).")),
        click.option("--exam", metavar="ID", help=N_("The exam, where several have a kit of this number.")),
        click.option(
            "--date",
            metavar="DAY",
            help=N_("Exams of this day (2027-04-15), or 'all'; default: the next one."),
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def lab_options(function: Callable[P, R]) -> Callable[P, R]:
    """``--room``, ``--all``, ``--seat`` and ``--ask-passphrase``: which workstations, and how to log in."""
    options = (
        click.option("--room", "rooms", multiple=True, metavar="N", help=N_("The lab's room (repeatable).")),
        click.option("--all", "every", is_flag=True, help=N_("All labs of the inventory.")),
        click.option(
            "--seat", "seats", multiple=True, metavar="SEAT", help=N_("Only this seat: 1А, or 204-1А.")
        ),
        click.option(
            "--ask-passphrase", is_flag=True, help=N_("Ask for the passphrase of the SSH key (access: key).")
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function
