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
    MIC_MUTED = "mic-muted"
    MIC_GAIN_LOW = "mic-gain-low"
    DEAD_LEFT = "dead-left"
    DEAD_RIGHT = "dead-right"
    SWAPPED = "swapped"
    MONO = "mono"
    CLIPPING = "clipping"
    HUM = "hum"
    NOISE = "noise"
    GAP = "gap"
    WRONG_RATE = "wrong-rate"
    WRONG_DEVICE = "wrong-device"
    SOURCE_REMOVED = "source-removed"
    NEIGHBOUR_PLUG = "neighbour-plug"
    LOOPBACK = "loopback"
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
    # What a real microphone would give, computed in the real sound server (earcups.c).
    Fault.MIC_MUTED: N_("the microphone is switched off at the headset's cable"),
    Fault.MIC_GAIN_LOW: N_("the microphone is far too quiet"),
    Fault.DEAD_LEFT: N_("the left earphone is dead"),
    Fault.DEAD_RIGHT: N_("the right earphone is dead"),
    Fault.SWAPPED: N_("left and right are swapped"),
    Fault.MONO: N_("both earphones play the same"),
    Fault.CLIPPING: N_("the microphone is far too loud, and cuts off"),
    Fault.HUM: N_("the microphone hums"),
    Fault.NOISE: N_("the microphone hisses"),
    Fault.GAP: N_("ten milliseconds of every second of the recording are lost"),
    Fault.LOOPBACK: N_("the earphones are wired to the microphone: no sound goes through air"),
    # Real: samples taken 44,100 times a second are called 48,000.
    Fault.WRONG_RATE: N_("the microphone records at another rate than it says"),
    # Real states of a real sound server, as above.
    Fault.WRONG_DEVICE: N_("another microphone than the headset's is in use"),
    # Real: the device goes away two seconds after somebody begins to record.
    Fault.SOURCE_REMOVED: N_("the microphone's plug is pulled in the middle of the sound test"),
    # Simulated: what the neighbour's sound server plays comes through these earphones, and the other way.
    Fault.NEIGHBOUR_PLUG: N_("its earphones and the next seat's are plugged into each other's computers"),
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
