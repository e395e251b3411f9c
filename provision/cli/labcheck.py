"""The ``labcheck`` command: its own options make a lab ready; its subcommands are found in a table."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from provision.cli.common import guarded
from provision.cli.ending import run
from provision.cli.lazy import LazyGroup
from provision.cli.options import json_option, lab_options, site_option
from provision.cli.words import N_, prepare_words
from provision.locale import gettext as _

COMMANDS = {
    "bundle": N_("Build what runs on the workstations, beforehand and with a network."),
    "trust": N_("Show the workstations' fingerprints, and pin their host keys in inventory.yaml."),
    "plan": N_("Show what would be installed; write nothing, here or there."),
    "headset": N_("Test the headsets of a room, all at once, and nothing else."),
    "calibrate": N_("Narrow the limits of a model of headsets by one that is certainly well."),
    "spoken": N_("Check one headset by ear: a person listens and speaks."),
    "rehearse": N_("Start a virtual language lab on this computer, for practice."),
    "watch": N_("Watch the workstations during the exam."),
    "fix": N_("Put right what can be put right from here."),
    "move": N_("Move a pupil to a reserve workstation, with the answers begun."),
    "collect": N_("Bring the recorded answers here, verified."),
    "waves": N_("Plan who comes to the workstations when."),
    "uninstall": N_("Take the exam program off the workstations; answers stay."),
}
"""Name -> help, in the order of use; each is ``command`` of provision.cli.lab_NAME."""

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(
    "labcheck",
    cls=LazyGroup,
    table=COMMANDS,
    prefix="lab_",
    invoke_without_command=True,
    help=N_(
        "Make a language lab ready: connect to every workstation, install the exam program where it is"
        " missing, check computer, program and sound against the profile, and say what to do about the rest."
    ),
    subcommand_metavar="[COMMAND]",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@lab_options
@click.option("--retry-failed", "retry", is_flag=True, help=N_("Only those that are not ready yet today."))
@click.option("--junit", type=_FILE, metavar="FILE", help=N_("Write the results as JUnit XML."))
@click.option("--pdf", type=_FILE, metavar="FILE", help=N_("Write readiness protocol and seat map as a PDF."))
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=N_("Keep a page with pictures and the recordings of the headsets' test in DIR."),
)
@site_option
@json_option
@click.pass_context
def labcheck(ctx: click.Context, /, **options: Any) -> None:
    """Check; or leave it to the command that is named."""
    if ctx.invoked_subcommand is None:
        _check(**options)
        return
    given = [name for name in options if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT]
    if given:
        text = _("Options belong behind the command: labcheck {command} --room N")
        raise click.UsageError(text.format(command=ctx.invoked_subcommand), ctx)


@guarded
def _check(**options: Any) -> int:
    gc.disable()  # of a second of imports it takes a tenth, and there is no garbage
    from provision.cli.lab_check import check  # noqa: PLC0415 - --help must not pay for it

    gc.freeze()
    gc.enable()
    return check(**options)


def main() -> None:
    """Entry point of the console script."""
    prepare_words()
    run(labcheck)
