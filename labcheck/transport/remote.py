"""A workstation that one is logged in to: what the transport does over a connection."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from labcheck.errors import N_
from labcheck.transport import commands, files, probe
from labcheck.transport.base import (
    CALL_SECONDS,
    Command,
    Completed,
    HasReveal,
    Platform,
    Progress,
    RemoteFile,
    powershell,
)
from labcheck.transport.clock import Clock
from labcheck.transport.errors import TransferRefused
from labcheck.transport.exchange import Exchange, Sudo, printable
from labcheck.transport.packets import NotSftp, SftpRefused
from labcheck.transport.session import RemoteChannel, converse, refuse_expired, watched
from labcheck.transport.sftp import Sftp, walk

if TYPE_CHECKING:
    from labcheck.transport.ssh import Connection, Session

_CALLS, _IDLE = 6, 2
"""Sessions in use for calls, and SFTP sessions kept for the next; long-lived programs have what is left of
the ten that OpenSSH allows (MaxSessions)."""
_PIECE = 256 * 1024
_DENIED, _FAILURE = 3, 4


class SshTransport:
    """Implements labcheck.transport.base.Transport."""

    def __init__(self, seat: str, connection: Connection, sudo_password: HasReveal | None) -> None:
        """Use labcheck.transport.ssh.connect."""
        self.connection = connection
        self._seat = seat
        self._sudo_password = sudo_password
        self._idle: list[tuple[_Stream, Sftp]] = []
        self._turns = threading.BoundedSemaphore(_CALLS)
        self._platform: Platform | None = None
        self._home = ""

    @property
    def seat(self) -> str:
        """See Transport."""
        return self._seat

    @property
    def system(self) -> Literal["linux", "windows"]:
        """From how the server introduced itself, so that nothing must be run to know it."""
        return "windows" if "windows" in self.connection.banner.lower() else "linux"

    # Programs

    def run(self, command: Command, *, deadline: float, stdin: bytes = b"", sudo: bool = False) -> Completed:
        """See Transport. On Windows an administrator's account needs no sudo, and gets none."""
        clock = Clock(deadline)
        line = commands.line(command, self.system)
        talk = Sudo(self._sudo_password) if sudo and self.system == "linux" else None
        exchange = Exchange(stdin, talk)
        with self._call(clock), self._session(clock) as session:
            session.start(talk.line(line) if talk else line)
            converse(session, exchange, clock)
            status = session.exit_status(clock.left())
            if session.cut():
                raise EOFError
        completed = exchange.completed(self._seat, status)
        refuse_expired(self._seat, completed.stderr)
        return completed

    def open(self, command: Command) -> RemoteChannel:
        """See Transport."""
        clock = Clock(CALL_SECONDS)
        with self._call(clock):
            session = self.connection.session(clock)
            session.start(commands.line(command, self.system))
        return RemoteChannel(self._seat, session, self.connection.sever)

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
        part = files.part_of(target, new=new)
        with files.opened(source) as (stream, size):
            offset = self._verified(stream, size, part, clock) if resume else 0
            stream.seek(offset)
            try:
                with self._files(target, clock) as sftp:
                    if new:
                        self._refuse_taken(sftp, part, target)
                    sent = sftp.write(stream, self._wire(part), offset, size, progress)
                    if offset + sent == size:
                        self._name(sftp, part, target, new=new)
            except TransferRefused as refused:
                if refused.params.get("status") == _FAILURE:
                    self._refuse_full(target, size, clock)
                raise
        if offset + sent != size:
            raise TransferRefused(
                N_("{seat}: the source of {path} became shorter meanwhile"), seat=self._seat, path=target
            )
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
        with self._files(source, Clock(deadline)) as sftp:
            return sftp.read(self._wire(source), target.write, offset, progress)

    def stat(self, path: str, *, follow: bool = True) -> RemoteFile | None:
        """See Transport."""
        with self._files(path) as sftp:
            return sftp.stat(self._wire(path), follow=follow)

    def remove(self, path: str) -> None:
        """See Transport."""
        wire = self._wire(path)
        with self._files(path) as sftp:
            found = sftp.stat(wire, follow=False)
            if found is None:
                return
            if found.kind != "folder":
                sftp.remove(wire)
                return
            for inner, is_folder in walk(sftp, wire):
                (sftp.removedir if is_folder else sftp.remove)(inner)

    def makedirs(self, path: str) -> None:
        """See Transport."""
        with self._files(path) as sftp:
            _makedirs(sftp, self._wire(path).rstrip("/"))

    def home(self) -> str:
        """See Transport. On Windows with slashes: C:/exam."""
        if not self._home:
            with self._files(".") as sftp:
                found = sftp.resolve(".")
            self._home = found.lstrip("/") if re.match(r"/[A-Za-z]:", found) else found
        return self._home

    def platform(self) -> Platform:
        """See Transport."""
        if self._platform is None:
            question = probe.LINUX if self.system == "linux" else probe.WINDOWS
            self._platform = probe.read(self._seat, self.run(question, deadline=CALL_SECONDS).stdout)
        return self._platform

    def close(self) -> None:
        """See Transport."""
        self._idle.clear()
        self.connection.close()

    # Below

    def _call(self, clock: Clock) -> contextlib.AbstractContextManager[None]:
        return watched(self._seat, clock, self.connection.sever)

    @contextlib.contextmanager
    def _turn(self, clock: Clock) -> Iterator[None]:
        """Wait until the server has a session free for a call."""
        if not self._turns.acquire(timeout=clock.left()):
            raise TimeoutError
        try:
            yield
        finally:
            self._turns.release()

    @contextlib.contextmanager
    def _session(self, clock: Clock) -> Iterator[Session]:
        with self._turn(clock):
            session = self.connection.session(clock)
            try:
                yield session
            except TimeoutError:
                session.terminate()  # else it might go on for ever, and its session with it
                raise
            finally:
                session.close()

    def _wire(self, path: str) -> str:
        """The path as SFTP has it: C:\\x is /C:/x there."""
        if self.system == "windows":
            path = path.replace("\\", "/")
            return f"/{path}" if re.match(r"[A-Za-z]:", path) else path
        return path

    @contextlib.contextmanager
    def _files(self, path: str, clock: Clock | None = None) -> Iterator[Sftp]:
        """A session for files, kept for the next call when all went well."""
        clock = clock or Clock(CALL_SECONDS)
        with self._call(clock), self._turn(clock):
            stream, sftp = self._reuse() or self._greet(clock)
            stream.clock = clock
            try:
                yield sftp
            except BaseException as failed:
                stream.session.close()
                self._translate(path, failed)
                raise
            if len(self._idle) < _IDLE:
                self._idle.append((stream, sftp))
            else:
                stream.session.close()

    def _reuse(self) -> tuple[_Stream, Sftp] | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _greet(self, clock: Clock) -> tuple[_Stream, Sftp]:
        session = self.connection.session(clock)
        stream = _Stream(session, clock)
        try:
            session.subsystem("sftp")
            return stream, Sftp(stream)
        except (OSError, EOFError, NotSftp) as failed:
            if isinstance(failed, TimeoutError) or not self.connection.alive():
                raise
            session.close()
            refuse_expired(self._seat, self._last_words(clock))
            raise TransferRefused(
                N_("{seat}: the SSH server offers no SFTP: {said}"),
                seat=self._seat, said=printable(str(failed)) or "—",
            ) from None  # fmt: skip

    def _last_words(self, clock: Clock) -> bytes:
        """What the server says on stderr instead of running anything; of a subsystem it tells nothing."""
        exchange, session = Exchange(b"", None), self.connection.session(clock)
        session.start("exit 0")
        converse(session, exchange, clock)
        session.close()
        return exchange.completed(self._seat, 0).stderr

    def _translate(self, path: str, failed: BaseException) -> None:
        if isinstance(failed, NotSftp):
            raise TransferRefused(
                N_("{seat}: the server breaks off SFTP: {said}"), seat=self._seat, said=printable(str(failed))
            ) from None
        if isinstance(failed, SftpRefused):
            raise self._refused(path, failed) from None

    def _refused(self, path: str, refused: SftpRefused) -> TransferRefused:
        if refused.absent:
            return files.absent(self._seat, path)
        if refused.status == _DENIED:
            return files.denied(self._seat, path)
        return TransferRefused(
            N_("{seat}: {path}: refused: {said}"),
            seat=self._seat, path=path, said=printable(refused.said) or "—", status=refused.status,
        )  # fmt: skip

    def _name(self, sftp: Sftp, part: str, target: str, *, new: bool) -> None:
        """Give what is whole its name."""
        if new:
            self._refuse_taken(sftp, part, target)
        try:
            sftp.rename(self._wire(part), self._wire(target), replace=not new)
        except SftpRefused:
            if new:
                self._refuse_taken(sftp, part, target)
            raise

    def _refuse_taken(self, sftp: Sftp, part: str, target: str) -> None:
        if sftp.stat(self._wire(target), follow=False) is None:
            return
        if sftp.stat(self._wire(part), follow=False) is not None:
            sftp.remove(self._wire(part))
        raise files.there(self._seat, target)

    def _refuse_full(self, target: str, size: int, clock: Clock) -> None:
        """A full disk is "Failure" to SFTP: ask how much is free."""
        folder = self._wire(target).rpartition("/")[0] or "."
        with self._files(target, clock) as sftp:
            free = sftp.free(folder)
        if free is not None and free < min(size, _PIECE):
            raise files.full(self._seat, target, free) from None

    def _verified(self, stream: BinaryIO, size: int, part: str, clock: Clock) -> int:
        """How many bytes of the part are the source's beginning, by a SHA-256 made over there; 0 in doubt."""
        with self._files(part, clock) as sftp:
            found = sftp.stat(self._wire(part))
        if found is None or not 0 < found.size <= size:
            return 0
        if self.system == "windows":
            literal = part.replace("'", "''")
            ask: Command = powershell(f"(Get-FileHash -Algorithm SHA256 -LiteralPath '{literal}').Hash")
        else:
            ask = ("sh", "-c", 'sha256sum < "$0"', part)
        said = self.run(ask, deadline=clock.left()).stdout[:64].decode("ascii", "replace").lower()
        return found.size if said == files.sha256_of_beginning(stream, found.size) else 0


def _makedirs(sftp: Sftp, path: str) -> None:
    if not path or sftp.stat(path) is not None:
        return
    _makedirs(sftp, path.rpartition("/")[0])
    sftp.makedir(path)


class _Stream:
    """Carries SFTP within the deadline of the call that uses it."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self.session, self.clock = session, clock

    def send(self, data: bytes | memoryview) -> None:
        view = memoryview(data)
        while view:
            view = view[self.session.send(view, self.clock.left()) :]

    def receive(self) -> bytes:
        return self.session.receive(self.clock.left())

    def ready(self) -> bool:
        return self.session.ready()
