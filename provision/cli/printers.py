"""``provision printers``: how they are; ``test`` prints a test page, ``judge`` records how it looks."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, fill, guarded, warn
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command, Group
from provision.locale import gettext as _

if TYPE_CHECKING:
    from printing.dispatch import OnEvent, Progress


@click.group(
    "printers",
    cls=Group,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND]",
    help=N_(
        "Show every printer: whether it can be used, its toner, its work. Clears our printed jobs from the "
        "print servers."
    ),
)
@click.option(
    "--date",
    metavar="DAY",
    help=N_("Exams of this day (2027-04-15), or 'all'; default: the next one."),
)
@site_option
@json_option
@click.pass_context
def command(context: click.Context, /, **options: object) -> None:
    """Alone it shows; what is said before a subcommand is meant for it."""
    context.default_map = dict.fromkeys(("test", "judge"), options)
    if context.invoked_subcommand is None:
        context.invoke(_show, **options)


@guarded
def _show(site: Path, date: str | None, *, as_json: bool) -> int:
    """Prints nothing on paper."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.scope import NoExamDay, open_morning  # noqa: PLC0415
    from provision.cli.sightings import sightings_json, sightings_notes, sightings_tables  # noqa: PLC0415
    from provision.cli.tables import console  # noqa: PLC0415
    from provision.printers import look  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    opened = open_site(site)
    try:
        morning = open_morning(site, (), (), date)
    except NoExamDay:
        morning = None
    found = look(opened, morning)
    waiting = [e for e in morning.survey.exams if morning.survey.troubles[e.id]] if morning else []
    if as_json:
        emit("printers", {**sightings_json(found), "not_planned": [exam.id for exam in waiting]})
    else:
        out = console()
        for shown in sightings_tables(found, opened.zone):
            out.print(shown)
        for line in sightings_notes(found, waiting):
            out.print(line)
    needed = [one for one in found if one.load.left]
    return Exit.DONE if all(one.usable for one in needed) else Exit.PRINTING


def _judged(function: click.decorators.FC) -> click.decorators.FC:
    """The options that say how a test page looks."""
    options = (
        click.option("--good/--bad", "good", default=None, help=N_("The page is as it says / it is not.")),
        click.option("--note", metavar="TEXT", default="", help=N_("What is wrong with it.")),
        click.option("--who", metavar="NAME", help=N_("Who judges; default: the user of this computer.")),
    )
    for option in reversed(options):
        function = option(function)
    return function


@command.command("test", cls=Command, help=N_("Print a test page on PRINTER, and ask how it looks."))
@click.argument("printer", metavar="PRINTER")
@_judged
@site_option
@json_option
@guarded
def _test(site: Path, printer: str, good: bool | None, note: str, who: str | None, *, as_json: bool) -> int:
    """Printed through the queue and the journal, like everything else."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.testpages import print_test_page  # noqa: PLC0415

    found, state = print_test_page(site, printer, _faults())
    if not state.delivered:
        if as_json:
            emit("printers test", {"printer": found.name, "state": str(state), "judged": None})
        else:
            click.echo(
                _("{printer}: nobody knows whether the test page came out.").format(printer=found.name)
            )
        return Exit.INCOMPLETE
    if good is None and not as_json and sys.stdin.isatty():
        click.echo(_("{printer}: the test page is sent. It says how to judge it.").format(printer=found.name))
        good = click.confirm(_("Is it good?"))
        note = note or ("" if good else click.prompt(_("What is wrong with it")))
        who = who or click.prompt(_("Who judges"), default=getpass.getuser())
    if good is not None:
        _record(site, found.name, good=good, note=note, who=who)
    if as_json:
        emit("printers test", {"printer": found.name, "state": str(state), "judged": good})
    elif good is None:
        click.echo(
            _("{printer}: the test page is sent. Then: provision printers judge '{printer}' --good").format(
                printer=found.name
            )
        )
    else:
        click.echo(_noted(found.name, good=good))
    return Exit.DONE


@command.command("judge", cls=Command, help=N_("Say how the test page of PRINTER looks."))
@click.argument("printer", metavar="PRINTER")
@_judged
@site_option
@json_option
@guarded
def _judge(site: Path, printer: str, good: bool | None, note: str, who: str | None, *, as_json: bool) -> None:
    """For a page that was printed before."""
    if good is None:
        raise click.UsageError(_("Say --good or --bad."))
    name = _record(site, printer, good=good, note=note, who=who)
    if as_json:
        emit("printers judge", {"printer": name, "judged": good})
    else:
        click.echo(_noted(name, good=good))


def _faults() -> OnEvent:
    """Tells what the printer says while the page is on its way, each thing once."""
    from printing.queues.reasons import describe  # noqa: PLC0415 - --help must not pay for it

    told: set[str] = set()

    def tell(step: Progress) -> None:
        for reason in map(describe, step.reasons):
            if reason.keyword not in told:
                told.add(reason.keyword)
                params = {"keyword": reason.keyword}
                warn(f"{fill(reason.what, params)} {fill(reason.cure, params)}".rstrip())

    return tell


def _record(site: Path, printer: str, *, good: bool, note: str, who: str | None) -> str:
    from provision.testpages import judge  # noqa: PLC0415 - --help must not pay for it

    return judge(site, printer, good=good, who=who or getpass.getuser(), note=note).name


def _noted(printer: str, *, good: bool) -> str:
    text = (
        _("Noted: the test page of {printer} is good.")
        if good
        else _("Noted: the test page of {printer} is bad. Do not print on it until it is cured.")
    )
    return text.format(printer=printer)
