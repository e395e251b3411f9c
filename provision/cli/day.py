"""``provision day``: every step of the procedure: what is late, what is for now, what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command, Group
from provision.locale import gettext as _

if TYPE_CHECKING:
    from provision.runbook.look import Board

_date = click.option("--date", metavar="DAY", help=N_("The day of an exam (default: the next one)."))
_NAME_HELP = N_("Who signs; the record keeps role and initials.")
_name = click.option("--name", "who", metavar="NAME", default="", help=_NAME_HELP)
_step = click.argument("step", metavar="STEP")


@click.group(
    "day",
    cls=Group,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND]",
    help=N_("Show the steps of the procedure: what is late, what is for now, what comes next."),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@_date
@click.option("--all", "whole", is_flag=True, help=N_("Show every step, with its proof."))
@click.option("--watch", is_flag=True, help=N_("Stay, and remind before deadlines: a bell and a line."))
@click.option(
    "--at",
    "moment",
    metavar="TIME",
    help=N_("Show it as it would stand at another time: 07:40, or 2027-04-14T16:00."),
)
@click.option(
    "--pdf",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("Write the checklist as a PDF, to be printed and signed."),
)
@site_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    site: Path,
    date: str | None,
    moment: str | None,
    pdf: Path | None,
    *,
    whole: bool,
    watch: bool,
    as_json: bool,
) -> None:
    """Without a further word: the steps."""
    if context.invoked_subcommand is None:
        _show(site, date, moment, pdf, whole=whole, watch=watch, as_json=as_json)


@guarded
def _show(
    site: Path,
    date: str | None,
    moment: str | None,
    pdf: Path | None,
    *,
    whole: bool,
    watch: bool,
    as_json: bool,
) -> int:
    from provision.cli.day_view import board_json, show  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.exits import Exit  # noqa: PLC0415
    from provision.cli.tables import console  # noqa: PLC0415
    from provision.runbook.board import State  # noqa: PLC0415

    if watch:
        from provision.cli.day_watch import keep_watching  # noqa: PLC0415

        if moment or as_json or pdf:
            raise click.UsageError(_("--watch goes without --at, --json and --pdf"))
        return keep_watching(site, date, whole=whole)
    board = _board(site, date)
    now = board.moment(moment)
    found = board.at(now)
    if pdf is not None:
        from provision.runbook.paper import checklist_of  # noqa: PLC0415 - draws: reportlab

        pdf.write_bytes(checklist_of(board, now))
    if as_json:
        emit("day", board_json(board, found, now))
    else:
        out = console()
        show(out, board, found, now, whole=whole, other=moment is not None)
        if pdf is not None:
            out.print(_("Written: {file}").format(file=pdf), soft_wrap=True, markup=False)
    return Exit.INCOMPLETE if any(row.state is State.LATE for row in found) else Exit.DONE


@command.command("show", cls=Command, help=N_("Show one step: what is known of it, and what to type."))
@_step
@_date
@site_option
@json_option
@guarded
def _show_one(site: Path, step: str, date: str | None, *, as_json: bool) -> None:
    from provision.cli.day_view import row_json, show_step  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.tables import console  # noqa: PLC0415
    from provision.runbook.board import subject_of  # noqa: PLC0415
    from provision.runbook.sign import step_named  # noqa: PLC0415

    board = _board(site, date)
    name, _found = step_named(board.procedure, step)
    now = board.moment(None)
    row = next(row for row in board.at(now) if row.id == name)
    if as_json:
        emit("day show", row_json(row))
    else:
        wrong = board.wrong.get(subject_of(name, row.step, board.day.date), 0)
        show_step(console(), row, now, wrong=wrong)


@command.command(
    "sign",
    cls=Command,
    help=N_("Sign a step: with a passphrase where one is set for the role, else with a name."),
)
@_step
@_name
@click.option(
    "--role",
    type=click.Choice(["specialist", "coordinator", "invigilator"]),
    help=N_("In which role (default: the step's own)."),
)
@_date
@site_option
@json_option
@guarded
def _sign(site: Path, step: str, who: str, role: str | None, date: str | None, *, as_json: bool) -> None:
    from provision.cli.day_sign import proved_by_typing  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.day_view import signed_line  # noqa: PLC0415
    from provision.ledger import Ledger  # noqa: PLC0415
    from provision.runbook.model import Who  # noqa: PLC0415
    from provision.runbook.sign import sign, step_named  # noqa: PLC0415

    board = _board(site, date, seen=False)
    name, _meant = step_named(board.procedure, step)
    ledger = Ledger(board.site.state)
    prove = proved_by_typing(board.site, ledger, name)
    signed = sign(board, ledger, name, who, Who(role) if role else None, prove)
    if as_json:
        emit("day sign", {"step": name, "role": signed.role, "initials": signed.initials, "way": signed.way})
    else:
        click.echo(_("Signed: {step}, {line}").format(step=name, line=signed_line(signed, board.day.zone)))


@command.command("unsign", cls=Command, help=N_("Take a signature back; the record keeps that it was there."))
@_step
@_name
@_date
@site_option
@json_option
@guarded
def _unsign(site: Path, step: str, who: str, date: str | None, *, as_json: bool) -> None:
    from provision.ledger import Ledger  # noqa: PLC0415 - --help must not pay for it
    from provision.runbook.sign import unsign  # noqa: PLC0415

    board = _board(site, date, seen=False)
    name = unsign(board, Ledger(board.site.state), step, who)
    if as_json:
        emit("day unsign", {"step": name})
    else:
        click.echo(_("Taken back: the signature of step {step}.").format(step=name))


@command.command("open", cls=Command, help=N_("Open the page of a step in the browser; a person signs in."))
@_step
@site_option
@json_option
@guarded
def _open(site: Path, step: str, *, as_json: bool) -> int:
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.runbook.reading import load_procedure  # noqa: PLC0415
    from provision.runbook.sign import page_of  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    name, page = page_of(load_procedure(open_site(site).root), step)
    opened = _browse(page)
    if as_json:
        emit("day open", {"step": name, "page": page, "opened": opened})
    elif opened:
        click.echo(_("Opened in the browser: {page}. Sign in yourself.").format(page=page))
    else:
        click.echo(_("No browser could be started. Open it yourself: {page}").format(page=page))
    return Exit.DONE if opened else Exit.INCOMPLETE


@command.command(
    "export",
    cls=Command,
    help=N_(
        "Write the whole day into FILE, sealed with a passphrase of its own: downloads, answers, record. For "
        "the deputy or an inspector; give the passphrase by another way than the file."
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--without-names",
    "without",
    is_flag=True,
    help=N_("Leave out what could name a person, and call the rest by kind and number."),
)
@_date
@click.option(
    "--as",
    "vault_role",
    metavar="ROLE",
    default="specialist",
    show_default=True,
    help=N_("Whose passphrase: specialist, deputy."),
)
@site_option
@json_option
@guarded
def _export(
    site: Path, file: Path, date: str | None, vault_role: str, *, without: bool, as_json: bool
) -> int:
    from provision.cli.vault_common import ask_new, opened  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.vault_export import readme, told  # noqa: PLC0415
    from provision.handover import hand_over  # noqa: PLC0415
    from provision.safe import Safe  # noqa: PLC0415

    board = _board(site, date)
    safe = Safe.of(board.site)
    vault = opened(safe, vault_role)
    phrase = ask_new(_("Passphrase of the copy (12 characters or more)"))
    done = hand_over(board, safe, vault, file, phrase, readme(), names=not without)
    return told("day export", done, as_json=as_json)


def _browse(page: str) -> bool:
    """Hand the address to the person's browser, and nothing else: no cookies, no forms, no answer."""
    import webbrowser  # noqa: PLC0415 - looks for browsers when it is imported

    try:
        return webbrowser.open(page)
    except webbrowser.Error:
        return False


def _board(site: Path, date: str | None, *, seen: bool = True) -> Board:
    from provision.cli.day_view import look  # noqa: PLC0415 - --help must not pay for it

    return look(site, date, seen=seen)
