"""One thread that looks after the deadlines of all calls: a thread for each call costs more than the call."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from time import monotonic

from labcheck.transport.clock import Clock

GRACE = 0.3
"""Seconds between a deadline and the cut."""
_IDLE_SECONDS = 1.0
"""The thread ends when nothing was watched for so long."""


class _Watchdog:
    """Calls that are under way: when each is to be cut, and how."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._calls: dict[object, tuple[float, Callable[[], None]]] = {}
        self._awake_at: float | None = None
        """When the thread looks next; None: there is no thread."""

    def add(self, at: float, sever: Callable[[], None]) -> object:
        """Cut it at that moment of time.monotonic()."""
        call = object()
        with self._changed:
            self._calls[call] = (at, sever)
            if self._awake_at is None:
                self._awake_at = at
                threading.Thread(target=self._run, name="watchdog", daemon=True).start()
            elif at < self._awake_at:
                self._awake_at = at
                self._changed.notify()
        return call

    def remove(self, call: object) -> None:
        """It is over."""
        with self._changed:
            self._calls.pop(call, None)

    def _run(self) -> None:
        idle_since: float | None = None
        while True:
            with self._changed:
                now = monotonic()
                late = [call for call, (at, _sever) in self._calls.items() if at <= now]
                cuts = [self._calls.pop(call)[1] for call in late]
                if not cuts:
                    idle_since = None if self._calls else idle_since or now
                    if idle_since is not None and now >= idle_since + _IDLE_SECONDS:
                        self._awake_at = None
                        return
                    next_at = min((at for at, _sever in self._calls.values()), default=now + _IDLE_SECONDS)
                    self._awake_at = next_at
                    self._changed.wait(next_at - now)
            for sever in cuts:  # each in a thread: none that hangs may keep the others
                threading.Thread(target=sever, daemon=True).start()


_watchdog = _Watchdog()


@contextlib.contextmanager
def watchdog(clock: Clock, sever: Callable[[], None]) -> Iterator[None]:
    """Cut the connection when the body is not done soon after the deadline."""
    call = _watchdog.add(monotonic() + max(0.0, clock.remaining()) + GRACE, sever)
    try:
        yield
    finally:
        _watchdog.remove(call)
