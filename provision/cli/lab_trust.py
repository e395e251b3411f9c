"""``labcheck trust``: fingerprints shown, host keys pinned on a person's word."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, lab_options, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "trust",
    cls=Command,
    help=N_(
        "Show the workstations' fingerprints beside those that are pinned, ask, and pin the new ones in"
        " inventory.yaml; the rest of the file stays as it is. Compare a fingerprint at the computer itself:"
        " ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub (Windows: C:\\ProgramData\\ssh)."
    ),
)
@lab_options
@click.option(
    "--replace",
    "replaced",
    multiple=True,
    metavar="SEAT",
    help=N_("Also pin the changed key of this seat (repeatable): somebody knows why it changed."),
)
@click.option(
    "--fingerprint",
    "fingerprints",
    multiple=True,
    metavar="SHA256:…",
    help=N_("With --yes: pin only keys with this fingerprint (repeatable)."),
)
@click.option("--yes", is_flag=True, help=N_("Ask nothing; for scripts, only with --fingerprint."))
@site_option
@json_option
@guarded
def command(
    site: Path,
    rooms: tuple[str, ...],
    seats: tuple[str, ...],
    replaced: tuple[str, ...],
    fingerprints: tuple[str, ...],
    *,
    every: bool,
    ask_passphrase: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Writes inventory.yaml and nothing else."""
    if yes != bool(fingerprints):
        raise click.UsageError(
            _("--yes needs the fingerprints that you expect: --fingerprint SHA256:…, and they need --yes.")
        )
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.lab_pinning import Pinning  # noqa: PLC0415
    from provision.cli.lab_scope import meant  # noqa: PLC0415

    pinning = Pinning(frozenset(fingerprints) if yes else None, ask_passphrase, quiet=as_json)
    wanted = meant(site, rooms, seats, every=every)
    for room, stations in wanted.stations:
        pinning.room(wanted, room, stations, replaced)
    if as_json:
        emit("trust", {"workstations": pinning.data, "pinned": pinning.count})
    return Exit.DONE if pinning.all_trusted else Exit.INCOMPLETE
