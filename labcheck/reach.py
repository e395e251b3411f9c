"""How a workstation answers a call, when it does not answer as an SSH server."""

from __future__ import annotations

from enum import StrEnum

from labcheck.errors import N_


class Reach(StrEnum):
    """What came of one workstation."""

    ANSWERS = "answers"
    NOT_SSH = "not-ssh"
    REFUSED = "refused"
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    NO_SUCH_HOST = "no-such-host"


REMEDIES = {
    Reach.NOT_SSH: N_("Something else than SSH answers: correct host or port in inventory.yaml."),
    Reach.REFUSED: N_("The computer is on, but SSH is not running: start the SSH server there."),
    Reach.TIMED_OUT: N_("Switch the computer on, check its cable, and that its firewall lets SSH in."),
    Reach.UNREACHABLE: N_("Check the network cable of the computer and of the room's switch."),
    Reach.NO_SUCH_HOST: N_("Correct the host in inventory.yaml, or write its IP address there."),
}
"""What to do, in plain words, for everything but ANSWERS."""
