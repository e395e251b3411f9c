"""``provision schema``: the inventory's JSON schema."""

from __future__ import annotations

import json

import click

from provision.cli.common import guarded
from provision.cli.words import N_, Command


@click.command("schema", cls=Command, help=N_("Print the JSON schema of inventory.yaml, for editors."))
@guarded
def command() -> None:
    """On standard output."""
    from provision.site.schema import json_schema  # noqa: PLC0415 - --help must not pay for it

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))
