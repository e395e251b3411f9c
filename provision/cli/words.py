"""The words of the command line: its help texts, and click's own, in the person's language."""

from __future__ import annotations

import gettext as stdlib_gettext
from collections.abc import Iterator
from typing import Any

import click

from provision.errors import N_
from provision.locale import DIRECTORY, DOMAIN, activate
from provision.locale import gettext as _


def NN_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802 - like N_
    """Mark a text with two grammatical numbers for extraction; returns both unchanged."""
    return singular, plural


CLICK_WORDS = (
    N_("Usage:"),
    N_("Options"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Missing argument"),
    N_("Choose from:\n\t{choices}"),
    N_("Option {name!r} does not take a value."),
    N_("directory"),
    N_("file"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is not readable."),
    N_("Aborted!"),
    N_("required"),
)
"""Texts that click looks up by gettext in the default domain; listed here so that they are translated."""

CLICK_PLURALS = (
    NN_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    NN_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    NN_("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    NN_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)
"""The same, of those with a number."""

METAVARS = (
    N_("[OPTIONS]"),
    N_("COMMAND [ARGS]..."),
    N_("[COMMAND]"),
    N_("[-- COMMAND]"),
    N_("SEAT=FAULT"),
    N_("DIR"),
    N_("DAY"),
    N_("SUBJECT"),
    N_("LIST"),
    N_("WORK"),
    N_("KIT"),
    N_("FORM"),
    N_("[EXAM]"),
    N_("[FILE]"),
    N_("FILE"),
    N_("SHEETS"),
    N_("NAME"),
    N_("PRINTER"),
    N_("TEXT"),
    N_("SEAT"),
    N_("SECONDS"),
    N_("TIME"),
    N_("WHAT"),
    N_("ROLE"),
    N_("STEP"),
    N_("[FILE]..."),
    N_("FILE=EXAM[,EXAM]:KIND"),
)
"""What stands for a value in the help texts."""


def prepare_words() -> None:
    """Choose the language by the locale, for our words and click's alike."""
    activate()
    stdlib_gettext.bindtextdomain(DOMAIN, str(DIRECTORY))
    stdlib_gettext.textdomain(DOMAIN)


class Command(click.Command):
    """A command whose English texts are put into the person's language before click reads them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Note what there is to translate; the language is chosen later."""
        super().__init__(*args, **kwargs)
        self._english = [*_texts(self, "help", "options_metavar", "subcommand_metavar")]
        for param in self.params:
            self._english += _texts(param, "help", "metavar")
            if isinstance(param.type, click.Path):
                self._english += _texts(param.type, "name")

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Translate and go on."""
        for owner, field, text in self._english:
            setattr(owner, field, _(text))
        return super().make_context(*args, **kwargs)


class Group(Command, click.Group):
    """A group of such commands."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands, in the order they were added, each with its whole help."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(command.help or "")) for name, command in self.commands.items()])


def _texts(owner: object, *fields: str) -> Iterator[tuple[object, str, str]]:
    """What ``fields`` of ``owner`` say, where they say something."""
    for field in fields:
        text = getattr(owner, field, None)
        if isinstance(text, str):
            yield owner, field, text


__all__ = ["CLICK_PLURALS", "CLICK_WORDS", "METAVARS", "N_", "Command", "Group", "prepare_words"]
