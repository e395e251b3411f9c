"""This machine as a workstation: the controller's own computer, and rehearsals. Linux and Windows.

Commands run as the user who runs us. Implements labcheck.transport.base.Transport.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from labcheck.errors import N_
from labcheck.transport import files, probe
from labcheck.transport.base import (
    CALL_SECONDS,
    Command,
    Completed,
    HasReveal,
    Platform,
    Progress,
    RemoteFile,
)
from labcheck.transport.clock import Clock
from labcheck.transport.commands import line
from labcheck.transport.errors import DeadlinePassed, TransferRefused
from labcheck.transport.exchange import Exchange, Sudo
from labcheck.transport.program import LocalChannel, Program

_PIECE = 1024 * 1024


class LocalTransport:
    """See the module."""

    def __init__(self, seat: str, home: Path | None = None, sudo_password: HasReveal | None = None) -> None:
        """``home`` is where programs start, and HOME to them; the user's own unless given."""
        self._seat = seat
        self._home = (home or Path.home()).absolute()
        self._sudo_password = sudo_password
        self._platform: Platform | None = None
        self._channels: list[LocalChannel] = []

    @property
    def seat(self) -> str:
        """See Transport."""
        return self._seat

    @property
    def system(self) -> Literal["linux", "windows"]:
        """Of this machine."""
        return "windows" if sys.platform == "win32" else "linux"

    # Programs

    def run(self, command: Command, *, deadline: float, stdin: bytes = b"", sudo: bool = False) -> Completed:
        """See Transport. When the deadline passes the program and its children are killed."""
        clock = Clock(deadline)
        talk = Sudo(self._sudo_password) if sudo and self.system == "linux" else None
        exchange = Exchange(stdin, talk)
        program = self._start(talk.line(line(command, "linux")) if talk else command)
        try:
            status = program.converse(exchange, clock)
        except TimeoutError:
            raise self._late(clock) from None
        finally:
            program.end()
        return exchange.completed(self._seat, status)

    def open(self, command: Command) -> LocalChannel:
        """See Transport."""
        channel = LocalChannel(self._seat, self._start(command))
        self._channels.append(channel)
        return channel

    def _start(self, command: Command) -> Program:
        return Program(command, self._home, self.system)

    # Files

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
        """See Transport."""
        clock = Clock(deadline)
        final = self._path(target)
        part = self._path(files.part_of(target, new=new))
        with files.opened(source) as (stream, size), self._refusing(target, clock):
            if new and os.path.lexists(final):
                part.unlink(missing_ok=True)
                raise files.there(self._seat, target)
            offset = _verified(stream, size, part) if resume else 0
            stream.seek(offset)
            with part.open("r+b" if offset else "wb") as out:
                out.seek(offset)
                sent = _copy(stream, out, offset, size, clock, progress)
                out.flush()
                os.fsync(out.fileno())
            if offset + sent != size:
                template = N_("{seat}: the source of {path} became shorter meanwhile")
                raise TransferRefused(template, seat=self._seat, path=target)
            if not new:
                part.replace(final)
                return sent
            try:
                os.link(part, final)
            except FileExistsError:
                raise files.there(self._seat, target) from None
            finally:
                part.unlink()
        return sent

    def get(
        self,
        source: str,
        target: BinaryIO,
        *,
        deadline: float,
        offset: int = 0,
        progress: Progress | None = None,
    ) -> int:
        """See Transport."""
        clock = Clock(deadline)
        with self._refusing(source, clock):
            opened = self._path(source).open("rb")
        with opened:
            size = os.fstat(opened.fileno()).st_size
            opened.seek(offset)
            try:
                return _copy(opened, target, offset, size, clock, progress)
            except TimeoutError:
                raise self._late(clock) from None

    def stat(self, path: str, *, follow: bool = True) -> RemoteFile | None:
        """See Transport."""
        with self._refusing(path):
            try:
                found = self._path(path).stat(follow_symlinks=follow)
            except FileNotFoundError:
                return None
        kind: Literal["file", "folder", "other"] = "other"
        if stat.S_ISDIR(found.st_mode):
            kind = "folder"
        elif stat.S_ISREG(found.st_mode):
            kind = "file"
        return RemoteFile(found.st_size, int(found.st_mtime), kind)

    def remove(self, path: str) -> None:
        """See Transport."""
        found = self._path(path)
        with self._refusing(path), contextlib.suppress(FileNotFoundError):
            if found.is_dir() and not found.is_symlink():
                shutil.rmtree(found)
            else:
                found.unlink()

    def makedirs(self, path: str) -> None:
        """See Transport."""
        with self._refusing(path):
            self._path(path).mkdir(parents=True, exist_ok=True)

    def home(self) -> str:
        """See Transport."""
        return self._home.as_posix()

    def platform(self) -> Platform:
        """See Transport."""
        if self._platform is None:
            question = probe.LINUX if self.system == "linux" else probe.WINDOWS
            self._platform = probe.read(self._seat, self.run(question, deadline=CALL_SECONDS).stdout)
        return self._platform

    def close(self) -> None:
        """See Transport."""
        while self._channels:
            self._channels.pop().close()

    def _path(self, path: str) -> Path:
        return self._home / path

    def _late(self, clock: Clock) -> DeadlinePassed:
        template = N_("{seat}: not done within {seconds:g} s")
        return DeadlinePassed(template, seat=self._seat, seconds=clock.seconds)

    @contextlib.contextmanager
    def _refusing(self, path: str, clock: Clock | None = None) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise self._late(clock or Clock(0)) from None
        except FileNotFoundError:
            raise files.absent(self._seat, path) from None
        except PermissionError:
            raise files.denied(self._seat, path) from None
        except OSError as failed:
            if failed.errno == errno.ENOSPC:
                free = shutil.disk_usage(self._path(path).parent).free
                raise files.full(self._seat, path, free) from None
            template = N_("{seat}: {path}: refused: {said}")
            raise TransferRefused(template, seat=self._seat, path=path, said=failed.strerror or "—") from None


def _copy(
    source: BinaryIO, target: BinaryIO, offset: int, size: int, clock: Clock, progress: Progress | None
) -> int:
    """Copy up to ``size``, of both files; return how much."""
    at = offset
    while at < size and (data := source.read(min(_PIECE, size - at))):
        clock.left()
        target.write(data)
        at += len(data)
        if progress is not None:
            progress(at, size)
    return at - offset


def _verified(stream: BinaryIO, size: int, part: Path) -> int:
    """How many bytes of the part are the source's beginning; 0 in doubt."""
    if not part.is_file() or not 0 < (there := part.stat().st_size) <= size:
        return 0
    with part.open("rb") as opened:
        found = files.sha256_of_beginning(opened, there)
    return there if found == files.sha256_of_beginning(stream, there) else 0
