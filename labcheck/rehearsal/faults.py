"""What can be wrong with a virtual workstation. Most faults are real ones; what is simulated says so here."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from labcheck.errors import N_
from labcheck.rehearsal.errors import FaultUnknown


class Fault(StrEnum):
    """The name that a person gives."""

    DEAD = "dead"
    HANGS = "hangs"
    CHANGED_KEY = "changed-key"
    NO_PYTHON = "no-python"
    NO_SFTP = "no-sftp"
    SLOW = "slow"
    CLOCK_OFF = "clock-off"
    WRONG_ZONE = "wrong-zone"
    FULL_DISK = "full-disk"
    NOT_WRITABLE = "not-writable"
    DISTURBING_PROCESS = "disturbing-process"
    REMOTE_CONTROL = "remote-control"
    UNPLUGGED = "unplugged"
    MONITOR_ONLY = "monitor-only"
    WRONG_DEFAULT = "wrong-default"
    MUTED = "muted"
    LOW_VOLUME = "low-volume"
    SOUND_HANGS = "sound-hangs"
    OLD_SOFTWARE = "old-software"
    INSTALL_FAILS = "install-fails"
    PROGRAM_ENDED = "program-ended"


MEANING: Final = {
    # Real: no server listens, so the connection is refused. A computer without power refuses nothing: the
    # connection times out instead, which no address of the loopback can do.
    Fault.DEAD: N_("switched off: nothing answers"),
    # Real: the server's process is stopped; the kernel accepts, and nobody speaks.
    Fault.HANGS: N_("frozen: takes the connection and says nothing"),
    # Real: the server shows another key than before.
    Fault.CHANGED_KEY: N_("shows another host key than before, as after a reinstallation"),
    # Real for its sessions: every Python is hidden from them.
    Fault.NO_PYTHON: N_("has no Python"),
    # Real: the server offers no file transfer.
    Fault.NO_SFTP: N_("takes no files (no SFTP)"),
    # Simulated: a relay in front of the server holds every byte back, both ways.
    Fault.SLOW: N_("slow network: answers take 0.3 s"),
    # Simulated: a small library (wrong_clock.c) answers its programs' questions for the time; the kernel's
    # clock is this computer's.
    Fault.CLOCK_OFF: N_("the clock is 7 minutes fast"),
    # Real for its sessions: their time zone is another.
    Fault.WRONG_ZONE: N_("the time zone is wrong by two hours"),
    # Real: the file system of the answers folder is made as small as that.
    Fault.FULL_DISK: N_("20 MB are free where the answers go"),
    # Real: the answers folder is mounted read-only, or its right to write is taken.
    Fault.NOT_WRITABLE: N_("nothing can be written into the answers folder"),
    # Real processes of these names, which sleep.
    Fault.DISTURBING_PROCESS: N_("a program named zoom is running"),
    Fault.REMOTE_CONTROL: N_("a program named anydesk is running"),
    # Real states of a real sound server, whose devices are virtual.
    Fault.UNPLUGGED: N_("no headset is plugged in"),
    Fault.MONITOR_ONLY: N_("the microphone is gone; only a monitor of the earphones can be recorded"),
    Fault.WRONG_DEFAULT: N_("built-in microphone and loudspeakers are in use, not the headset"),
    Fault.MUTED: N_("the microphone is muted"),
    Fault.LOW_VOLUME: N_("the microphone's level is 10 %"),
    Fault.SOUND_HANGS: N_("the sound server does not answer"),
    # Real: version 1.0 is installed there by our own agent.
    Fault.OLD_SOFTWARE: N_("an older version of the exam program is installed"),
    # Real: a file lies where the installer needs a folder.
    Fault.INSTALL_FAILS: N_("the exam program cannot be installed"),
    # Real: its process is killed, and what it recorded is cut.
    Fault.PROGRAM_ENDED: N_("the exam program has crashed"),
}
"""In plain words, and as a comment what it really is."""

ISOLATED_ONLY: Final = frozenset(
    {Fault.NO_PYTHON, Fault.FULL_DISK, Fault.DISTURBING_PROCESS, Fault.REMOTE_CONTROL}
)
"""Made in a workstation's own name spaces: processes and mounts that no other seat sees."""


def parse(text: str) -> tuple[str, frozenset[Fault]]:
    """``SEAT=FAULT[,FAULT…]`` as seat and faults; nothing after ``=``, or ``well``, means none.

    Raises FaultUnknown."""
    seat, equals, names = (part.strip() for part in text.partition("="))
    wanted = {name.strip() for name in names.split(",")} - {"", "well"}
    unknown = sorted(wanted - set(Fault))
    if not seat or not equals or unknown:
        raise FaultUnknown(
            N_("'{text}' names no fault; there are: {faults}"), text=text, faults=", ".join(Fault)
        )
    return seat, frozenset(map(Fault, wanted))


def merged(texts: Iterable[str]) -> dict[str, frozenset[Fault]]:
    """Several of them; the same seat may be named more than once. Raises FaultUnknown."""
    found: dict[str, frozenset[Fault]] = {}
    for seat, faults in map(parse, texts):
        found[seat] = found.get(seat, frozenset()) | faults
    return found
