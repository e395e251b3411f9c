"""``provision forms``: the forms of the test, filled in place and accounted for."""

from __future__ import annotations

import click

from provision.cli.lazy import LazyGroup
from provision.cli.words import N_

_COMMANDS = {
    "list": N_("Show the forms that have a mapping, and where each is."),
    "draft": N_("Write a first mapping of a form, for you to complete."),
    "show": N_("Show a form's instruction, and what it asks for."),
    "check": N_("Tell what would be filled and what is missing; change nothing."),
    "fill": N_("Fill a form in place, and prove that nothing else of it changed."),
    "results": N_("Enter marks by participant code, import them, compare two entries."),
    "uploaded": N_("Note that you have uploaded a form, with the file's checksum."),
    "accepted": N_("Note that an uploaded form was accepted."),
    "status": N_("Show every form: to fill, filled, uploaded, accepted."),
}


@click.group(
    "forms",
    cls=LazyGroup,
    table=_COMMANDS,
    prefix="forms_",
    help=N_(
        "Application, questionnaire and results form: filled in place from the site and the marks, by a "
        "mapping in the folder forms."
    ),
)
def command() -> None:
    """The group itself does nothing."""
