"""``provision vault unseal FILE``."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded, warn
from provision.cli.options import json_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "unseal", cls=Command, help=N_("Decrypt the sealed copy FILE into a new folder. Needs no site.")
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=N_("The folder, which is made. Best one that lies in memory: /dev/shm/copy."),
)
@json_option
@guarded
def command(file: Path, folder: Path, *, as_json: bool) -> None:
    """All or nothing."""
    from provision.cli.vault_common import ask, on_disk  # noqa: PLC0415 - --help must not pay for it
    from provision.vault import platform  # noqa: PLC0415
    from provision.vault.archive import unseal  # noqa: PLC0415

    renamed: list[str] = []
    names = unseal(file, ask(_("Passphrase of the copy")), folder, renamed.append)
    if not platform.in_memory(folder):
        warn(on_disk(folder))
    if as_json:
        emit("vault unseal", {"files": len(names), "renamed": len(renamed)})
    else:
        click.echo(_("Decrypted: {count}").format(count=len(names)))
        for name in renamed:
            text = _(
                "Called otherwise than in the copy, because no disk takes that name beside the others: {name}"
            )
            click.echo(text.format(name=name))
