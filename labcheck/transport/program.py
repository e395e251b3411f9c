"""A program on this machine, its streams served by threads, which work on Linux and Windows alike."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from pathlib import Path
from queue import Empty, Full, Queue
from time import monotonic
from typing import IO, Literal

from labcheck.errors import N_
from labcheck.transport.base import CALL_SECONDS, Command
from labcheck.transport.clock import Clock
from labcheck.transport.errors import ConnectionLost, DeadlinePassed
from labcheck.transport.exchange import Exchange, Lines

CLOSE_SECONDS = 2.0
"""A long-lived program may take so long to end once its stdin is closed."""
QUIET_SECONDS = 0.5
"""A program that ended may have left one behind that holds its streams; after so much silence it is done."""
_TICK = 0.05
_PIECE = 64 * 1024
_STDOUT, _STDERR = 1, 2


class Program:
    """A program that was started."""

    def __init__(self, command: Command, home: Path, system: Literal["linux", "windows"]) -> None:
        """Start it in ``home``, a line through the shell. A program that is not there ends with 127."""
        self._coming: Queue[tuple[int, bytes]] = Queue(maxsize=64)
        self._going: Queue[bytes | None] = Queue(maxsize=8)
        self._open = {_STDOUT, _STDERR}
        self._deaf = threading.Event()
        self._gone = threading.Event()
        words = ["sh", "-c", 'exec "$@"', "sh", *command] if system == "linux" else list(command)
        self._popen = subprocess.Popen(
            command if isinstance(command, str) else words,
            shell=isinstance(command, str),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=home,
            env={**os.environ, "HOME": str(home)},
            start_new_session=True,
        )
        assert self._popen.stdin and self._popen.stdout and self._popen.stderr  # noqa: S101, PT018 - for mypy
        for work, *arguments in (
            (self._read, self._popen.stdout, _STDOUT),
            (self._read, self._popen.stderr, _STDERR),
            (self._write, self._popen.stdin),
        ):
            threading.Thread(target=work, args=arguments, daemon=True).start()

    def take(self, seconds: float) -> tuple[bytes, bytes]:
        """What comes next on stdout or stderr; nothing after ``seconds``, or when both are at their end."""
        try:
            which, data = self._coming.get(timeout=seconds)
        except Empty:
            return b"", b""
        if not data:
            self._open.discard(which)
        return (data, b"") if which == _STDOUT else (b"", data)

    def ended(self) -> bool:
        """Whether both streams are at their end and taken."""
        return not self._open

    def give(self, data: bytes | None, seconds: float) -> None:
        """Send to stdin; None closes it. Raises TimeoutError, EOFError when nobody reads any more."""
        clock = Clock(seconds)
        while not self._deaf.is_set():
            with contextlib.suppress(Full):
                self._going.put(data, timeout=min(clock.left(), _TICK))
                return
        raise EOFError

    def exit_status(self) -> int | None:
        """None while it runs."""
        return self._popen.poll()

    def wait(self, seconds: float) -> int:
        """Its exit status. Raises TimeoutError."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None

    def converse(self, exchange: Exchange, clock: Clock) -> int:
        """Move what there is in both directions until it has ended; return its exit status."""
        stdin_open, silent_since = True, 0.0
        while not self.ended():
            if stdin_open:
                stdin_open = self._feed(exchange, clock)
            out, err = self.take(min(clock.left(), _TICK))
            exchange.out(out)
            exchange.err(err)
            if out or err or self.exit_status() is None:
                silent_since = 0.0
                continue
            silent_since = silent_since or monotonic()
            if monotonic() - silent_since > QUIET_SECONDS:
                break
        return self.wait(clock.left())

    def _feed(self, exchange: Exchange, clock: Clock) -> bool:
        try:
            while data := exchange.to_send():
                piece = bytes(data[:_PIECE])
                self.give(piece, _TICK)
                exchange.sent(len(piece))
                clock.left()
            if exchange.all_sent():
                self.give(None, _TICK)
                return False
        except TimeoutError:  # it is busy writing: read first
            clock.left()
        except EOFError:
            return False
        return True

    def end(self) -> None:
        """Kill what is left of it and its children."""
        if self._popen.poll() is None:
            if os.name == "posix":
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._popen.pid, signal.SIGKILL)
            else:
                self._popen.kill()
            self._popen.wait()
        self._gone.set()
        with contextlib.suppress(Full):
            self._going.put_nowait(None)

    def _read(self, stream: IO[bytes], which: int) -> None:
        with stream:
            while data := os.read(stream.fileno(), _PIECE):
                self._pass(which, data)
        self._pass(which, b"")

    def _pass(self, which: int, data: bytes) -> None:
        while not self._gone.is_set():
            with contextlib.suppress(Full):
                self._coming.put((which, data), timeout=_TICK)
                return

    def _write(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError), stream:  # it ended without reading all
            while (data := self._going.get()) is not None:
                stream.write(data)
                stream.flush()
        self._deaf.set()


class LocalChannel:
    """Implements labcheck.transport.base.Channel."""

    def __init__(self, seat: str, program: Program) -> None:
        """Use LocalTransport.open."""
        self._seat, self._program = seat, program
        self._lines = Lines()

    @property
    def exit_status(self) -> int | None:
        """See Channel."""
        return self._program.exit_status()

    def send(self, line: bytes, deadline: float = CALL_SECONDS) -> None:
        """See Channel."""
        try:
            self._program.give(line + b"\n", deadline)
        except TimeoutError:
            raise self._late(deadline) from None
        except EOFError:
            raise self._lost() from None

    def receive(self, deadline: float) -> bytes | None:
        """See Channel."""
        clock = Clock(deadline)
        try:
            while (line := self._lines.next()) is None:
                if self._program.ended():
                    self._program.wait(clock.left())
                    return None
                self._take(clock.left())
        except TimeoutError:
            raise self._late(deadline) from None
        return line

    def errors(self) -> bytes:
        """See Channel."""
        self._take(0.001)
        return self._lines.errors()

    def close(self) -> None:
        """See Channel."""
        clock = Clock(CLOSE_SECONDS)
        with contextlib.suppress(TimeoutError, EOFError, ConnectionLost):
            self._program.give(None, clock.left())
            while self._program.exit_status() is None:
                self._take(min(clock.left(), _TICK))
        self._program.end()

    def _take(self, seconds: float) -> None:
        out, err = self._program.take(seconds)
        self._lines.err(err)
        try:
            self._lines.out(out)
        except ValueError:
            self._program.end()
            raise self._lost() from None

    def _late(self, seconds: float) -> DeadlinePassed:
        return DeadlinePassed(N_("{seat}: not done within {seconds:g} s"), seat=self._seat, seconds=seconds)

    def _lost(self) -> ConnectionLost:
        return ConnectionLost(N_("{seat}: the program does not listen any more"), seat=self._seat)
