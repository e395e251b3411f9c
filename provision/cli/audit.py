"""``provision audit``: what leaks on this computer, why it matters, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "audit",
    cls=Command,
    help=N_(
        "Find copies of materials, codes and ciphers on this computer, and settings through which they leak. "
        "Reads only; exit code 12 when something leaks, 7 when something could not be looked at."
    ),
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help=N_("Look at the system whose disk is mounted here, in place of this one."),
)
@click.option(
    "--pdf",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Write the report for the coordinator as a PDF."),
)
@click.option("--fix", is_flag=True, help=N_("Correct the rights to files, after asking; nothing else."))
@click.option("--yes", is_flag=True, help=N_("With --fix: do not ask."))
@click.option("--all", "everything", is_flag=True, help=N_("Show also what is well."))
@click.option(
    "--seconds", type=click.FloatRange(1), default=600, show_default=True, metavar="SECONDS",
    help=N_("Look no longer than this."),
)  # fmt: skip
@click.option(
    "--megabytes", type=click.IntRange(1), default=64, show_default=True, metavar="N",
    help=N_("Look into files up to this size; bigger ones are known by their fingerprint alone."),
)  # fmt: skip
@click.option(
    "--ask-cipher", is_flag=True, help=N_("Ask for the archive's cipher instead of reading a file.")
)
@click.option(
    "--without-names", "without", is_flag=True, help=N_("The computer's users by number, in paths too.")
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    root: Path | None,
    pdf: Path | None,
    seconds: float,
    megabytes: int,
    *,
    fix: bool,
    yes: bool,
    everything: bool,
    without: bool,
    ask_cipher: bool,
    as_json: bool,
) -> int:
    """Look, tell, write down."""
    from provision.audit.bounds import Bounds  # noqa: PLC0415 - --help must not pay for it
    from provision.audit.nameless import nameless  # noqa: PLC0415
    from provision.cli import audited  # noqa: PLC0415
    from provision.cli.scope import typed_ciphers  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    opened = open_site(site)
    ciphers = typed_ciphers() if ask_cipher else []
    bounds = Bounds(seconds=seconds, file_bytes=megabytes << 20)
    report = audited.make(opened, root, ciphers, bounds)
    shown = report
    if pdf is not None:
        audited.write_pdf(pdf, report, opened, without=without)
    if without:
        shown = nameless(report, _)
    if as_json:
        audited.tell_json(shown)
    else:
        audited.tell(shown, everything=everything)
        if pdf is not None:
            click.echo(_("Written: {file}").format(file=pdf))
    if fix:
        audited.fix(report, ask=not yes, quiet=as_json)
    return audited.exit_of(report)
