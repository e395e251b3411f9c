"""What can go wrong with a rehearsal."""

from __future__ import annotations

from labcheck.errors import N_, LabcheckError


class RehearsalError(LabcheckError):
    """Root of what goes wrong with the virtual lab."""

    code = "rehearsal"
    remedy = N_("Run the same command again; if it stays so, rehearse with fewer seats.")


class ProgramMissing(RehearsalError):
    """A program that the virtual workstations need is not installed on this computer."""

    code = "program-missing"
    remedy = N_("Run script/setup demo, or install openssh-server, pulseaudio, pulseaudio-utils and gcc.")


class SeatFailed(RehearsalError):
    """A part of a virtual workstation did not start; the message has its last words."""

    code = "seat-failed"
    remedy = N_("Run the same command again; if it stays so, the message has the reason.")


class FaultUnknown(RehearsalError):
    """No such fault, or no such seat; the message has those that there are."""

    code = "fault-unknown"
    remedy = N_("Write SEAT=FAULT with a seat and a fault of the list, for example 204-07=muted.")


class FaultNotPossible(RehearsalError):
    """The fault cannot be made on this computer."""

    code = "fault-not-possible"
    remedy = N_("Choose another fault, or put right what the message names.")


class AddressTaken(RehearsalError):
    """Something, most likely another rehearsal, listens at a virtual workstation's address."""

    code = "address-taken"
    remedy = N_("End the other rehearsal (Ctrl-C there), or begin another one: --site with a new folder.")
