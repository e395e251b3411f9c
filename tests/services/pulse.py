"""A private PulseAudio without hardware: a headset whose microphone hears what its earphones play."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.process import Process, program

EARPHONES = "Наушники «Класс»"
MICROPHONE = "Микрофон «Класс»"


class Sound:
    """A running server; ``server`` is for PULSE_SERVER."""

    def __init__(self, folder: Path) -> None:
        """Start it."""
        folder.mkdir(parents=True)
        (folder / "run").mkdir(mode=0o700)
        socket = folder / "native"
        self.server = f"unix:{socket}"
        self.env = {"PULSE_SERVER": self.server, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run")}
        usb = "device.vendor.id=046d device.product.id=0a44"
        ears = f"sink_name=ears sink_properties='device.description=\"{EARPHONES}\" {usb}'"
        mic = f"source_name=mic source_properties='device.description=\"{MICROPHONE}\" {usb}'"
        modules = [
            f"module-native-protocol-unix socket={socket} auth-anonymous=1",
            f"module-null-sink {ears}",
            "module-null-sink sink_name=air",
            f"module-remap-source master=air.monitor {mic}",
            "module-loopback source=ears.monitor sink=air latency_msec=20",
        ]
        self.process = Process(
            [program("pulseaudio"), "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
             "--disable-shm=yes", *(word for module in modules for word in ("-L", module))],
            folder / "log",
            env=self.env,
        )  # fmt: skip
        self.process.wait_ready(self._ready, "PulseAudio")
        self.tell("set-default-source", "mic")
        self.tell("set-default-sink", "ears")

    def _ready(self) -> bool:
        return "mic" in self._pactl("list", "short", "sources").stdout

    def _pactl(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [program("pactl"), *words]
        env = {**os.environ, **self.env}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=10)

    def tell(self, *words: str) -> str:
        """Give pactl a command that must work."""
        done = self._pactl(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def unplug_microphone(self) -> None:
        """Take the headset's microphone away, as a pulled plug does."""
        for line in self.tell("list", "short", "modules").splitlines():
            number, name, *_rest = line.split("\t")
            if name == "module-remap-source":
                self.tell("unload-module", number)

    def freeze(self) -> None:
        """Let the server hang."""
        os.kill(self.process.pid, signal.SIGSTOP)


@contextmanager
def sound_server(folder: Path) -> Iterator[Sound]:
    """Start a server, and end it for certain."""
    server = Sound(folder)
    try:
        yield server
    finally:
        server.process.kill()
