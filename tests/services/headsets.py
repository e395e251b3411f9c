"""A seat's virtual headset with the real agent beside it: what the room's test meets, without SSH."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labcheck.link import Link
from labcheck.rehearsal.box import Box
from labcheck.rehearsal.headset import Cups, Headset
from tests.services.agents import agent
from tests.services.process import program


class Seat:
    """A sound server with a headset, and an agent; ``home`` is the agent's."""

    def __init__(self, headset: Headset, link: Link, home: Path) -> None:
        """See :func:`seat`."""
        self.headset, self.link, self.home = headset, link, home

    def tell(self, *words: str) -> str:
        """Give pactl a command that must work."""
        command = [program("pactl"), "-s", self.headset.server, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def levels(self) -> tuple[str, ...]:
        """Volume and mute of both devices, to the last step of each channel."""
        asked = (
            ("get-sink-volume", "ears"),
            ("get-sink-mute", "ears"),
            ("get-source-volume", "mic"),
            ("get-source-mute", "mic"),
        )
        return tuple(self.tell(*words) for words in asked)


@contextmanager
def box(name: str) -> Iterator[tuple[Box, Path]]:
    """A box of processes, and a folder whose name is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="seat-") as folder:
        made = Box(name, Path(folder) / "log")
        try:
            (Path(folder) / name).mkdir()
            yield made, Path(folder) / name
        finally:
            made.close()


@contextmanager
def seat(name: str, cups: Cups | None = None) -> Iterator[Seat]:
    """A seat whose headset is well, and sounds as ``cups`` has it."""
    with box(name) as (made, folder):
        headset = Headset(made, folder, cups)
        home = folder / "home"
        with agent(home, {"PULSE_SERVER": headset.server}) as link:
            yield Seat(headset, link, home)
