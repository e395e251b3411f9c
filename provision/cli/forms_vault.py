"""The marks for a command: out of the vault, which is asked for, or out of the site's folder."""

from __future__ import annotations

from provision.forms.mapping import FormKind, FormMapping
from provision.forms.marks_vault import Marks, marks_of
from provision.ledger import Ledger
from provision.safe import Safe
from provision.site.site import Site
from provision.vault.errors import NoVault


def marks_for(site: Site, ledger: Ledger, role: str) -> Marks:
    """All marks of the site. Raises what opening the vault does."""
    from provision.cli.vault_common import opened  # noqa: PLC0415 - asks

    try:
        safe = Safe.of(site, ledger)
    except NoVault:
        return marks_of(site, ledger)
    return marks_of(site, ledger, opened(safe, role))


def marks_for_form(site: Site, ledger: Ledger, role: str, mapping: FormMapping) -> Marks | None:
    """Those that a form needs: nobody is asked for a passphrase for an application."""
    return marks_for(site, ledger, role) if mapping.kind is FormKind.RESULTS else None
