"""``labcheck spoken``: a person at one workstation hears numbers, says a sentence and hears it back."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provision.cli.common import emit, guarded, warn
from provision.cli.exits import Exit
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _

if TYPE_CHECKING:  # --help must not pay for the imports
    from labcheck.headset.spoken.run import Person
    from labcheck.link import Link
    from provision.labspoken import FindPerson, Spoken
    from provision.site.site import Site

LANGUAGES = ("ru", "en")


@click.command(
    "spoken",
    cls=Command,
    help=N_(
        "Check a headset by ear, for one that the automatic test cannot judge: numbers are played, each in"
        " one ear, and whoever wears it says which and where; then reads a sentence aloud and hears it back."
        " Answers are typed here, or given on a page at the seat. Takes two minutes; no voice is kept."
    ),
)
@click.option("--room", "rooms", multiple=True, metavar="N", help=N_("The lab's room (repeatable)."))
@click.option("--seat", required=True, metavar="SEAT", help=N_("The seat: 1А, or 204-1А."))
@click.option("--at-seat", is_flag=True, help=N_("Ask on a page that opens at the seat, instead of here."))
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="ru",
    help=N_("The language of numbers and sentence (default: ru)."),
)
@click.option(
    "--who", metavar="NAME", help=N_("Who takes the answers, no pupil (default: the computer's user).")
)
@click.option(
    "--ask-passphrase", is_flag=True, help=N_("Ask for the passphrase of the SSH key (access: key).")
)
@site_option
@json_option
@guarded
def command(
    site: Path,
    rooms: Sequence[str],
    seat: str,
    language: str,
    who: str | None,
    *,
    at_seat: bool,
    ask_passphrase: bool,
    as_json: bool,
) -> int:
    """Do it, show it, and return the exit code."""
    from labcheck.headset.spoken.words import Language  # noqa: PLC0415
    from provision.cli.lab_scope import meant, one_station, opened_ledger, typed  # noqa: PLC0415
    from provision.labroom import credentials_of  # noqa: PLC0415
    from provision.labspoken import measured_today, speak  # noqa: PLC0415

    wanted = meant(site, rooms, [seat], every=False)
    room, station = one_station(wanted, seat)
    where = f"{room.number}-{station.seat}"
    secrets = typed(wanted, ask_passphrase=ask_passphrase)
    find = _page(wanted.site, where) if at_seat else _terminal
    with opened_ledger(wanted.site) as ledger:
        if measured_today(wanted.site, ledger, room, station) is None:
            text = _("{seat}: no whole check of today is on record. A later one takes the place of this one.")
            warn(text.format(seat=where))
        credentials = credentials_of(wanted.site, room, secrets)
        taken_by = " ".join((who or "").split()) or getpass.getuser()
        found = speak(ledger, wanted.site, room, station, credentials, find, Language(language), taken_by)
    if as_json:
        emit("labcheck spoken", _data(where, station.seat, found))
    else:
        _show(where, station.seat, found)
    return Exit.DONE if found.good else Exit.INCOMPLETE


def _terminal(_link: Link, _exam_user: str) -> Person:
    """Whoever sits here, and types what the person at the seat says."""
    from provision.cli.lab_spoken_terminal import Terminal  # noqa: PLC0415

    return Terminal()


def _page(site: Site, where: str) -> FindPerson:
    """Whoever sits at the seat, before a page in the school's language."""
    from labcheck.headset.spoken.page import PagePerson  # noqa: PLC0415
    from provision.locale import translator  # noqa: PLC0415

    language = site.inventory.school.language
    translate = translator(language)

    def find(link: Link, exam_user: str) -> Person:
        title = translate(_TITLE).format(seat=where)
        person = PagePerson(link, exam_user, translate, language, title)
        if person.opened:
            warn(_("{seat}: a page has been opened at the seat.").format(seat=where))
        else:
            text = _("{seat}: open this address in a browser at the seat: {url}")
            warn(text.format(seat=where, url=person.url))
            if person.command:
                text = _("{seat}: or, without a browser, type this in a terminal at the seat: {command}")
                warn(text.format(seat=where, command=person.command))
        return person

    return find


_TITLE = N_("Seat {seat}: headset")


def _show(where: str, seat: str, found: Spoken) -> None:
    from labcheck.outcome import Outcome  # noqa: PLC0415
    from provision.cli.lab_summary import OUTCOME_WORDS  # noqa: PLC0415
    from provision.cli.lab_tables import shortly  # noqa: PLC0415

    for finding in found.findings:
        click.echo(f"{_(OUTCOME_WORDS[finding.outcome][0])}: {shortly(finding, seat)}")
        if finding.outcome is not Outcome.PASS:
            click.echo(_("What to do: {remedy}").format(remedy=finding.remedy.said(_)))
    if found.known is None:
        click.echo(_("{seat}: not finished; nothing was written down.").format(seat=where))
        return
    text = _("{seat}: written down. With what was measured today the headset is: {state}.")
    click.echo(text.format(seat=where, state=_(OUTCOME_WORDS[found.known.outcome][0])))


def _data(where: str, seat: str, found: Spoken) -> dict[str, Any]:
    from provision.cli.lab_tables import finding_json  # noqa: PLC0415

    known = found.known
    return {
        "seat": where,
        "findings": [finding_json(finding, seat) for finding in found.findings],
        "recorded": known is not None,
        "headset": known.outcome.value if known else None,
    }
