"""What the vault's commands share: the site's vault, passphrases by prompt or credential, printed sheets."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from provision.cli.common import fill, warn
from provision.cli.words import N_
from provision.locale import gettext as _
from provision.safe import Safe, missed
from provision.secret import Secret
from provision.site.model import Printer
from provision.site.site import Site, open_site
from provision.vault import Item, OpenVault, unlocked
from provision.vault.errors import NoVault, VaultLocked
from provision.vault.keys import check_phrase

CREDENTIAL = "provision-vault"
"""Name of the systemd credential (LoadCredential=, SetCredentialEncrypted=) that holds the passphrase."""
TRIES = 3
_MAX_CREDENTIAL = 4096


def safe_of(folder: Path) -> tuple[Site, Safe]:
    """The site and its vault. No dump of this process from here on. Raises NoVault, VaultMissing."""
    from provision.ledger import Ledger  # noqa: PLC0415 - --help must not pay for it

    site = open_site(folder)
    try:
        return site, Safe.of(site)
    except NoVault:
        raise missed(site, Ledger(site.state)) or NoVault(N_("there is no vault here")) from None


def opened(safe: Safe, role: str) -> OpenVault:
    """The vault open: it is still unlocked, or a credential or typed passphrase opens it."""
    return unlocked.remembered(safe.vault) or opened_anew(safe, role)


def opened_anew(safe: Safe, role: str) -> OpenVault:
    """By credential, else by prompt, a few times. Raises VaultLocked."""
    from provision.ledger.vault import record_opened  # noqa: PLC0415 - --help must not pay for it

    given = credential()
    if given is not None:
        found = safe.vault.open(role, given)
    else:
        for left in reversed(range(TRIES if sys.stdin.isatty() else 1)):
            try:
                found = safe.vault.open(role, ask(_("Passphrase of the vault")))
                break
            except VaultLocked as error:
                if not left:
                    raise
                warn(fill(error.template, error.params))
    record_opened(safe.ledger, role, "passphrase" if given is None else "credential", safe.who)
    return found


def credential() -> Secret | None:
    """The passphrase that systemd hands to a service as a file in memory; None without."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    try:
        with (Path(folder) / CREDENTIAL).open("rb") as file:
            return Secret(file.read(_MAX_CREDENTIAL).decode().removesuffix("\n"))
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def ask(words: str) -> Secret:
    """Typed without showing; where nobody can type, the next line of standard input. Raises VaultLocked when
    there is none."""
    if sys.stdin.isatty():
        return Secret(click.prompt(words, hide_input=True, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise VaultLocked(N_("no passphrase was typed, and none came by standard input"))
    return Secret(line)


def ask_new(words: str, check: Callable[[Secret], object] = check_phrase) -> Secret:
    """Typed twice on a terminal; ``check`` refuses one before it is typed again."""
    while True:
        first = ask(words)
        check(first)
        if not sys.stdin.isatty() or ask(_("Once more")) == first:
            return first
        warn(_("The two are not the same."))


def sheet_printer(site: Site, name: str | None) -> Printer | None:
    """The printer for the sheet, looked at before a key is made. Raises NoSuchPrinter, PlaceRefused."""
    if name is None:
        return None
    from provision.recoverysheet import check_printer  # noqa: PLC0415
    from provision.testpages import printer_named  # noqa: PLC0415

    printer = printer_named(site.inventory, name)
    check_printer(printer)
    return printer


def hand_out(site: Site, paper: Secret, printer: Printer | None, file: Path | None) -> bool:
    """Print or write the recovery sheet; whether it is known to be somewhere."""
    from provision.recoverysheet import print_sheet, write_sheet  # noqa: PLC0415 - draws: reportlab

    if file is not None:
        write_sheet(site, paper, file)
        warn(_("Written: {file}. Print it, then destroy the file: it opens the vault.").format(file=file))
        return True
    if printer is not None:
        state = print_sheet(site, paper, printer, lambda _step: None)
        if state.delivered:
            warn(_("The recovery sheet is sent to {printer}. Fetch it at once.").format(printer=printer.name))
            return True
        warn(_("{printer}: nobody knows whether the sheet came out.").format(printer=printer.name))
        warn(_("Look there; then print another one: provision vault recovery. It makes this one void."))
        return False
    warn(_("There is no recovery sheet yet: provision vault recovery --printer NAME"))
    return False


def tell_damaged(ids: Sequence[str]) -> None:
    """What was not written, in red, and what to do."""
    for item_id in ids:
        words = _("NOT WRITTEN, lost or damaged in the vault: {id}").format(id=item_id)
        click.secho(words, fg="red", bold=True, err=True)
    if ids:
        warn(_("Bring the vault's folder back from a backup, then run the same command again."))


def on_disk(folder: Path) -> str:
    """The warning before something is decrypted onto a disk."""
    text = _(
        "{folder} lies on a disk: what is written there can be read by others, even after it is deleted."
    )
    return text.format(folder=folder)


def said(item: Item) -> dict[str, object]:
    """An item as JSON."""
    return {
        "id": item.id,
        "name": item.name,
        "kind": item.kind.value,
        "size": item.size,
        "sha256": item.sha256,
        "at": item.at.isoformat(),
    }
