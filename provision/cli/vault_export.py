"""``provision vault export FILE``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _

if TYPE_CHECKING:
    from provision.vault.archive import Copied


@click.command(
    "export",
    cls=Command,
    help=N_(
        "Write a sealed copy of all items, or of those named, into FILE, with a passphrase of its own: give "
        "it to the deputy or the inspector by another way than the file."
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--item", "names", metavar="NAME", multiple=True, help=N_("Only this item (repeatable)."))
@click.option(
    "--without-names",
    "without",
    is_flag=True,
    help=N_("Leave out what could name a person, and call the rest by kind and number."),
)
@role_option
@site_option
@json_option
@guarded
def command(
    site: Path, file: Path, names: tuple[str, ...], role: str, *, without: bool, as_json: bool
) -> int:
    """There is no half copy: the file gets its name when it is whole."""
    from provision.cli.vault_common import ask_new, opened, safe_of  # noqa: PLC0415 - --help must not pay for it
    from provision.vault.archive import Copied, choose, export, sound  # noqa: PLC0415
    from provision.vault.errors import NoSuchItem  # noqa: PLC0415
    from provision.vault.taking import of_name  # noqa: PLC0415

    _site, safe = safe_of(site)
    vault = opened(safe, role)
    meant = [one for name in names for one in of_name(vault, name)] if names else vault.items()
    items, damaged = sound(vault, meant)
    chosen = choose(items, names=not without)
    if not chosen.items:
        raise NoSuchItem(N_("there is nothing to be copied"))
    phrase = ask_new(_("Passphrase of the copy (12 characters or more)"))
    export(vault, chosen, file, phrase, readme())
    for item, _name in chosen.items:
        safe.taken(item, "copy")
    lost = {*damaged} if names else {*damaged, *safe.unreadable(vault)}
    done = Copied(len(chosen.items), chosen.left_out, chosen.renamed, tuple(sorted(lost)))
    return told("vault export", done, as_json=as_json)


def told(command: str, done: Copied, *, as_json: bool) -> int:
    """Say what the copy holds and what it does not; the exit code."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.vault_common import tell_damaged  # noqa: PLC0415

    if as_json:
        emit(command, asdict(done))
    else:
        click.echo(_("Copied, sealed: {count}").format(count=done.items))
        if done.left_out:
            click.echo(_("Left out, because they could name a person: {count}").format(count=done.left_out))
        if done.renamed:
            text = _("Called otherwise in the copy, because two had one name or no disk takes it: {count}")
            click.echo(text.format(count=done.renamed))
        tell_damaged(done.damaged)
    return Exit.VAULT if done.damaged else Exit.DONE


def readme() -> str:
    """What lies in the copy unencrypted."""
    return _(
        "A sealed copy of a vault. Open it with this program: provision vault unseal FILE --to FOLDER\n"
        "or with age (age-encryption.org):\n"
        "    age -d key.age > KEY; age -d -i KEY items.tar.age | tar -x\n"
    )
