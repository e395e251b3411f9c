"""A headset without hardware: a real PulseAudio whose microphone hears what its earphones play.

What is played passes a plugin of ours (earcups.c) in the sound server itself: each earcup leaks into the
microphone with a gain and a delay of its own, and the microphone adds its noise, so that it is never
absolutely silent. The plugin's output is a sink named ``air``, and the microphone is that sink's monitor
under another name. All have the USB ids of a headset. Nothing else is there, so that nothing else can be
chosen, unless a fault wants it so.
"""

from __future__ import annotations

import contextlib
import os
import random
import shlex
import signal
import subprocess
from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from labcheck.rehearsal.box import Box
from labcheck.rehearsal.faults import Fault
from labcheck.rehearsal.programs import earcups, program, until

MODEL = "046d:0a44"
"""What the headsets say they are; a profile may demand it."""
MICROPHONE_PERCENT, LOW_PERCENT, EARPHONES_PERCENT = 70, 10, 80
"""Earphones as loud as during the test: their volume turns the virtual microphone's noise and hum, too."""
OFF = -200.0
_PACTL_SECONDS = 10.0
_RATE = "rate=48000"
_USB = "device.bus=usb device.vendor.id={} device.product.id={}".format(*MODEL.split(":"))
_PCI = "device.bus=pci"
_PCM = "--raw --format=s16le --channels=1"
_BRIDGE_VOLUME = 19_650
"""Of 65,536, cubic: -31 dB. One channel without the other, made mono, loses 6 dB more: -37, as an earcup."""
_PULLED_SECONDS = 2
_PULLER = "puller"
"""What the shell is called that pulls a plug: the box's own shell must not be met when it is ended."""
_MODULES = ("module-remap-source", "module-pipe-source", "module-ladspa-sink", "module-null-sink")
"""In the order in which they are taken away: what builds on another one first."""
Device = tuple[str, ...]
"""A module of the sound server, and its arguments."""


@dataclass(frozen=True, slots=True)
class Cups:
    """The plugin's controls, in its order: dB, milliseconds, 0 or 1 (see earcups.c)."""

    left_db: float = -37.0
    right_db: float = -40.0
    left_ms: float = 0.4
    right_ms: float = 0.6
    fold: int = 0
    dull: int = 1
    noise_db: float = -62.0
    hum_db: float = OFF
    mic_db: float = 0.0
    top_db: float = 0.0
    gap_ms: float = 0.0

    @classmethod
    def of(cls, seat: str) -> Cups:
        """A healthy headset; no two are quite the same. The microphone's boom is on the left."""
        chance = random.Random(seat)  # noqa: S311 - nothing secret
        left, ms = chance.uniform(-39, -35), chance.uniform(0.3, 0.5)
        return cls(left, left - chance.uniform(2.5, 4), ms, ms + chance.uniform(0.1, 0.3))

    def with_faults(self, faults: Collection[Fault]) -> Cups:
        """The same headset, broken."""
        changes: dict[str, float] = {}
        for fault in sorted(set(faults) & set(_BROKEN)):
            changes.update(_BROKEN[fault])
        return replace(self, **changes)  # type: ignore[arg-type]

    def controls(self) -> str:
        """As the sound server takes them."""
        return "control=" + ",".join(f"{value:.3f}" for value in astuple(self))


_BROKEN: dict[Fault, dict[str, float]] = {
    Fault.MIC_MUTED: {"mic_db": OFF},
    Fault.MIC_GAIN_LOW: {"mic_db": -27.0, "noise_db": -45.0},
    Fault.DEAD_LEFT: {"left_db": OFF},
    Fault.DEAD_RIGHT: {"right_db": OFF},
    Fault.SWAPPED: {"fold": 2},
    Fault.MONO: {"fold": 1},
    Fault.CLIPPING: {"mic_db": 26.0, "top_db": -24.0},
    Fault.HUM: {"hum_db": -42.0},
    Fault.NOISE: {"noise_db": -28.0},
    Fault.GAP: {"gap_ms": 10.0},
    Fault.LOOPBACK: {"left_db": 0.0, "right_db": 0.0, "dull": 0, "noise_db": -80.0},
}


def _set(prefix: str, names: tuple[str, str, str], told: str, cups: Cups) -> list[Device]:
    """Air, earphones and a microphone that belong together."""
    air, ears, mic = f"{prefix}air", f"{prefix}ears", f"{prefix}mic"
    in_air, on_ears, of_mic = (f"'device.description=\"{name}\" {told}'" for name in names)
    # Without rewinds: what was heard once is not taken back.
    null = ("module-null-sink", f"sink_name={air}", "norewinds=1", "channels=1", _RATE)
    # The sound server applies the earphones' volume behind the plugin, to the microphone's noise, too.
    plugin = ("plugin=earcups", "label=earcups", cups.controls())
    over = ("module-ladspa-sink", f"sink_name={ears}", f"sink_master={air}", "channels=2", _RATE)
    return [
        (*null, f"sink_properties={in_air}"),
        (*over, *plugin, f"sink_properties={on_ears}"),
        ("module-remap-source", f"source_name={mic}", f"master={air}.monitor", f"source_properties={of_mic}"),
    ]


_NAMES = ("Воздух у гарнитуры", "Наушники гарнитуры", "Микрофон гарнитуры")
_BUILT_IN = ("Воздух у компьютера", "Встроенные динамики", "Встроенный микрофон")
_FAR_AWAY = Cups(left_db=-75.0, right_db=-75.0, noise_db=-52.0)
"""What a microphone in the computer hears of a headset."""


class Headset:
    """The sound of one seat. ``server`` is for PULSE_SERVER."""

    def __init__(self, box: Box, folder: Path, cups: Cups | None = None) -> None:
        """Start the sound server in the box, with the headset plugged in. ``cups``: how it sounds when well.

        Raises SeatFailed, ProgramMissing."""
        self._box = box
        self._well = cups or Cups.of(box.seat)
        self._plugins = earcups(folder.parent).parent
        self._runtime = folder / "sound"
        self._runtime.mkdir(mode=0o700)
        socket = self._runtime / "native"
        self.server = f"unix:{socket}"
        self._devices: Sequence[Device] = []
        self._faults: Collection[Fault] = ()
        self._neighbour: str | None = None
        self._pulled = False
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
        self._faults = faults
        wanted = self._wanted(faults)
        if wanted != self._devices or self._pulled:
            self._plug(wanted)
        source, sink = "mic", "ears"
        if Fault.MONITOR_ONLY in faults:
            source = "ears.monitor"
        if {Fault.WRONG_DEFAULT, Fault.WRONG_DEVICE} & set(faults):
            source = "built-in-mic"
        if Fault.WRONG_DEFAULT in faults:
            sink = "built-in-ears"
        if wanted:
            percent = LOW_PERCENT if Fault.LOW_VOLUME in faults else MICROPHONE_PERCENT
            self._tell("set-default-sink", sink)
            self._tell("set-default-source", source)
            self._tell("set-source-mute", source, "1" if Fault.MUTED in faults else "0")
            self._tell("set-source-volume", source, f"{percent}%")
            self._tell("set-sink-volume", sink, f"{EARPHONES_PERCENT}%")
        self._pulled = Fault.SOURCE_REMOVED in faults
        if self._pulled:
            self._pull_later()
        self._freeze(frozen=Fault.SOUND_HANGS in faults)

    def sound_like(self, cups: Cups) -> None:
        """Be another headset."""
        self._well = cups
        self.set(self._faults)

    @contextlib.contextmanager
    def exact_times(self) -> Iterator[None]:
        """Have the server say to the millisecond when it plays, which costs processor time."""
        told = {**os.environ, **self._env(), "PULSE_SERVER": self.server}
        listener = [program("parec"), "--device=air.monitor", "--latency-msec=1"]
        with subprocess.Popen(listener, env=told, stdout=subprocess.DEVNULL) as process:
            try:
                yield
            finally:
                process.kill()

    def hear(self, server: str | None) -> None:
        """Hear the earphones of the seat whose sound server that is, and not one's own, which are plugged in
        there; None: one's own."""
        if server != self._neighbour:
            self._neighbour = server
            self.set(self._faults)
        self._box.kill("pacat")
        if server is None or not self._devices:
            return
        play = f"{program('parec')} {_PCM} --rate=48000 --latency-msec=50 --device=ears.monitor"
        into = f"{program('pacat')} --playback {_PCM} --rate=48000 --latency-msec=200 --device=air"
        env = " ".join(f"{name}={shlex.quote(value)}" for name, value in self._env().items())
        self._box.run(
            f"{env} PULSE_SERVER={shlex.quote(server)} {play} |"
            f" {env} PULSE_SERVER={shlex.quote(self.server)} {into} --volume={_BRIDGE_VOLUME} &"
        )

    def _wanted(self, faults: Collection[Fault]) -> Sequence[Device]:
        devices: list[Device] = []
        if Fault.UNPLUGGED not in faults:
            devices = _set("", _NAMES, _USB, self._cups(faults))
            if Fault.MONITOR_ONLY in faults:
                del devices[-1]
            elif Fault.WRONG_RATE in faults:
                devices[-1] = self._pipe()
        if {Fault.WRONG_DEFAULT, Fault.WRONG_DEVICE} & set(faults):
            devices += _set("built-in-", _BUILT_IN, _PCI, _FAR_AWAY)
        return devices

    def _cups(self, faults: Collection[Fault]) -> Cups:
        cups = self._well.with_faults(faults)
        return cups if self._neighbour is None else replace(cups, left_db=OFF, right_db=OFF)

    def _pipe(self) -> Device:
        """A microphone that calls whatever comes through a pipe 48,000 samples a second."""
        told = f"source_properties='device.description=\"{_NAMES[2]}\" {_USB}'"
        return ("module-pipe-source", "source_name=mic", f"file={self._fifo}", _RATE, "channels=1", told)

    @property
    def _fifo(self) -> Path:
        return self._runtime / "samples"

    def _plug(self, wanted: Sequence[Device]) -> None:
        for name in ("pacat", "parec", _PULLER):
            self._box.kill(name)
        had = {device[0] for device in self._devices}
        for module in _MODULES:  # by name: all of them
            if module in had:
                self._pactl("unload-module", module)  # gone already when it was pulled
        for device in wanted:
            self._tell("load-module", *device)
        self._devices = wanted
        told = {**self._env(), "PULSE_SERVER": self.server}
        if any(device[1] == "sink_name=air" for device in wanted):
            # A null sink is as slow as the most patient of those who listen, and its times as coarse.
            self._box.run(f"{program('parec')} --device=air.monitor --latency-msec=20 >/dev/null &", told)
        if any(device[0] == "module-pipe-source" for device in wanted):
            slower = f"{_PCM} --rate=44100 --latency-msec=20 --device=air.monitor"
            self._box.run(f"{program('parec')} {slower} >{shlex.quote(str(self._fifo))} &", told)

    def _pull_later(self) -> None:
        """Pull the microphone out when a test has played and recorded for some time, and still does.

        Its streams are open before that, for as long as other seats take to be ready: without a sound."""
        sounds = "/ALSA plug-in/ && /Corked: no/ && /Buffer Latency: [1-9]/"
        listed = f"LC_ALL=C {program('pactl')} list sink-inputs"
        plays = f"{listed} | awk -v RS= '{sounds} {{yes = 1}} END {{exit !yes}}'"
        pull = f"{program('pactl')} unload-module module-remap-source"
        script = f"until {plays} && sleep {_PULLED_SECONDS} && {plays}; do sleep 0.1; done; {pull}"
        told = {**self._env(), "PULSE_SERVER": self.server}
        shell = self._runtime / _PULLER
        if not shell.is_symlink():
            shell.symlink_to(program("sh"))
        self._box.run(f"{shlex.quote(str(shell))} -c {shlex.quote(script)} &", told)

    def _freeze(self, *, frozen: bool) -> None:
        if frozen != self._frozen:
            self._box.signal("pulseaudio", signal.SIGSTOP if frozen else signal.SIGCONT)
            self._frozen = frozen

    def _env(self) -> dict[str, str]:
        runtime = str(self._runtime)
        return {
            "PULSE_SERVER": "",
            "HOME": runtime,
            "XDG_RUNTIME_DIR": runtime,
            "LC_ALL": "C.UTF-8",
            "LADSPA_PATH": str(self._plugins),
        }

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
