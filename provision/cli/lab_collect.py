"""``labcheck collect``: every recorded answer here, verified, and compared with the plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, lab_options, site_option
from provision.cli.words import N_, Command

if TYPE_CHECKING:
    from labcheck.collect import Item


@click.command(
    "collect",
    cls=Command,
    help=N_(
        "Bring the recorded answers here: hashed there, copied, hashed here. Run it as often as you like;"
        " nothing is copied twice, and nothing is deleted at the workstations."
    ),
)
@lab_options
@site_option
@json_option
@guarded
def command(
    site: Path,
    rooms: tuple[str, ...],
    seats: tuple[str, ...],
    *,
    every: bool,
    ask_passphrase: bool,
    as_json: bool,
) -> int:
    """Room by room."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.lab_answers import outcome_json, outcome_lines, problem_table  # noqa: PLC0415
    from provision.cli.lab_scope import meant, opened_ledger, orderly_stop, typed  # noqa: PLC0415
    from provision.cli.screen import console  # noqa: PLC0415
    from provision.lab import requirements_of  # noqa: PLC0415
    from provision.labanswers import collect_answers  # noqa: PLC0415
    from provision.labexam import kept_in, stations  # noqa: PLC0415
    from provision.labroom import bundles, credentials_of  # noqa: PLC0415

    wanted = meant(site, rooms, seats, every=every)
    secrets = typed(wanted, ask_passphrase=ask_passphrase)
    demands = requirements_of(wanted.site.inventory, wanted.site.now())
    out, data, complete = console(), [], True
    with opened_ledger(wanted.site) as ledger, orderly_stop() as stop:
        for room, some in wanted.stations:
            there = stations(room, some, demands, credentials_of(wanted.site, room, secrets))
            counted = _Counting(quiet=as_json)
            outcome = collect_answers(
                wanted.site, ledger, room, there, bundles(), stop=stop, tell=counted.tell
            )
            counted.end()
            complete &= outcome.complete
            folder = kept_in(wanted.site, room)
            data.append(outcome_json(room, outcome, folder))
            if not as_json:
                shown = problem_table(room, outcome)
                if shown is not None:
                    out.print(shown)
                for line in outcome_lines(room, outcome, folder):
                    out.print(line, soft_wrap=True)
        stopped = stop.is_set()
    if as_json:
        emit("collect", {"rooms": data, "interrupted": stopped})
    if stopped:
        return Exit.INTERRUPTED
    return Exit.DONE if complete else Exit.INCOMPLETE


class _Counting:
    """How many files are here by now, on a terminal; never which."""

    def __init__(self, *, quiet: bool) -> None:
        self._shows = not quiet and sys.stderr.isatty()
        self._count = 0

    def tell(self, item: Item) -> None:
        """In the workers' threads."""
        self._count += item.kept is not None
        if self._shows:
            click.echo(f"\r{self._count} ", nl=False, err=True)

    def end(self) -> None:
        """The line is free again."""
        if self._shows:
            click.echo("\r", nl=False, err=True)
