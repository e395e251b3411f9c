"""``provision intake``: what was downloaded, and what is still missing."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "intake", cls=Command, help=N_("Recognise what was downloaded into the inbox, and tell what is missing.")
)
@click.option(
    "--bind",
    "bindings",
    multiple=True,
    metavar="FILE=EXAM[,EXAM]:KIND",
    help=N_(
        "Say what a file is for; kinds: tasks, cipher, codes, protocol, briefing, instructions, criteria, "
        "report."
    ),
)
@click.option(
    "--ask-cipher", is_flag=True, help=N_("Ask for the archive's cipher instead of reading a file.")
)
@click.option(
    "--watch",
    is_flag=True,
    help=N_("Take downloads in as they arrive, and remove their plain copies, with proof."),
)
@click.option("--once", is_flag=True, help=N_("With --watch: take in what is there, and end."))
@click.option(
    "--existing", is_flag=True, help=N_("With --watch: also what lay there before, if it is for an exam.")
)
@click.option(
    "--vault",
    is_flag=True,
    help=N_("With --watch: everything into the vault, also what printing reads from the inbox."),
)
@click.option(
    "--downloads",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help=N_("With --watch: the folder that the browser writes to (default: the person's own)."),
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    bindings: tuple[str, ...],
    downloads: Path | None,
    *,
    ask_cipher: bool,
    watch: bool,
    once: bool,
    existing: bool,
    vault: bool,
    as_json: bool,
) -> int:
    """Changes nothing in the inbox, but for what --watch takes in."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.inbox import catalog_json, catalog_tables  # noqa: PLC0415
    from provision.cli.scope import typed_ciphers  # noqa: PLC0415
    from provision.cli.tables import console  # noqa: PLC0415
    from provision.inbox import look_into  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415
    from provision.site.surnames import Surnames  # noqa: PLC0415

    opened = open_site(site)
    if watch:
        from provision.cli.intake_watch import take_in  # noqa: PLC0415

        if as_json and not once:
            raise click.UsageError(_("--watch with --json needs --once"))
        whole = take_in(opened, downloads, existing=existing, vault=vault, once=once, as_json=as_json)
        return Exit.DONE if whole else Exit.INCOMPLETE
    ciphers = typed_ciphers() if ask_cipher else []
    catalog = look_into(opened, bindings, ciphers)
    if as_json:
        emit("intake", catalog_json(catalog, Surnames(one.name for one in opened.roster.participants)))
    else:
        out = console()
        for shown in catalog_tables(catalog, opened.inventory):
            out.print(shown)
    if any(missing.needed for missing in catalog.missing):
        if not as_json:
            click.echo(_("Still needed: see the table. Put it into {folder}").format(folder=opened.inbox))
        return Exit.MATERIALS
    if not as_json:
        click.echo(_("Everything that is needed is here. Next: provision rooms --dry-run"))
    return Exit.DONE
