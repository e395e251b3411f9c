"""``provision day sign``: the passphrase of whoever signs, typed without showing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from provision.cli.common import warn
from provision.cli.vault_common import ask
from provision.errors import N_
from provision.ledger import Ledger
from provision.ledger.people import Signer
from provision.locale import gettext as _
from provision.people import PersonPassphraseRefused, prove
from provision.runbook.sign import Prove
from provision.runbook.words import role_words
from provision.safe import folder
from provision.secret import Secret
from provision.site.site import Site
from provision.vault.errors import VaultLocked


def proved_by_typing(site: Site, ledger: Ledger, step: str) -> Prove:
    """Asks the person at the terminal. The vault stays as it is, locked or not."""

    def proved(some: Sequence[Signer], subject: str) -> Signer:
        people = ", ".join(f"{one.initials} ({_(role_words(one.role))})" for one in some)
        words = _("Step {step}: passphrase of {people}").format(step=step, people=people)
        return prove(folder(site), ledger, some, subject, lambda: typed(words), wrong)

    return proved


def typed(words: str) -> Secret:
    """One try. Raises PersonPassphraseRefused where nobody can type."""
    try:
        return ask(words)
    except VaultLocked:
        raise PersonPassphraseRefused(N_("no passphrase was typed")) from None


def wrong(left: int, seconds: float) -> None:
    """Say so, and wait; what is typed meanwhile is not shown either."""
    words = _("This is not the passphrase. Tries left: {left}. Wait {seconds:.0f} s.")
    with _unechoed():
        warn(words.format(left=left, seconds=seconds))
        time.sleep(seconds)


@contextmanager
def _unechoed() -> Iterator[None]:
    """The terminal shows nothing that is typed; whoever types too early is not read by others."""
    try:
        import termios  # noqa: PLC0415 - not on Windows
    except ImportError:
        yield
        return
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    quiet = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, before)
