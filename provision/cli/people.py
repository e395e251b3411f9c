"""``provision people``: who has which role, known again by passphrases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import ROLES, role_option
from provision.cli.words import N_, Command, Group
from provision.locale import gettext as _

if TYPE_CHECKING:
    from provision.people import People, Person

_role = click.argument("role", metavar="ROLE", type=click.Choice(ROLES))


@click.group(
    "people",
    cls=Group,
    help=N_("Say who has which role and signs with a passphrase. Names lie in the vault alone."),
    context_settings={"help_option_names": ["-h", "--help"]},
)
def command() -> None:
    """The group itself does nothing."""


@command.command("list", cls=Command, help=N_("Show who is known."))
@click.option("--without-names", "without", is_flag=True, help=N_("Ids and roles only."))
@role_option
@site_option
@json_option
@guarded
def _list(site: Path, role: str, *, without: bool, as_json: bool) -> None:
    from rich.table import Table  # noqa: PLC0415 - --help must not pay for it

    from provision.cli.tables import console  # noqa: PLC0415

    everybody = _people(site, role).all()
    if as_json:
        emit("people list", {"people": [_said(one, names=not without) for one in everybody]})
        return
    table = Table()
    for title in ("id", _("Role"), *([] if without else [_("Name")])):
        table.add_column(title)
    for one in everybody:
        table.add_row(one.id, one.role.value, *([] if without else [one.name.reveal()]))
    console().print(table)


@command.command("add", cls=Command, help=N_("Make NAME known as ROLE; NAME types a passphrase."))
@_role
@click.argument("name", metavar="NAME")
@click.option("--as", "as_role", metavar="ROLE", default="specialist", help=N_("Who opens the vault."))
@site_option
@json_option
@guarded
def _add(site: Path, role: str, name: str, as_role: str, *, as_json: bool) -> None:
    from provision.cli.vault_common import ask_new  # noqa: PLC0415
    from provision.people import Role, check_passphrase  # noqa: PLC0415

    people = _people(site, as_role)
    person = people.add(
        Role(role), name, ask_new(_("Passphrase of this person (8 characters or more)"), check_passphrase)
    )
    if as_json:
        emit("people add", {"person": _said(person, names=False)})
    else:
        click.echo(_("Known from now on: {id}, {role}").format(id=person.id, role=person.role.value))
        click.echo(_("Steps of this role are signed with this passphrase now; a name alone is not enough."))


@command.command("remove", cls=Command, help=N_("Forget NAME (or an id). What was signed stays signed."))
@click.argument("who", metavar="NAME")
@role_option
@site_option
@json_option
@guarded
def _remove(site: Path, who: str, role: str, *, as_json: bool) -> None:
    gone = _people(site, role).remove(who)
    if as_json:
        emit("people remove", {"people": [_said(one, names=False) for one in gone]})
    else:
        roles = ", ".join(one.role.value for one in gone)
        click.echo(_("Forgotten: {id}, {role}").format(id=gone[0].id, role=roles))


@command.command("verify", cls=Command, help=N_("Try the passphrase of NAME (or an id); change nothing."))
@click.argument("who", metavar="NAME")
@role_option
@site_option
@json_option
@guarded
def _verify(site: Path, who: str, role: str, *, as_json: bool) -> None:
    from provision.cli.day_sign import typed, wrong  # noqa: PLC0415
    from provision.ledger import Ledger  # noqa: PLC0415
    from provision.people import prove, signers_of  # noqa: PLC0415
    from provision.safe import folder  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    people = _people(site, role).find(who)
    opened = open_site(site)
    ledger = Ledger(opened.state)
    words = _("Passphrase of this person")
    signer = prove(
        folder(opened), ledger, signers_of(ledger, people), people[0].id, lambda: typed(words), wrong
    )
    if as_json:
        emit("people verify", {"person": {"id": signer.id, "role": signer.role}})
    else:
        click.echo(_("The passphrase is right."))


def _people(site: Path, role: str) -> People:
    from provision.cli.vault_common import opened, safe_of  # noqa: PLC0415
    from provision.people import People  # noqa: PLC0415

    _site, safe = safe_of(site)
    return People(safe, opened(safe, role))


def _said(person: Person, *, names: bool) -> dict[str, str]:
    told = {"id": person.id, "role": person.role.value}
    return {**told, "name": person.name.reveal()} if names else told
