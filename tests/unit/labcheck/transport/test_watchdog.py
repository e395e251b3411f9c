"""The one thread that cuts what is late: each at its time, and nobody who was in time."""

from __future__ import annotations

import contextlib
import threading
from time import monotonic

import pytest

from labcheck.transport import watchdog
from labcheck.transport.clock import Clock


def test_what_is_late_is_cut_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "GRACE", 0.05)
    cut: dict[str, float] = {}
    done, began = threading.Event(), monotonic()

    def note(name: str) -> None:
        cut[name] = monotonic() - began
        if len(cut) == 3:
            done.set()

    def hang() -> None:
        note("hangs")
        done.wait(20)

    with contextlib.ExitStack() as calls:
        calls.enter_context(watchdog.watchdog(Clock(60), lambda: note("in time")))
        calls.enter_context(watchdog.watchdog(Clock(0.3), lambda: note("later")))
        calls.enter_context(watchdog.watchdog(Clock(0.1), hang))  # sooner than what is waited for
        calls.enter_context(watchdog.watchdog(Clock(-5), lambda: note("over")))
        with watchdog.watchdog(Clock(0.1), lambda: note("ended")):
            pass
        assert done.wait(20)
    assert sorted(cut) == ["hangs", "later", "over"]
    assert cut["later"] >= 0.35
    assert cut["hangs"] >= 0.15


def test_the_thread_ends_when_nobody_needs_it_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "GRACE", 0.0)
    monkeypatch.setattr(watchdog, "_IDLE_SECONDS", 0.05)
    fresh = watchdog._Watchdog()
    for _ in range(2):
        cut = threading.Event()
        fresh.remove(fresh.add(monotonic() + 60, cut.set))
        fresh.add(monotonic(), cut.set)
        assert cut.wait(20)
        waited = monotonic() + 20
        while fresh._awake_at is not None and monotonic() < waited:
            threading.Event().wait(0.01)
        assert fresh._awake_at is None
