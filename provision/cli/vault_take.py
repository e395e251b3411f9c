"""``provision vault take NAME``."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, guarded, warn
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _

if TYPE_CHECKING:
    from provision.vault import Item, OpenVault

_SHOWN = 4096


@click.command(
    "take",
    cls=Command,
    help=N_(
        "Show the item NAME (or its id) if it is a short text; hand it on through a pipe; or write it "
        "decrypted into the folder --to. NAME/ with a stroke at its end is everything below it."
    ),
)
@click.argument("name", metavar="NAME")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help=N_("Write it into this folder. Best one that lies in memory: /dev/shm."),
)
@click.option(
    "--in-the-open", "in_the_open", is_flag=True, help=N_("Yes: it is to lie on this disk decrypted.")
)
@role_option
@site_option
@json_option
@guarded
def command(
    site: Path, name: str, folder: Path | None, role: str, *, in_the_open: bool, as_json: bool
) -> None:
    """Asks before it writes to a disk."""
    from provision.cli.vault_common import opened, safe_of, said  # noqa: PLC0415 - --help must not pay for it
    from provision.vault import platform  # noqa: PLC0415
    from provision.vault.errors import PlaceRefused  # noqa: PLC0415

    _site, safe = safe_of(site)
    vault = opened(safe, role)
    if folder is not None:
        in_memory = platform.in_memory(folder)
        if not (in_memory or in_the_open or _agreed(folder)):
            raise PlaceRefused(N_("the folder {folder} lies on a disk"), folder=folder)
        told = []
        for where, item in _meant(vault, name).items():
            path = _write(vault, item, folder, where)
            safe.taken(item, "memory" if in_memory else "open")
            told.append({"item": said(item), "file": str(path)})
            if not as_json:
                warn(_("It lies decrypted in {file}. Remove it when it is done with.").format(file=path))
        if as_json:
            emit("vault take", {"taken": told, "in_memory": in_memory})
    elif name.endswith("/"):
        raise click.UsageError(_("Say where to: --to DIR"))
    elif sys.stdout.isatty():
        item = vault.newest(name)
        _show(vault, item)
        safe.taken(item, "screen")
    else:
        item = vault.newest(name)
        vault.take(item, sys.stdout.buffer)
        safe.taken(item, "pipe")


def _meant(vault: OpenVault, name: str) -> dict[str, Item]:
    """Where to write -> the item of that name, or the newest of each name below it. Raises NoSuchItem."""
    from provision.vault.errors import NoSuchItem  # noqa: PLC0415

    if not name.endswith("/"):
        item = vault.newest(name)
        return {PurePosixPath(item.name).name: item}
    found = {item.name.removeprefix(name): item for item in vault.items() if item.name.startswith(name)}
    if not found:
        raise NoSuchItem(N_("the vault has no such item"))
    return found


def _agreed(folder: Path) -> bool:
    from provision.cli.vault_common import on_disk  # noqa: PLC0415

    warn(on_disk(folder))
    return sys.stdin.isatty() and click.confirm(_("Write it there all the same?"), err=True)


def _write(vault: OpenVault, item: Item, folder: Path, where: str) -> Path:
    """Not over what is there, and not half. Folders that are made are closed to others: names hold codes."""
    path = folder / where
    for above in reversed(PurePosixPath(where).parents):
        (folder / above).mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            vault.take(item, file)
    except BaseException:
        path.unlink()
        raise
    return path


def _show(vault: OpenVault, item: Item) -> None:
    from provision.vault.errors import PlaceRefused  # noqa: PLC0415

    try:
        text = vault.take_bytes(item, _SHOWN).decode()
    except UnicodeDecodeError:
        raise PlaceRefused(N_("the item is no text that could be shown")) from None
    click.echo("".join(letter for letter in text if letter.isprintable() or letter in "\n\t"))
