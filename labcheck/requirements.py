"""What a workstation must be and have. Limits only; judging is in :mod:`labcheck.verdict`.

A limit that is None, or a list that is empty, is not demanded, and nothing is said of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class SystemVersion:
    """An operating system that will do: ``system`` is "windows" or "linux". ``name`` must be found in the
    system's own name when given; ``version`` is the oldest that will do, "10" or "10.0.17763"."""

    system: str
    version: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Processor:
    """A processor that will do: at least this many cores of at least this clock rate, MHz."""

    cores: int
    mhz: int


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included; sound levels, per cent."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class SoftwareFile:
    """A file of the oral-test software: its path below the software's folder (with ``/``), and what its
    content must be, as 64 lower-case hexadecimal digits."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Steps:
    """How the software is put on one operating system: commands as argument lists, no shell.

    ``check`` must end with status 0 once the software is installed. ``answers`` is the folder that it records
    into; a leading ``~`` is the exam account's home. ``start`` starts the program in the session at the
    screen; ``{folder}`` in it is the software's folder.
    """

    install: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    uninstall: tuple[str, ...] = ()
    answers: str = ""
    start: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Software:
    """The oral-test software. ``steps`` maps "windows" and "linux" to what is done there.

    ``public_key`` is an Ed25519 key and ``signature`` its signature over :meth:`manifest`, both base64;
    without a key the checksums alone vouch for the files. ``process`` is what its process is called.
    """

    name: str
    version: str
    files: tuple[SoftwareFile, ...] = ()
    steps: Mapping[str, Steps] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    process: str = ""
    public_key: str | None = None
    signature: str | None = None

    def manifest(self) -> bytes:
        """What is signed: name and version, then a line for every file as ``sha256sum`` writes it."""
        lines = [f"{self.name} {self.version}", *(f"{f.sha256}  {f.path}" for f in self.files)]
        return "".join(line + "\n" for line in lines).encode()


@dataclass(frozen=True, slots=True)
class HeadsetModel:
    """What a known-good headset of a model gave, see labcheck.headset.calibration: ``model`` is its USB id;
    gains of both ears, dB; whether a good one's ears are of opposite polarity; its noise, dBFS."""

    model: str
    left_db: float
    right_db: float
    inverted: bool = False
    noise_dbfs: float = math.nan


@dataclass(frozen=True, slots=True)
class HeadsetTest:
    """How all headsets of a room are proved together: volumes for the time of the test, per cent; the side of
    the microphone's boom ("left", "right", empty: not known); limits that differ from those of
    :class:`labcheck.headset.limits.Limits`, by its names; models that were calibrated."""

    microphone_percent: int = 80
    earphones_percent: int = 80
    boom: str = ""
    limits: tuple[tuple[str, float], ...] = ()
    models: tuple[HeadsetModel, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirements:
    """All that a profile demands of a workstation. Sizes are in MB of 2**20 bytes."""

    systems: tuple[SystemVersion, ...] = ()
    """Any one of them will do."""
    processors: tuple[Processor, ...] = ()
    """Any one of them will do: two slow cores may be as good as a fast one."""
    min_memory_mb: int | None = None
    """Memory that is fitted; a system sees a little less."""
    min_free_disk_mb: int | None = None
    """Free where the answers go."""
    answers_writable: bool = False
    plain_answers_path: bool = False
    """Whether the path of the answers folder had better be Latin letters alone."""
    min_screen: tuple[int, int] | None = None
    """Width and height, pixels."""
    max_clock_offset_s: float | None = None
    utc_offset_minutes: int | None = None
    """What the time zone must come to at this time of the year."""
    ac_power: bool = False
    min_battery_percent: int | None = None
    """Where there is a battery."""
    forbid_sleep: bool = False
    """Neither standby nor hibernation after some idle time."""
    forbid_updates: bool = False
    """No restart pending; an update under way is a warning."""
    forbid_processes: tuple[str, ...] = ()
    """Names of programs, with or without ``.exe``, in any case."""
    forbid_remote_control: bool = False
    forbid_vm: bool = False
    max_network_ms: float | None = None
    headset: bool = False
    """A microphone and earphones must be there, and be the default ones."""
    headset_usb_ids: tuple[str, ...] = ()
    """Models that will do, "046d:0a44"; empty: any."""
    headset_test: HeadsetTest | None = None
    """None: only whether sound gets through is looked at."""
    input_volume: Range | None = None
    output_volume: Range | None = None
    exam_session: bool = False
    """Somebody must be logged in at the screen: sound belongs to that session."""
    exam_user: str = ""
    """Who that must be; empty: whoever it is."""
    software: Software | None = None
