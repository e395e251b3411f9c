"""A headset without hardware: a real PulseAudio whose microphone hears what its earphones play.

Earphones are a null sink, the microphone is that sink's monitor under another name, with the USB ids of a
headset. Nothing else is there, so that nothing else can be chosen, unless a fault wants it so. A quiet noise
plays all the time, because no real room is absolutely silent.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

from labcheck.rehearsal.box import Box
from labcheck.rehearsal.faults import Fault
from labcheck.rehearsal.programs import program, until

MODEL = "046d:0a44"
"""What the headsets say they are; a profile may demand it."""
FAULTS = frozenset(
    {
        Fault.UNPLUGGED,
        Fault.MONITOR_ONLY,
        Fault.WRONG_DEFAULT,
        Fault.MUTED,
        Fault.LOW_VOLUME,
        Fault.SOUND_HANGS,
    }
)
MICROPHONE_PERCENT, LOW_PERCENT, EARPHONES_PERCENT = 70, 10, 60
_PACTL_SECONDS = 10.0
_NOISE = "--playback --raw --format=s16le --rate=48000 --channels=1 --volume=16384 --latency-msec=1000"
"""White, at full scale before its volume of 25 %: with those of sink and source about -63 dB."""
_RATE = "rate=48000"
Device = tuple[str, ...]
"""A module of the sound server, and its arguments."""
_USB = "device.bus=usb device.vendor.id={} device.product.id={}".format(*MODEL.split(":"))
EARS = (
    "module-null-sink",
    "sink_name=ears",
    _RATE,
    f"sink_properties='device.description=\"Наушники гарнитуры\" {_USB}'",
)
MICROPHONE = (
    "module-remap-source",
    "source_name=mic",
    "master=ears.monitor",
    f"source_properties='device.description=\"Микрофон гарнитуры\" {_USB}'",
)
BUILT_IN = (
    (
        "module-null-sink",
        "sink_name=builtin",
        _RATE,
        "sink_properties='device.description=\"Встроенные динамики\" device.bus=pci'",
    ),
    (
        "module-remap-source",
        "source_name=builtin-mic",
        "master=builtin.monitor",
        "source_properties='device.description=\"Встроенный микрофон\" device.bus=pci'",
    ),
)
NOISY = {EARS: "ears", BUILT_IN[0]: "builtin"}
"""Outputs that a room's noise is mixed into."""


class Headset:
    """The sound of one seat. ``server`` is for PULSE_SERVER."""

    def __init__(self, box: Box, folder: Path) -> None:
        """Start the sound server in the box, with the headset plugged in. Raises SeatFailed."""
        self._box = box
        self._runtime = folder / "sound"
        self._runtime.mkdir(mode=0o700)
        socket = self._runtime / "native"
        self.server = f"unix:{socket}"
        self._devices: Sequence[Device] = []
        self._frozen = False
        words = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
        module = f"module-native-protocol-unix socket={socket} auth-anonymous=1"
        command = f"{program('pulseaudio')} {' '.join(words)} -L '{module}' &"
        box.run(command, self._env())
        if not until(lambda: self._pactl("info").returncode == 0):
            raise box.failed("PulseAudio")
        self.set(frozenset())

    def set(self, faults: Collection[Fault]) -> None:
        """Be as these faults have it, and well otherwise; devices that stay are not touched."""
        self._freeze(frozen=False)
        wanted = self._wanted(faults)
        if wanted != self._devices:
            self._plug(wanted)
        source, sink = "mic", "ears"
        if Fault.MONITOR_ONLY in faults:
            source = "ears.monitor"
        if Fault.WRONG_DEFAULT in faults:
            source, sink = "builtin-mic", "builtin"
        if wanted:
            percent = LOW_PERCENT if Fault.LOW_VOLUME in faults else MICROPHONE_PERCENT
            self._tell("set-default-sink", sink)
            self._tell("set-default-source", source)
            self._tell("set-source-mute", source, "1" if Fault.MUTED in faults else "0")
            self._tell("set-source-volume", source, f"{percent}%")
            self._tell("set-sink-volume", sink, f"{EARPHONES_PERCENT}%")
        self._freeze(frozen=Fault.SOUND_HANGS in faults)

    def _wanted(self, faults: Collection[Fault]) -> Sequence[Device]:
        devices: list[Device] = [] if Fault.UNPLUGGED in faults else [EARS, MICROPHONE]
        if Fault.MONITOR_ONLY in faults:
            devices = [device for device in devices if device is not MICROPHONE]
        return devices + ([*BUILT_IN] if Fault.WRONG_DEFAULT in faults else [])

    def _plug(self, wanted: Sequence[Device]) -> None:
        for module in (MICROPHONE[0], EARS[0]):  # by name: all of them; what builds on another one first
            if any(device[0] == module for device in self._devices):
                self._tell("unload-module", module)
        self._box.kill("pacat")
        for device in wanted:
            self._tell("load-module", *device)
            if device in NOISY:
                noise = f"{program('pacat')} {_NOISE} --device={NOISY[device]} /dev/urandom &"
                self._box.run(noise, {**self._env(), "PULSE_SERVER": self.server})
        self._devices = wanted

    def _freeze(self, *, frozen: bool) -> None:
        if frozen != self._frozen:
            self._box.signal("pulseaudio", signal.SIGSTOP if frozen else signal.SIGCONT)
            self._frozen = frozen

    def _env(self) -> dict[str, str]:
        runtime = str(self._runtime)
        return {"PULSE_SERVER": "", "HOME": runtime, "XDG_RUNTIME_DIR": runtime, "LC_ALL": "C.UTF-8"}

    def _pactl(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [program("pactl"), *words]
        env = {**os.environ, **self._env(), "PULSE_SERVER": self.server}
        with contextlib.suppress(subprocess.TimeoutExpired):
            return subprocess.run(
                command, env=env, capture_output=True, text=True, check=False, timeout=_PACTL_SECONDS
            )
        return subprocess.CompletedProcess(command, 1, "", "no answer")

    def _tell(self, *words: str) -> None:
        """Give pactl a command that must work. Raises SeatFailed."""
        done = self._pactl(*words)
        if done.returncode != 0:
            raise self._box.failed(f"pactl {words[0]}: {done.stderr.strip()}")
