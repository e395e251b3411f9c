"""One check of one workstation: what was measured against which limit, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from labcheck.errors import N_
from labcheck.headset.causes import Cause
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING, Phrase


class Check(StrEnum):
    """What is checked, in the order in which it is told. The values stand in records: they never change."""

    CONNECTION = "connection"
    INSTALL = "install"
    SYSTEM = "system"
    PROCESSOR = "processor"
    MEMORY = "memory"
    SCREEN = "screen"
    VIRTUAL = "virtual"
    DISK = "disk"
    ANSWERS_WRITABLE = "answers-writable"
    ANSWERS_PATH = "answers-path"
    CLOCK = "clock"
    TIME_ZONE = "time-zone"
    POWER = "power"
    BATTERY = "battery"
    SLEEP = "sleep"
    HIBERNATION = "hibernation"
    UPDATES = "updates"
    PROCESSES = "processes"
    REMOTE_CONTROL = "remote-control"
    NETWORK = "network"
    SESSION = "session"
    SOFTWARE = "software"
    SOFTWARE_FILES = "software-files"
    HEADSET = "headset"
    DEFAULT_INPUT = "default-input"
    DEFAULT_OUTPUT = "default-output"
    INPUT_MUTED = "input-muted"
    OUTPUT_MUTED = "output-muted"
    INPUT_VOLUME = "input-volume"
    OUTPUT_VOLUME = "output-volume"
    OTHER_SOUND = "other-sound"
    SOUND_PATH = "sound-path"
    EARS = "headset-ears"
    CHANNELS = "headset-channels"
    LOOP_LEVEL = "headset-level"
    STILLNESS = "headset-noise"
    SOUND_QUALITY = "headset-quality"
    STREAM = "headset-stream"
    NEIGHBOURS = "headset-neighbours"
    NUMBERS = "spoken-numbers"
    VOICE = "spoken-voice"


HEADSET = (
    Check.SOUND_PATH,
    Check.EARS,
    Check.CHANNELS,
    Check.LOOP_LEVEL,
    Check.STILLNESS,
    Check.SOUND_QUALITY,
    Check.STREAM,
    Check.NEIGHBOURS,
)
"""What the test of the headsets tells; the last one only where several seats were tested together."""
SPOKEN = (Check.NUMBERS, Check.VOICE)
"""What a person who listens and speaks tells of a headset."""

TITLES = {
    Check.CONNECTION: N_("Connection"),
    Check.INSTALL: N_("Installation"),
    Check.SYSTEM: N_("Operating system"),
    Check.PROCESSOR: N_("Processor"),
    Check.MEMORY: N_("Memory"),
    Check.SCREEN: N_("Screen"),
    Check.VIRTUAL: N_("Virtual machine"),
    Check.DISK: N_("Free disk space for answers"),
    Check.ANSWERS_WRITABLE: N_("Writing into the answers folder"),
    Check.ANSWERS_PATH: N_("Path of the answers folder"),
    Check.CLOCK: N_("Clock"),
    Check.TIME_ZONE: N_("Time zone"),
    Check.POWER: N_("Mains power"),
    Check.BATTERY: N_("Battery"),
    Check.SLEEP: N_("Sleep when idle"),
    Check.HIBERNATION: N_("Hibernation when idle"),
    Check.UPDATES: N_("Updates"),
    Check.PROCESSES: N_("Disturbing programs"),
    Check.REMOTE_CONTROL: N_("Remote control"),
    Check.NETWORK: N_("Network"),
    Check.SESSION: N_("Exam account at the screen"),
    Check.SOFTWARE: N_("Exam program"),
    Check.SOFTWARE_FILES: N_("Files of the exam program"),
    Check.HEADSET: N_("Headset"),
    Check.DEFAULT_INPUT: N_("Microphone in use"),
    Check.DEFAULT_OUTPUT: N_("Earphones in use"),
    Check.INPUT_MUTED: N_("Sound of the microphone"),
    Check.OUTPUT_MUTED: N_("Sound of the earphones"),
    Check.INPUT_VOLUME: N_("Microphone level"),
    Check.OUTPUT_VOLUME: N_("Volume in the earphones"),
    Check.OTHER_SOUND: N_("Other sound devices"),
    Check.SOUND_PATH: N_("Sound path opened and recorded"),
    Check.EARS: N_("Both ears heard by the microphone"),
    Check.CHANNELS: N_("Left and right"),
    Check.LOOP_LEVEL: N_("Loudness of the headset"),
    Check.STILLNESS: N_("Noise of the microphone"),
    Check.SOUND_QUALITY: N_("Sound without distortion"),
    Check.STREAM: N_("Sound without gaps"),
    Check.NEIGHBOURS: N_("Signals of other seats"),
    Check.NUMBERS: N_("Numbers told apart by ear"),
    Check.VOICE: N_("Voice recorded and recognised"),
}
"""What each check is called on the screen and on paper."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a check. ``margin`` is how far the value lies within its limit as a share of the limit:
    1 is twice as good as demanded, 0 just enough, below 0 a failure; None where nothing is measured.

    ``measured`` holds a workstation's words cleaned and cut; ``remedy`` is empty for what is well.
    ``confidence`` is how sure the outcome is, 0...1, None where that is not known; ``cause`` is why a headset
    is no good.
    """

    check: Check
    outcome: Outcome
    measured: Phrase
    limit: Phrase = NOTHING
    margin: float | None = None
    remedy: Phrase = NOTHING
    confidence: float | None = None
    cause: Cause | None = None

    def said_at(self, seat: str, translate: Callable[[str], str]) -> str:
        """What was measured, where ``seat`` stands beside it already: an error's words begin with it."""
        return self.measured.said(translate).removeprefix(f"{seat}: ")
