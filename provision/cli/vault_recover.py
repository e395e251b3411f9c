"""``provision vault recover``: a new passphrase by the recovery sheet."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command("recover", cls=Command, help=N_("Set a new passphrase by the recovery sheet."))
@role_option
@site_option
@json_option
@guarded
def command(site: Path, role: str, *, as_json: bool) -> None:
    """Typed like a passphrase: the words are not shown."""
    from provision.cli.vault_common import ask, ask_new, safe_of  # noqa: PLC0415 - --help must not pay for it
    from provision.ledger.vault import record_changed, record_opened  # noqa: PLC0415
    from provision.vault.words import key_of  # noqa: PLC0415

    _site, safe = safe_of(site)
    vault = safe.vault.open_by_paper(key_of(ask(_("The 24 words, or the key beside the symbol (not shown)"))))
    record_opened(safe.ledger, role, "paper", safe.who)
    vault.admit(role, ask_new(_("New passphrase (12 characters or more)")))
    record_changed(safe.ledger, "phrase", role, safe.who)
    if as_json:
        emit("vault recover", {"role": role})
    else:
        text = _("The new passphrase is set. Print a new sheet now: provision vault recovery --printer NAME")
        click.echo(text)
