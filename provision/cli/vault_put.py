"""``provision vault put FILE...``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import KINDS
from provision.cli.words import N_, Command
from provision.locale import gettext as _

_MAX_STDIN = 64 * 2**20


@click.command(
    "put",
    cls=Command,
    help=N_(
        "Put files in; needs no passphrase. Without FILE, what is typed (not shown) or comes through a pipe. "
        "The files themselves stay where they are, in the open, unless --move says otherwise."
    ),
)
@click.argument(
    "files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="other",
    show_default=True,
    help=N_("What it is; decides what leaves in a copy without names."),
)
@click.option("--name", metavar="NAME", help=N_("Its name in the vault; default: the file's."))
@click.option("--move", is_flag=True, help=N_("Remove the file once the vault has it."))
@site_option
@json_option
@guarded
def command(
    site: Path, files: tuple[Path, ...], kind: str, name: str | None, *, move: bool, as_json: bool
) -> None:
    """Each file is in the vault before the next is begun."""
    from io import BytesIO  # noqa: PLC0415 - --help must not pay for it

    from provision.cli.vault_common import safe_of, said  # noqa: PLC0415
    from provision.vault import Item, Kind  # noqa: PLC0415
    from provision.vault.item import check_name  # noqa: PLC0415

    if name is not None and len(files) > 1:
        raise click.UsageError(_("--name is for one file."))
    if not files and name is None and kind != "other":
        name = kind  # "provision vault put --kind login": what is typed is the login
    if not files and name is None:
        raise click.UsageError(_("Say FILE, or --name for what is typed."))
    _site, safe = safe_of(site)
    items: list[Item] = []
    for path in files:
        with path.open("rb") as source:
            items.append(safe.put(check_name(name or path.name), Kind(kind), source))
            if move and os.path.samestat(
                path.stat(), os.fstat(source.fileno())
            ):  # not what took its place meanwhile
                path.unlink()
    if not files and name is not None:
        items.append(safe.put(check_name(name), Kind(kind), BytesIO(_typed())))
    if as_json:
        emit("vault put", {"items": [said(item) for item in items], "moved": move})
        return
    click.echo(_("In the vault: {count}").format(count=len(items)))
    if files and not move:
        click.echo(_("The files still lie in the open. Remove them, or use --move."))


def _typed() -> bytes:
    from provision.cli.vault_common import ask  # noqa: PLC0415

    if sys.stdin.isatty():
        return ask(_("What is to be kept (not shown)")).reveal().encode()
    data = sys.stdin.buffer.read(_MAX_STDIN + 1)
    if len(data) > _MAX_STDIN:
        raise click.UsageError(_("So much goes in as a FILE only."))
    return data
