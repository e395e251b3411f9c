"""``labcheck bundle``: what runs on the workstations, built beforehand."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "bundle",
    cls=Command,
    help=N_(
        "Build what runs on the workstations (Linux on x86-64 and ARM, Windows): needs the package index, or"
        " a folder of wheels. 'labcheck' builds what it lacks by itself; do it beforehand where the lab has"
        " no network to the outside."
    ),
)
@click.option(
    "--wheels",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help=N_("Take the wheels from this folder; fetch nothing."),
)
@json_option
@guarded
def command(wheels: Path | None, *, as_json: bool) -> None:
    """Writes to the cache of the computer's user."""
    from labcheck.bundle import PLATFORMS, build, current, fetch  # noqa: PLC0415 - --help must not pay for it
    from provision.labroom import bundles  # noqa: PLC0415

    target = bundles()
    built = []
    for platform in PLATFORMS:
        bundle = current(target.folder, platform)
        if bundle is None:
            if wheels is None:
                fetch(target.wheels, [platform])
            bundle = build(target.folder, platform, wheels or target.wheels)
        built.append(bundle)
        if not as_json:
            kilobytes = bundle.path.stat().st_size // 1024
            text = _("{platform}: {file}, {size} KB, SHA-256 {sha256}")
            shown = text.format(platform=platform, file=bundle.path, size=kilobytes, sha256=bundle.sha256)
            click.echo(shown)
    if as_json:
        data = [{"platform": b.platform, "file": str(b.path), "sha256": b.sha256} for b in built]
        emit("bundle", {"bundles": data})
