"""``provision forms uploaded FORM``: a person's word, with the checksum of what was uploaded."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded, warn
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "uploaded",
    cls=Command,
    help=N_(
        "Note that you have uploaded a form. Without FILE it is the one that was filled here. It goes into "
        "the vault, where there is one, and no longer lies in the open."
    ),
)
@click.argument("form", metavar="FORM")
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="[FILE]"
)
@click.option("--who", metavar="NAME", help=N_("Who says so (default: the computer's user)."))
@site_option
@json_option
@guarded
def command(site: Path, form: str, file: Path | None, who: str | None, *, as_json: bool) -> None:
    """Records; uploads nothing."""
    from provision.cli.kits import staff  # noqa: PLC0415 - --help must not pay for it
    from provision.forms.away import lying_of  # noqa: PLC0415
    from provision.forms.desk import found_file, named  # noqa: PLC0415
    from provision.forms.standing import uploaded  # noqa: PLC0415
    from provision.ledger import Ledger  # noqa: PLC0415
    from provision.lock import exclusive  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    opened = open_site(site)
    ledger = Ledger(opened.state)
    mapping = named(opened, form)
    with exclusive(opened.state, "forms.lock"):
        event = uploaded(opened, ledger, mapping, file, staff(who))
    left = [*lying_of(opened, mapping, found_file(opened, mapping))]
    if file is not None and file.exists() and file.resolve() not in map(Path.resolve, left):
        left.append(file)
    if as_json:
        data = {"form": mapping.key, "sha256": event.sha256, "who": event.who}
        emit("forms-uploaded", {**data, "in_vault": len(event.items), "in_the_open": len(left)})
        return
    click.echo(_("Noted: {form} was uploaded by {who}.").format(form=mapping.key, who=event.who))
    click.echo(f"SHA-256: {event.sha256}")
    if event.items:
        click.echo(_("Now in the vault: {count} files.").format(count=len(event.items)))
    for path in left:
        warn(_("Lies in the open still: {file}").format(file=path))
    if left and not event.items:
        warn(_("This site has no vault (provision vault init)."))
