"""What the profile demands of a language lab's computers. A number of 0 and an empty list demand nothing.

Defaults marked [F] were found as requirements of the stations of the oral ЕГЭ; those marked [G] are good
practice. None is known to be required for ВПР: a school sets what its order says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from provision.site.fieldtypes import InsidePath
from provision.site.frozen import Frozen

_Argument = Annotated[str, Field(min_length=1, max_length=500)]
_Command = tuple[_Argument, ...]
_RANGE = r"^(100|\d{1,2})-(100|\d{1,2})$"


class System(StrEnum):
    """Operating systems of workstations."""

    WINDOWS = "windows"
    LINUX = "linux"


class SystemRule(Frozen):
    """An operating system that will do."""

    system: Annotated[System, Field(examples=["windows"])]
    """Windows or Linux."""
    version: Annotated[str, Field(pattern=r"^(\d{1,6}(\.\d{1,6}){0,3})?$", examples=["10"])] = ""
    """The oldest version that will do; empty: any."""
    name: Annotated[str, Field(max_length=40, examples=["ALT"])] = ""
    """What the system's own name must contain; empty: anything."""


class ProcessorRule(Frozen):
    """A processor that will do."""

    cores: Annotated[int, Field(ge=1, le=256, examples=["2"])]
    """At least this many cores of the rate in ``ghz``."""
    ghz: Annotated[float, Field(ge=0.1, le=20, examples=["2.5"])]
    """At least this clock rate, GHz; compared to the tenth."""


class SoftwareFileRule(Frozen):
    """A file of the oral-test software."""

    path: InsidePath
    """The file, relative to ``folder``."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$", examples=["64 digits and letters a to f"])]
    """Its SHA-256 checksum, as the page with the download states it."""


class StepsRule(Frozen):
    """How the oral-test software is put on one operating system. A command is a list: program, arguments."""

    install: Annotated[_Command, Field(min_length=1, examples=["[setup.exe, /S]"])]
    """The command that installs it without asking anything; it runs in the folder with the files."""
    check: Annotated[_Command, Field(examples=["[oral.exe, --version]"])] = ()
    """A command that succeeds when the software is installed."""
    uninstall: Annotated[_Command, Field(examples=["[uninstall.exe, /S]"])] = ()
    """The command that removes it again."""
    start: Annotated[_Command, Field(examples=["['C:\\oral\\oral.exe']"])] = ()
    """The command that starts the program, when a workstation's has ended during the exam; ``{folder}`` in it
    is the folder with the files."""
    answers: Annotated[str, Field(min_length=1, max_length=200, examples=["C:\\answers"])]
    """The folder on the computer where it records the answers; ``~`` is the exam account's home."""


class SoftwareRule(Frozen):
    """The oral-test software."""

    name: Annotated[str, Field(min_length=1, max_length=80, examples=["Станция записи ответов"])]
    """What it is called."""
    version: Annotated[str, Field(min_length=1, max_length=30, examples=["2.1"])]
    """Its version."""
    folder: InsidePath
    """Where its files lie, relative to the site."""
    files: Annotated[
        tuple[SoftwareFileRule, ...], Field(min_length=1, examples=["[{path: setup.exe, sha256: …}]"])
    ]
    """Its files with their checksums."""
    windows: Annotated[
        StepsRule | None, Field(examples=["{install: [setup.exe, /S], answers: 'C:\\answers'}"])
    ] = None
    """How it is installed under Windows."""
    linux: Annotated[StepsRule | None, Field(examples=["{install: [sh, setup.sh], answers: ~/answers}"])] = (
        None
    )
    """How it is installed under Linux."""
    process: Annotated[str, Field(max_length=60, examples=["oral.exe"])] = ""
    """What its program is called while it runs; watched during the exam."""
    public_key: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9+/]{43}=$", examples=["44 letters and digits"])
    ] = None
    """The maker's Ed25519 key in base64; with it, the files must be signed."""
    signature: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9+/]{86}==$", examples=["88 letters and digits"])
    ] = None
    """The maker's signature over name, version and checksums, in base64."""


class Boom(StrEnum):
    """The side of a headset on which its microphone's boom is."""

    UNKNOWN = ""
    LEFT = "left"
    RIGHT = "right"


_Decibels = Annotated[float, Field(ge=-100, le=0)]


class HeadsetLimits(Frozen):
    """Limits of the headsets' test that differ from the shipped ones; docs/headsets.md explains each."""

    least_gain_db: Annotated[_Decibels | None, Field(examples=["-71"])] = None
    """How quiet the louder earphone may be in the headset's own microphone, dB."""
    most_gain_db: Annotated[_Decibels | None, Field(examples=["-25"])] = None
    """How loud it may be, dB."""
    ear_difference_db: Annotated[float | None, Field(ge=3, le=60, examples=["22"])] = None
    """By how much one earphone may be quieter than the other, dB."""
    noise_dbfs: Annotated[_Decibels | None, Field(examples=["-46.5"])] = None
    """How loud the microphone's noise may be, dB below full scale."""
    hum_dbfs: Annotated[_Decibels | None, Field(examples=["-58"])] = None
    """How loud its hum may be, dB below full scale."""
    thd_db: Annotated[_Decibels | None, Field(examples=["-26"])] = None
    """How strong distortion may be, dB below the tone."""
    high_cut_db: Annotated[_Decibels | None, Field(examples=["-26"])] = None
    """How much weaker than the middle the highs may be, dB."""
    drift_ppm: Annotated[float | None, Field(ge=10, le=5000, examples=["300"])] = None
    """How far the clocks of playing and recording may differ, millionths."""
    neighbour_db: Annotated[_Decibels | None, Field(examples=["-6.5"])] = None
    """How loud another seat may be heard, dB below one's own earphones."""
    loopback_db: Annotated[_Decibels | None, Field(examples=["-22"])] = None
    """From which loudness on a wire instead of air is suspected, dB."""


class HeadsetCalibration(Frozen):
    """What a headset that is known to be good gave; 'labcheck calibrate' measures and writes it."""

    model: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$", examples=["'046d:0a44'"])]
    """The model's USB id."""
    left_db: Annotated[float, Field(ge=-100, le=20, examples=["-37.2"])]
    """How loud the microphone heard the left earphone, dB."""
    right_db: Annotated[float, Field(ge=-100, le=20, examples=["-40.1"])]
    """How loud it heard the right one, dB."""
    noise_dbfs: Annotated[float, Field(ge=-150, le=0, examples=["-62"])]
    """The noise of its microphone, dB below full scale."""
    inverted: Annotated[bool, Field(examples=["false"])] = False
    """Whether a good headset's earphones work against each other."""
    test_microphone_level: Annotated[int, Field(ge=10, le=100, examples=["80"])]
    """The microphone's level then, per cent."""
    test_volume: Annotated[int, Field(ge=10, le=100, examples=["80"])]
    """The volume then, per cent."""


class LabRules(Frozen):
    """What a language lab's computers must be and have."""

    systems: Annotated[tuple[SystemRule, ...], Field(examples=["[{system: windows, version: 10}]"])] = (
        SystemRule(system=System.WINDOWS, version="10"),
        SystemRule(system=System.LINUX),
    )
    """Operating systems, any of which will do [G]."""
    processors: Annotated[tuple[ProcessorRule, ...], Field(examples=["[{cores: 2, ghz: 2.5}]"])] = (
        ProcessorRule(cores=2, ghz=2.5),
        ProcessorRule(cores=1, ghz=3.0),
    )
    """Processors, any of which will do [F]."""
    memory_gb: Annotated[float, Field(ge=0, le=1024, examples=["4"])] = 4
    """Memory that is fitted, GB [F]."""
    free_disk_gb: Annotated[float, Field(ge=0, le=100_000, examples=["10"])] = 10
    """Free space on the disk where the answers go, GB [F]."""
    screen: Annotated[str, Field(pattern=r"^(\d{3,5}[x×х]\d{3,5})?$", examples=["1024x768"])] = "1024x768"
    """The least resolution [F]; empty: any."""
    clock_seconds: Annotated[int, Field(ge=0, le=3600, examples=["5"])] = 5
    """How far a clock may be wrong [G]."""
    mains: Annotated[bool, Field(examples=["true"])] = True
    """Whether notebooks must have their power adapter plugged in [G]."""
    battery_percent: Annotated[int, Field(ge=0, le=100, examples=["50"])] = 50
    """The least charge of a battery, where there is one [G]."""
    sleep_allowed: Annotated[bool, Field(examples=["false"])] = False
    """Whether a computer may go to sleep when idle [G]."""
    updates_allowed: Annotated[bool, Field(examples=["false"])] = False
    """Whether a restart for updates may be waiting [G]."""
    forbidden_programs: Annotated[tuple[_Argument, ...], Field(examples=["[zoom, discord]"])] = (
        "zoom",
        "skype",
        "teams",
        "discord",
        "telegram",
        "obs64",
    )
    """Programs that must not run: they use the microphone, or come to the front [G]."""
    remote_control_allowed: Annotated[bool, Field(examples=["false"])] = False
    """Whether programs for remote control may run [G]."""
    virtual_allowed: Annotated[bool, Field(examples=["false"])] = False
    """Whether a virtual machine will do [G]."""
    network_ms: Annotated[int, Field(ge=0, le=60_000, examples=["200"])] = 200
    """How long a computer may take to answer this one [G]."""
    headset: Annotated[bool, Field(examples=["true"])] = True
    """Whether every computer needs a headset [F]."""
    headset_models: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$")], ...],
        Field(examples=["['046d:0a44']"]),
    ] = ()
    """USB ids of the headsets that will do; empty: any headset."""
    headset_test: Annotated[bool, Field(examples=["true"])] = True
    """Whether every headset is proved: it plays and hears itself, all of a room at once. Otherwise only
    whether its sound opens is looked at, and every workstation bears the remark that it was not checked."""
    headset_boom: Annotated[Boom, Field(examples=["left"])] = Boom.UNKNOWN
    """The side of the microphone's boom: with it, exchanged earphones are found; empty: it is not known."""
    headset_limits: Annotated[HeadsetLimits, Field(examples=["{noise_dbfs: -50}"])] = HeadsetLimits()
    """Limits of that test that differ from the shipped ones."""
    headset_calibrations: Annotated[
        tuple[HeadsetCalibration, ...], Field(examples=["[{model: '046d:0a44', left_db: -37.2, …}]"])
    ] = ()
    """Models whose limits are narrowed by a headset that is known to be good ('labcheck calibrate')."""
    test_microphone_level: Annotated[int, Field(ge=10, le=100, examples=["80"])] = 80
    """At which level the microphone stands during the test, per cent; put back afterwards [G]."""
    test_volume: Annotated[int, Field(ge=10, le=100, examples=["80"])] = 80
    """At which volume the earphones play during the test, per cent; put back afterwards [G]."""
    microphone_level: Annotated[str, Field(pattern=_RANGE, examples=["40-100"])] = "40-100"
    """Between which levels the microphone must stand, per cent [G]."""
    volume: Annotated[str, Field(pattern=_RANGE, examples=["30-90"])] = "30-90"
    """Between which levels the volume in the earphones must stand, per cent [G]."""
    exam_session: Annotated[bool, Field(examples=["true"])] = True
    """Whether somebody must be logged in at the computer's screen: its sound belongs to that session [G]."""
    exam_user: Annotated[str, Field(max_length=60, examples=["exam"])] = ""
    """Which account that must be; empty: any."""
    watch_disk_mb: Annotated[int, Field(ge=0, le=1_000_000, examples=["500"])] = 500
    """During the exam: with less free space than so many MB where the answers go, it is told [G]."""
    watch_battery_percent: Annotated[int, Field(ge=0, le=100, examples=["15"])] = 15
    """During the exam: below so much charge of a battery that is in use, it is told [G]."""
    software: Annotated[
        SoftwareRule | None,
        Field(examples=["{name: Станция записи ответов, version: 2.1, folder: software, files: […]}"]),
    ] = None
    """The oral-test software; without it none is installed or checked."""
