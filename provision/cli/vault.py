"""``provision vault``: its commands, found in a table."""

from __future__ import annotations

from provision.cli.lazy import LazyGroup
from provision.cli.words import N_

COMMANDS = {
    "init": N_("Make the vault, set its passphrase and print the recovery sheet."),
    "status": N_("Say how the vault stands: open or locked, who opens it, what is missing."),
    "unlock": N_("Open the vault for some minutes, so that commands do not ask each time."),
    "lock": N_("Lock it now."),
    "put": N_("Put files in; needs no passphrase."),
    "list": N_("Show what is in it."),
    "take": N_("Show an item, or write it decrypted."),
    "remove": N_("Take an item out for ever."),
    "verify": N_("Read everything in it, and compare it with what was put in."),
    "rotate": N_("Change a passphrase; with --key encrypt everything anew."),
    "admit": N_("Give another role a passphrase of its own: the deputy."),
    "dismiss": N_("Take a role's passphrase away."),
    "recovery": N_("Print a new recovery sheet; the former is void."),
    "recover": N_("Set a new passphrase by the recovery sheet."),
    "export": N_("Write a sealed copy for the deputy or an inspector, with or without names."),
    "unseal": N_("Decrypt a sealed copy."),
}
"""Name -> help, in the order of use; each is ``command`` of provision.cli.vault_NAME."""

command = LazyGroup(
    "vault",
    table=COMMANDS,
    prefix="vault_",
    help=N_("One encrypted store for what must not lie about. What it keeps is decrypted in memory only."),
    context_settings={"help_option_names": ["-h", "--help"]},
)
