"""A private PipeWire with its session manager and its PulseAudio side: a virtual headset as on a desktop."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labcheck.rehearsal.headset import Cups
from labcheck.rehearsal.programs import earcups
from tests.services.process import Process, program

MONO = ("master=air.monitor", "channel_map=mono", "master_channel_map=front-left", "remix=no")
"""Both channels are the same; two made one would be 3 dB louder."""

_MODULES = ("module-remap-source", "module-ladspa-sink", "module-null-sink")
"""In the order in which they are taken away."""


class PipeWire:
    """A running one; ``server`` is for PULSE_SERVER."""

    def __init__(self, folder: Path) -> None:
        """Start it, with nothing plugged in."""
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self.server = f"unix:{runtime}/pulse/native"
        self._env = {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(runtime),
            "PIPEWIRE_RUNTIME_DIR": str(runtime),
            "LC_ALL": "C.UTF-8",
            "LADSPA_PATH": str(earcups(folder).parent),
        }
        self._processes: list[Process] = []
        manager = [program("dbus-run-session"), "--", program("wireplumber")]
        try:
            for command in ([program("pipewire")], manager, [program("pipewire-pulse")]):
                log = folder / f"{len(self._processes)}.log"
                self._processes.append(Process(command, log, env=self._env))
                if len(self._processes) == 1:
                    self._processes[0].wait_ready((runtime / "pipewire-0").exists, "PipeWire")
            self._processes[-1].wait_ready(self._ready, "PipeWire's PulseAudio side")
        except BaseException:
            self.stop()
            raise

    def plug_in(self, cups: Cups) -> None:
        """A headset that sounds like that, in place of another one; what it is, is told as ALSA would."""
        for module in _MODULES:
            self._pactl("unload-module", module)  # by name: all of them; none the first time
        self.tell("load-module", "module-null-sink", "sink_name=air", "channels=2", "rate=48000")
        plugin = ("plugin=earcups", "label=earcups", "channels=2", cups.controls())
        self.tell("load-module", "module-ladspa-sink", "sink_name=ears", "sink_master=air", *plugin)
        self.tell("load-module", "module-remap-source", "source_name=mic", *MONO)
        self.tell("set-default-sink", "ears")
        self.tell("set-default-source", "mic")

    def tell(self, *words: str) -> str:
        """Give pactl a command that must work."""
        done = self._pactl(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        """End it for certain."""
        while self._processes:
            self._processes.pop().kill()

    def _ready(self) -> bool:
        return self._pactl("info").returncode == 0

    def _pactl(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [program("pactl"), "-s", self.server, *words]
        env = {**os.environ, "LC_ALL": "C.UTF-8"}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=20)


@contextmanager
def pipewire() -> Iterator[PipeWire]:
    """Start one, and end it."""
    with tempfile.TemporaryDirectory(prefix="pw-") as folder:
        running = PipeWire(Path(folder))
        try:
            yield running
        finally:
            running.stop()
