"""The ``provision`` command: finds the subcommand and loads only that, so that ``--help`` is instant."""

from __future__ import annotations

import click

from provision.cli.ending import run
from provision.cli.lazy import LazyGroup
from provision.cli.words import N_, prepare_words

_COMMANDS = {
    "day": N_("Show the steps of the procedure: what is late, what is for now, what comes next."),
    "init": N_("Start a site: a folder with a commented inventory.yaml."),
    "check": N_("Check the inventory and the participants' list; change nothing."),
    "schema": N_("Print the inventory's JSON schema, for editors that complete it."),
    "intake": N_("Recognise what was downloaded into the inbox, and tell what is missing."),
    "printers": N_("Show every printer: whether it can be used, its toner, its work; test it."),
    "rooms": N_("Make and print, room by room, all that is not printed yet."),
    "print": N_("Print one subject: all rooms or one, all documents or some."),
    "release": N_("Let go what 'rooms --hold' prepared at the print server."),
    "status": N_("Show per exam and room what is here, done, missing, and what to do next."),
    "confirm": N_("Scan or count a room's sheets: the proof that they are on paper."),
    "resolve": N_("Say whether sheets came out, where the printer's word is not enough."),
    "spoil": N_("Note that sheets of a kit are spoiled."),
    "reprint": N_("Print spoiled sheets of a kit again, as a copy that is marked."),
    "second-person": N_("Set the passphrase of the person who confirms additional prints."),
    "vault": N_("Keep what must not lie about: passwords, ciphers, materials, code tables, answers."),
    "people": N_("Say who has which role and signs with a passphrase."),
    "journal": N_("Show the print journal: every print and spoilage; write it as a PDF to be signed."),
    "forms": N_("Fill the forms of the test in place: application, questionnaire, results."),
    "wipe": N_("Remove what was kept long enough of an exam day, with proof."),
    "audit": N_("Find what leaks on this computer, and say what to do about it."),
    "ledger": N_("Prove that the record of what was done is whole."),
}
"""In the order of the specialist's day."""


@click.group(
    cls=LazyGroup,
    table=_COMMANDS,
    help=N_("Prepares, prints and accounts for the papers of a national test (VPR), room by room."),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="vpr-morning", message="%(version)s")
def provision() -> None:
    """The group itself does nothing."""


def main() -> None:
    """Entry point of the console script."""
    prepare_words()
    run(provision)
