"""``provision day sign``: the passphrase of whoever signs, typed without showing."""

from __future__ import annotations

from collections.abc import Sequence

from provision.cli.common import warn
from provision.cli.vault_common import ask
from provision.errors import N_
from provision.ledger import Ledger
from provision.ledger.people import Signer
from provision.locale import gettext as _
from provision.people import TRIES, PersonPassphraseRefused, prove
from provision.runbook.sign import Prove
from provision.runbook.words import role_words
from provision.safe import folder
from provision.secret import Secret
from provision.site.site import Site
from provision.vault import platform
from provision.vault.errors import VaultLocked


def proved_by_typing(site: Site, ledger: Ledger, step: str) -> Prove:
    """Asks the person at the terminal. The vault stays as it is, locked or not."""

    def proved(some: Sequence[Signer], subject: str) -> Signer:
        platform.undumpable()
        people = ", ".join(f"{one.initials} ({_(role_words(one.role))})" for one in some)
        words = _("Step {step}: passphrase of {people}").format(step=step, people=people)
        return prove(folder(site), ledger, some, subject, lambda left: typed(words, left))

    return proved


def typed(words: str, left: int) -> Secret:
    """One try. Raises PersonPassphraseRefused where nobody can type."""
    if left < TRIES:
        warn(_("This is not the passphrase. Tries left: {left}").format(left=left))
    try:
        return ask(words)
    except VaultLocked:
        raise PersonPassphraseRefused(N_("no passphrase was typed")) from None
