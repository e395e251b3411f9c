"""The words of the command line: its help texts, and click's own, in the person's language."""

from __future__ import annotations

import gettext as stdlib_gettext
from collections.abc import Iterator
from contextlib import contextmanager

import click

from provision.errors import N_
from provision.locale import DIRECTORY, DOMAIN, activate
from provision.locale import gettext as _

CLICK_WORDS = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Arguments"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("No such option: {name}"),
    N_("Got unexpected extra argument ({args})"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Missing {param_type}"),
    N_("required"),
    N_("Aborted!"),
)
"""Texts that click looks up by gettext in the default domain; listed here so that they are translated."""


def prepare_words() -> None:
    """Choose the language by the locale, for our words and click's alike."""
    activate()
    stdlib_gettext.bindtextdomain(DOMAIN, str(DIRECTORY))
    stdlib_gettext.textdomain(DOMAIN)


class Command(click.Command):
    """A command whose help is an English template, translated when it is shown."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help in the person's language."""
        with _translated(self):
            super().format_help(ctx, formatter)


@contextmanager
def _translated(command: click.Command) -> Iterator[None]:
    """The command with its help texts exchanged for translated ones, while it shows them."""
    options = [p for p in command.params if isinstance(p, click.Option) and p.help]
    before = command.help, [option.help for option in options]
    command.help = _(str(command.help))
    for option in options:
        option.help = _(str(option.help))
    try:
        yield
    finally:
        command.help = before[0]
        for option, text in zip(options, before[1], strict=True):
            option.help = text


__all__ = ["CLICK_WORDS", "N_", "Command", "prepare_words"]
