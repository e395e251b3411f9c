"""One program over SSH: its streams moved in both directions, within deadlines that hold.

Every call has a watchdog: when a deadline has passed and the call still hangs somewhere below, the
connection is cut, which ends the call at once. Without that only what was late is given up.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING

from labcheck.errors import N_
from labcheck.transport.base import CALL_SECONDS
from labcheck.transport.clock import Clock
from labcheck.transport.errors import ConnectionLost, DeadlinePassed, PasswordExpired
from labcheck.transport.exchange import Exchange, Lines, printable
from labcheck.transport.watchdog import GRACE, watchdog

if TYPE_CHECKING:
    from labcheck.transport.ssh import Session

CLOSE_SECONDS = 2.0
"""A long-lived program may take so long to end once its stdin is closed."""
QUIET_SECONDS = 0.5
"""A program that ended may have left one behind that holds its streams; after so much silence it is done."""
_TICK, _STDIN_TICK = 0.25, 0.01
_PIECE = 256 * 1024
_EXPIRED = b"Password change required but no TTY available"
"""What OpenSSH's server says, in English always, instead of running anything."""


@contextlib.contextmanager
def watched(seat: str, clock: Clock, sever: Callable[[], None]) -> Iterator[None]:
    """One call: TimeoutError within, or a hang past the deadline, becomes DeadlinePassed."""
    try:
        with watchdog(clock, sever):
            yield
    except TimeoutError:
        raise late(seat, clock) from None
    except (OSError, EOFError) as failed:
        if clock.remaining() <= -GRACE:
            raise late(seat, clock) from None
        raise ConnectionLost(
            N_("{seat}: the connection broke: {said}"), seat=seat, said=printable(str(failed)) or "—"
        ) from None


def late(seat: str, clock: Clock) -> DeadlinePassed:
    """The error for it."""
    return DeadlinePassed(N_("{seat}: not done within {seconds:g} s"), seat=seat, seconds=clock.seconds)


def refuse_expired(seat: str, stderr: bytes) -> None:
    """Raise PasswordExpired when that is what the server says instead of running anything."""
    if _EXPIRED in stderr:
        raise PasswordExpired(N_("{seat}: the account's password must be changed"), seat=seat)


def converse(session: Session, exchange: Exchange, clock: Clock) -> None:
    """Move what there is in both directions until the program has ended."""
    stdin_open, silent_since = True, 0.0
    while True:
        left = clock.left()
        out, err = session.read()
        exchange.out(out)
        exchange.err(err)
        if stdin_open:
            stdin_open = _feed(session, exchange, left)
        if out or err:
            silent_since = 0.0
            continue
        if session.ended():
            return
        if session.exited():
            silent_since = silent_since or monotonic()
            if monotonic() - silent_since > QUIET_SECONDS:
                return
        session.wait(min(left, _STDIN_TICK if stdin_open and exchange.to_send() else _TICK))


def _feed(session: Session, exchange: Exchange, seconds: float) -> bool:
    """Send what may go now; False when stdin is closed."""
    try:
        if exchange.all_sent():
            session.close_stdin()
            return False
        data = exchange.to_send()
        if data and session.can_send():
            exchange.sent(session.send(data[:_PIECE], seconds))
    except TimeoutError:
        raise
    except (OSError, EOFError):  # it ended without reading all
        return False
    return True


class RemoteChannel:
    """Implements labcheck.transport.base.Channel."""

    def __init__(self, seat: str, session: Session, sever: Callable[[], None]) -> None:
        """Use SshTransport.open."""
        self._seat, self._session, self._sever = seat, session, sever
        self._lines = Lines()
        self._sending = threading.Lock()

    @property
    def exit_status(self) -> int | None:
        """See Channel."""
        if not self._session.exited() or self._session.cut():
            return None
        return self._session.exit_status(0)

    def send(self, line: bytes, deadline: float = CALL_SECONDS) -> None:
        """See Channel."""
        clock = Clock(deadline)
        with self._call(clock), self._sending:
            view = memoryview(line + b"\n")
            while view:
                view = view[self._session.send(view, clock.left()) :]

    def receive(self, deadline: float) -> bytes | None:
        """See Channel."""
        clock = Clock(deadline)
        with self._call(clock):
            while (line := self._lines.next()) is None:
                left = clock.left()
                if self._take():
                    continue  # it may be the line, and nothing more may come to wake us
                if self._session.ended():
                    self._look_at_end()
                    return None
                self._session.wait(min(left, _TICK))
            return line

    def errors(self) -> bytes:
        """See Channel."""
        self._take()
        return self._lines.errors()

    def close(self) -> None:
        """See Channel."""
        clock = Clock(CLOSE_SECONDS)
        with contextlib.suppress(OSError, EOFError, ConnectionLost, DeadlinePassed), self._call(clock):
            self._session.close_stdin()
            while not self._session.exited():
                self._take()
                self._session.wait(min(clock.left(), _STDIN_TICK))
        with contextlib.suppress(OSError, EOFError):
            if not self._session.exited():
                self._session.terminate()
            self._session.close()

    def _call(self, clock: Clock) -> contextlib.AbstractContextManager[None]:
        return watched(self._seat, clock, self._sever)

    def _take(self) -> bool:
        out, err = self._session.read()
        self._lines.err(err)
        try:
            self._lines.out(out)
        except ValueError as too_long:
            self._session.close()
            raise EOFError(str(too_long)) from None
        return bool(out or err)

    def _look_at_end(self) -> None:
        if self._session.cut():
            raise EOFError
        refuse_expired(self._seat, self._lines.errors())
