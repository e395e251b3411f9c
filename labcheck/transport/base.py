"""What every transport can do. One object is one workstation, for the whole run.

Deadlines are seconds of wall clock for the whole call, whatever the network does. When one passes the call
raises DeadlinePassed; the transport stays usable where the connection does. An object may be used by several
threads; its calls share one connection.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

OUTPUT_BYTES = 4 * 1024 * 1024
"""Of each of stdout and stderr this much is kept; the rest is read and thrown away."""
LINE_BYTES = 16 * 1024 * 1024
"""A longer line from a channel ends it."""
ERROR_BYTES = 64 * 1024
"""The last of a channel's stderr that is kept."""
CALL_SECONDS = 30.0
"""Deadline of calls that take none: an open, a stat, a question about the platform."""
PART = ".part"
"""What is being put has this after its name until it is whole."""


class HasReveal(Protocol):
    """A secret: only this gives its text; its str and repr must be masked."""

    def reveal(self) -> str:
        """Return the text."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How to reach one workstation. ``host_key``: "ssh-ed25519 AAAA…" as pinned; None is not trusted."""

    seat: str
    host: str
    port: int = 22
    user: str = "exam"
    host_key: str | None = None
    jump: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What may be tried to log in. Nothing else is: no key of ``~/.ssh``, no agent unless ``agent``."""

    key_files: tuple[Path, ...] = ()
    agent: bool = False
    password: HasReveal | None = field(default=None, repr=False)
    passphrase: HasReveal | None = field(default=None, repr=False)
    sudo_password: HasReveal | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that ended. ``exit_status`` is negative when a signal ended it."""

    exit_status: int
    stdout: bytes
    stderr: bytes
    truncated: bool


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What lies under a path; ``mtime`` in seconds since 1970, ``size`` in bytes."""

    size: int
    mtime: int
    kind: Literal["file", "folder", "other"]


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python on the workstation: how to call it, and its version, "3.11.2"."""

    path: str
    version: str


@dataclass(frozen=True, slots=True)
class Platform:
    """What the workstation is. ``python`` is None when none of 3.9 or newer was found."""

    system: Literal["linux", "windows"]
    machine: str
    """x86_64, aarch64 or amd64 (Windows)."""
    python: Interpreter | None


Command = str | Sequence[str]
"""A line for the workstation's own shell, or a program and its arguments, which no shell changes."""
Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all, both of the whole file."""


class Channel(Protocol):
    """One long-lived program over there: lines of bytes in and out."""

    @property
    def exit_status(self) -> int | None:
        """None while it runs, or when the connection was lost first."""
        ...

    def send(self, line: bytes, deadline: float = CALL_SECONDS) -> None:
        """Send a line; the line feed is added. Raises ConnectionLost when nobody is there to read it."""
        ...

    def receive(self, deadline: float) -> bytes | None:
        """The next line without its line feed, None when the program has ended.

        A last line that lacks its line feed is not given: it was cut. Raises DeadlinePassed (the line may
        still be received later), ConnectionLost (also for a line over LINE_BYTES)."""
        ...

    def errors(self) -> bytes:
        """The last ERROR_BYTES of its stderr."""
        ...

    def close(self) -> None:
        """Close its stdin, give it a moment to end, and leave it. May be called twice."""
        ...


class Transport(Protocol):
    """One workstation."""

    @property
    def seat(self) -> str:
        """The seat where it stands."""
        ...

    @property
    def system(self) -> Literal["linux", "windows"]:
        """What it runs under, from how its server introduced itself: nothing is run to know it."""
        ...

    def run(self, command: Command, *, deadline: float, stdin: bytes = b"", sudo: bool = False) -> Completed:
        """Run a command to its end.

        With ``sudo`` as the administrator; its password goes over stdin. Raises SudoRefused before the
        command has begun. When the deadline passes the command is told to end (SIGTERM over SSH, where
        the server passes it on) and may still run over there."""
        ...

    def open(self, command: Command) -> Channel:
        """Start a long-lived program."""
        ...

    def put(
        self,
        source: BinaryIO | Path,
        target: str,
        *,
        deadline: float,
        resume: bool = True,
        new: bool = False,
        progress: Progress | None = None,
    ) -> int:
        """Write a file whole or not at all, and return the bytes that were sent for it.

        They go into ``target`` + PART, are made to last (fsync where the server can), and get their name at
        the end; a former ``target`` is replaced at that moment. With ``new`` nothing that lies there is
        touched: AlreadyThere is raised, at the end too, and the PART has a hidden name that only we give.
        With ``resume`` a PART whose SHA-256 is that of the source's beginning is continued, so that less than
        the size is returned; any other is written anew. A stream must be seekable, and is sent from its
        beginning. Raises TransferRefused."""
        ...

    def get(
        self,
        source: str,
        target: BinaryIO,
        *,
        deadline: float,
        offset: int = 0,
        progress: Progress | None = None,
    ) -> int:
        """Append the bytes of a file from ``offset`` on to ``target``, and return how many.

        It ends where the file ended when it was opened. Whatever is raised, ``target`` holds an unbroken
        piece from ``offset`` on. Raises TransferRefused."""
        ...

    def stat(self, path: str, *, follow: bool = True) -> RemoteFile | None:
        """What lies there; None when nothing does. Without ``follow`` a link is of the kind "other"."""
        ...

    def remove(self, path: str) -> None:
        """Delete a file, or a folder and all in it (links are not followed); nothing there is fine."""
        ...

    def makedirs(self, path: str) -> None:
        """Make a folder and those above it; those that are there are fine."""
        ...

    def home(self) -> str:
        """The user's folder, absolute."""
        ...

    def platform(self) -> Platform:
        """What the workstation is; asked once."""
        ...

    def close(self) -> None:
        """End the connection and everything that runs over it. May be called twice."""
        ...


def powershell(script: str) -> tuple[str, ...]:
    """The command that runs ``script`` in PowerShell, through any shell unharmed."""
    encoded = base64.b64encode(script.encode("utf-16-le")).decode("ascii")
    return ("powershell", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded)
