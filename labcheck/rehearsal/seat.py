"""One virtual workstation: a box with a home, a headset and an SSH server in it."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from labcheck.rehearsal import examprogram, programs, sshserver
from labcheck.rehearsal.box import Box
from labcheck.rehearsal.faults import Fault
from labcheck.rehearsal.headset import Headset
from labcheck.rehearsal.inside import Inside
from labcheck.rehearsal.relay import Relay

SLOW_SECONDS = 0.15
"""Held back each way."""
CLOCK_OFF_SECONDS = 7 * 60
ZONE_OFF_MINUTES = 120
_OF_THE_SERVER = frozenset(
    {Fault.DEAD, Fault.CHANGED_KEY, Fault.NO_SFTP, Fault.SLOW, Fault.CLOCK_OFF, Fault.WRONG_ZONE}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a seat's server listens."""

    seat: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Keys:
    """Key files of a seat: its own, the one that it shows after a "reinstallation", and who may log in."""

    host: Path
    other: Path
    authorized: Path


class Seat:
    """A running workstation; it is changed by one thread at a time."""

    def __init__(self, place: Place, folder: Path, keys: Keys, utc_offset_minutes: int) -> None:
        """Switch it on, but do not let anybody in: that is for ``set``. Raises RehearsalError, OSError."""
        self.place = place
        self.faults: frozenset[Fault] | None = None
        self._folder, self._keys, self._offset = folder, keys, utc_offset_minutes
        self._relay: Relay | None = None
        folder.mkdir(parents=True)
        self.home = folder / "home"
        self.box = Box(place.seat, folder / "log")
        try:
            self._inside = Inside(self.box, self.home)
            self._headset = Headset(self.box, folder)
        except BaseException:
            self.box.close()
            raise

    @property
    def host_key(self) -> str:
        """What its server shows now, or would if it were on."""
        return sshserver.keypair(self._key(self.faults or ()))

    @property
    def sound_server(self) -> str:
        """For PULSE_SERVER."""
        return self._headset.server

    def hear(self, server: str | None) -> None:
        """Hear the earphones of another seat, None: one's own. Raises SeatFailed."""
        self._headset.hear(server)

    def _key(self, faults: Collection[Fault]) -> Path:
        return self._keys.other if Fault.CHANGED_KEY in faults else self._keys.host

    def set(self, faults: Collection[Fault]) -> None:
        """Have these faults and no others. What is not concerned goes on. Raises RehearsalError, OSError."""
        had, wanted = self.faults, frozenset(faults)
        if wanted == had:
            return
        if had is not None and Fault.HANGS in had:
            self.box.signal("sshd", signal.SIGCONT)
        if Fault.OLD_SOFTWARE in wanted - (had or frozenset()):
            examprogram.install_old(self.home)
        self._headset.set(wanted)
        self._inside.set(wanted)
        if had is None or (had ^ wanted) & _OF_THE_SERVER:
            self._serve(wanted)
        if had is not None and (wanted - had) & {Fault.DEAD, Fault.PROGRAM_ENDED}:
            self.box.kill(examprogram.PROCESS)
        if Fault.HANGS in wanted:
            self.box.signal("sshd", signal.SIGSTOP)
        self.faults = wanted

    @property
    def takes_pupils(self) -> bool:
        """Whether the exam program is installed and can run."""
        return self._program.is_file() and Fault.DEAD not in (self.faults or ())

    def record(self, code: str, seconds: int) -> None:
        """Let a pupil of this code speak for so long. Raises SeatFailed."""
        target = self.home / "answers" / f"{code}.wav"
        self.box.run(f"{shlex.quote(str(self._program))} --record {shlex.quote(str(target))} {seconds} &")

    @property
    def _program(self) -> Path:
        return self.home / ".local" / "bin" / examprogram.PROCESS

    def close(self) -> None:
        """Switch it off. May be called twice."""
        self._unplug()
        self.box.close()

    def _serve(self, faults: Collection[Fault]) -> None:
        self.box.kill("sshd")
        self._unplug()
        if Fault.DEAD in faults:
            return
        host, port = self.place.host, self.place.port
        slow = Fault.SLOW in faults
        inner = sshserver.free_port(host) if slow else port
        settings = sshserver.Settings(
            host,
            inner,
            self._key(faults),
            self._keys.authorized,
            self.home,
            sshserver.variables(self.home, self._variables(faults)),
            sftp=Fault.NO_SFTP not in faults,
        )
        sshserver.start(self.box, settings, self._folder)
        if slow:
            self._relay = Relay((host, port), (host, inner), SLOW_SECONDS)

    def _unplug(self) -> None:
        if self._relay is not None:
            self._relay.close()
            self._relay = None

    def _variables(self, faults: Collection[Fault]) -> dict[str, str]:
        offset = self._offset + (ZONE_OFF_MINUTES if Fault.WRONG_ZONE in faults else 0)
        found = {"TZ": posix_zone(offset), "PULSE_SERVER": self._headset.server}
        if Fault.CLOCK_OFF in faults:
            found["LD_PRELOAD"] = str(programs.wrong_clock(self._folder, CLOCK_OFF_SECONDS))
        return found


def posix_zone(utc_offset_minutes: int) -> str:
    """For TZ, and for any system, whatever it knows of the world: "<+0300>-3:00"."""
    sign = "+" if utc_offset_minutes >= 0 else "-"
    hours, minutes = divmod(abs(utc_offset_minutes), 60)
    return f"<{sign}{hours:02}{minutes:02}>{'-' if sign == '+' else ''}{hours}:{minutes:02}"
