"""Groups of commands that are imported when they are called, so that ``--help`` is instant."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from provision.cli.words import Command, Group
from provision.locale import gettext as _


class LazyGroup(Group):
    """A group with a table of commands: name -> one-line help; each is ``command`` of a module of its own."""

    def __init__(self, *args: Any, table: Mapping[str, str], prefix: str = "", **kwargs: Any) -> None:
        """``prefix`` begins the name of every command's module in provision.cli."""
        super().__init__(*args, **kwargs)
        self.table = table
        self._prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the table's order."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now."""
        if cmd_name not in self.table:
            return None
        module = importlib.import_module(f"provision.cli.{self._prefix}{cmd_name.replace('-', '_')}")
        command: Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table; nothing is imported for it."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(text)) for name, text in self.table.items()])
