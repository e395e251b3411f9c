"""``provision vault take NAME``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, guarded, warn
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _

if TYPE_CHECKING:
    from provision.safe import Safe
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
) -> int:
    """Asks before it writes to a disk."""
    from provision.cli.vault_common import opened, safe_of  # noqa: PLC0415 - --help must not pay for it
    from provision.vault import platform  # noqa: PLC0415
    from provision.vault.errors import PlaceRefused  # noqa: PLC0415

    _site, safe = safe_of(site)
    vault = opened(safe, role)
    if folder is None:
        _handed_on(safe, vault, name)
        return 0
    in_memory = platform.in_memory(folder)
    if not (in_memory or in_the_open or _agreed(folder)):
        raise PlaceRefused(N_("the folder {folder} lies on a disk"), folder=folder)
    return _written(safe, vault, name, folder, in_memory=in_memory, as_json=as_json)


def _handed_on(safe: Safe, vault: OpenVault, name: str) -> None:
    """One item, on the screen or through the pipe."""
    from provision.vault.taking import of_name  # noqa: PLC0415 - --help must not pay for it

    if name.endswith("/"):
        raise click.UsageError(_("Say where to: --to DIR"))
    *others, item = of_name(vault, name)
    if others:
        text = _("Other answers have that name; this is the newest. All of them: --to DIR. By id: {ids}")
        warn(text.format(ids=", ".join(one.id[:8] for one in others)))
    if sys.stdout.isatty():
        _show(vault, item)
        safe.taken(item, "screen")
    else:
        vault.take(item, sys.stdout.buffer)
        safe.taken(item, "pipe")


def _written(safe: Safe, vault: OpenVault, name: str, folder: Path, *, in_memory: bool, as_json: bool) -> int:
    """Everything that is meant, each in its file; what is damaged is told, and the rest written."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.vault_common import said, tell_damaged  # noqa: PLC0415
    from provision.vault.errors import NoSuchItem  # noqa: PLC0415
    from provision.vault.taking import meant, write_out  # noqa: PLC0415

    told, damaged = [], {*safe.unreadable(vault)} if name.endswith("/") else set()
    try:
        items = meant(vault, name)
    except NoSuchItem:
        tell_damaged(sorted(damaged))  # it may be one of them
        raise
    for one in write_out(vault, items, folder):
        if one.path is None:
            damaged.add(one.item.id)
            continue
        safe.taken(one.item, "memory" if in_memory else "open")
        told.append({"item": said(one.item), "file": str(one.path), "renamed": one.renamed})
        if not as_json:
            warn(_("It lies decrypted in {file}. Remove it when it is done with.").format(file=one.path))
            if one.renamed:
                warn(_("It is called otherwise there: another has its name, or no disk takes it."))
    if as_json:
        emit("vault take", {"taken": told, "in_memory": in_memory, "damaged": sorted(damaged)})
    else:
        tell_damaged(sorted(damaged))
    return Exit.VAULT if damaged else Exit.DONE


def _agreed(folder: Path) -> bool:
    from provision.cli.vault_common import on_disk  # noqa: PLC0415

    warn(on_disk(folder))
    return sys.stdin.isatty() and click.confirm(_("Write it there all the same?"), err=True)


def _show(vault: OpenVault, item: Item) -> None:
    from provision.vault.errors import PlaceRefused  # noqa: PLC0415

    try:
        text = vault.take_bytes(item, _SHOWN).decode()
    except UnicodeDecodeError:
        raise PlaceRefused(N_("the item is no text that could be shown")) from None
    click.echo("".join(letter for letter in text if letter.isprintable() or letter in "\n\t"))
