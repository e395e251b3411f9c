"""A room: every seat ends with exactly one outcome, whatever its workstation does, and holds up no other."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labcheck import room
from labcheck.bundle import Bundle, WheelsNotFetched
from labcheck.failure import LATE, STOPPED
from labcheck.finding import Check
from labcheck.outcome import Outcome
from labcheck.reach import REMEDIES, Reach
from labcheck.requirements import Requirements
from labcheck.room import visit_all
from labcheck.transport.base import Endpoint, Interpreter, Platform
from labcheck.transport.errors import (
    AuthFailed,
    ConnectionLost,
    DeadlinePassed,
    HostKeyChanged,
    HostKeyUnknown,
    NotSsh,
    PasswordExpired,
    TransferRefused,
    Unreachable,
)
from labcheck.visit import LIMITS, Phase, Task, Visited

BOOT = {"boot": 1, "machine": "x86_64", "python": "/usr/bin/python3", "version": "3.11.2", "home": "/nowhere"}
HELLO = {"agent": 1, "hash": "", "python": "3.11.2", "system": "linux", "pid": 7}
CALM = Requirements(max_network_ms=60_000.0)
ERRORS: dict[type[Exception], Outcome] = {
    Unreachable: Outcome.UNREACHABLE,
    NotSsh: Outcome.UNREACHABLE,
    ConnectionLost: Outcome.UNREACHABLE,
    HostKeyUnknown: Outcome.UNTRUSTED,
    HostKeyChanged: Outcome.UNTRUSTED,
    DeadlinePassed: Outcome.TIMED_OUT,
    AuthFailed: Outcome.FAIL,
    PasswordExpired: Outcome.FAIL,
    TransferRefused: Outcome.FAIL,
    WheelsNotFetched: Outcome.NOT_CHECKED,
    RuntimeError: Outcome.NOT_CHECKED,
    OSError: Outcome.NOT_CHECKED,
}
STEPS = ("connect", "platform", "home", "bundle", "open", "boot", "hello", "facts", "close")
ASKED_APART = ("platform", "home")
"""Steps that only a workstation with Windows has: one with Linux says this when its Python starts."""
LINES = st.one_of(
    st.binary(max_size=60),
    st.just(b'{"id": 1}'),
    st.just(b"[]"),
    st.just(b'{"id": 1, "result": 5}'),
    st.none(),
)


def raised(kind: Callable[..., Exception]) -> Exception:
    return kind("{seat}: no", seat="s") if hasattr(kind, "remedy") else kind("no")


class Workstation:
    """A workstation that goes wrong at a step, with an error or with what its agent says."""

    def __init__(
        self, seat: str, step: str = "", error: type[Exception] | None = None, line: Any = ""
    ) -> None:
        self.seat, self.step, self.error, self.line = seat, step, error, line
        self.system = "windows" if step in ASKED_APART else "linux"
        self.exit_status = None
        self.asked: list[dict[str, Any]] = []
        self.closed = threading.Event()
        self.hang: Callable[[], object] | None = None

    def at(self, step: str) -> None:
        if step == self.step and self.hang is not None:
            self.hang()
        if step == self.step and self.error is not None:
            raise raised(self.error)

    # Transport

    def platform(self) -> Platform:
        self.at("platform")
        return Platform("windows", "amd64", Interpreter("C:\\python.exe", "3.11.2"))

    def home(self) -> str:
        self.at("home")
        return "/nowhere"

    def open(self, _command: object) -> Workstation:
        self.at("open")
        return self

    def close(self) -> None:
        self.at("close")
        self.closed.set()

    # Channel

    def send(self, line: bytes, deadline: float = 0) -> None:
        self.asked.append(json.loads(line))

    def receive(self, deadline: float) -> bytes | None:
        before = "boot" if self.system == "linux" and not self.asked else "hello"
        step = self.asked[-1].get("do", "hello") if self.asked else before
        self.at(step)
        if step == self.step and self.line != "":
            found: bytes | None = self.line
            return found
        first = {"boot": BOOT, "hello": HELLO}.get(step)
        return json.dumps(first or {"id": self.asked[-1]["id"], "result": {}}).encode()

    def errors(self) -> bytes:
        return b""


class Farm:
    """Connects to the workstations by seat."""

    def __init__(self, *stations: Workstation) -> None:
        self.stations = {one.seat: one for one in stations}
        self.endpoints = [Endpoint(one.seat, "h") for one in stations]

    def __call__(self, endpoint: Endpoint, *, deadline: float) -> Any:
        one = self.stations[endpoint.seat]
        one.at("connect")
        return one

    def of(self, platform: Platform) -> Bundle:
        for one in self.stations.values():
            if one.step == "bundle":
                one.at("bundle")
        return Bundle("linux-x86_64", Path("/nowhere"), "0" * 64)


class Seen:
    """An observer that keeps what it was told."""

    def __init__(self) -> None:
        self.results: list[Visited] = []
        self.phases: list[tuple[str, Phase]] = []
        self.threads: set[int] = set()

    def phase(self, seat: str, phase: Phase) -> None:
        self.phases.append((seat, phase))
        self.threads.add(threading.get_ident())

    def step(self, seat: str, step: str, done: int, size: int) -> None:
        raise AssertionError(step)

    def ended(self, *visited: Visited) -> None:
        self.results.extend(visited)
        self.threads.add(threading.get_ident())


faults = st.one_of(
    st.tuples(st.just(""), st.none(), st.just("")),
    st.tuples(st.sampled_from(STEPS), st.sampled_from(list(ERRORS)), st.just("")),
    st.tuples(st.sampled_from(("boot", "hello", "facts")), st.none(), LINES),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wrong=st.lists(faults, min_size=1, max_size=12), at_once=st.integers(1, 12))
def test_every_seat_ends_with_exactly_one_outcome(wrong: list[Any], at_once: int) -> None:
    farm = Farm(*(Workstation(f"s{n}", *fault) for n, fault in enumerate(wrong)))
    seen = Seen()
    limits = dict.fromkeys(Phase, 5.0)
    task = Task(CALM, farm, limits=limits)
    found = visit_all(farm.endpoints, task, farm, seen, at_once=at_once)
    assert [one.seat for one in found] == [endpoint.seat for endpoint in farm.endpoints]
    assert Counter(one.seat for one in seen.results) == Counter(f"s{n}" for n in range(len(wrong)))
    assert seen.threads == {threading.get_ident()}
    for one, (step, error, line) in zip(found, wrong, strict=True):
        assert one.begun
        bundle_fails = any(s == "bundle" and e for s, e, _l in wrong)
        if step in {"", "close"} and not bundle_fails:
            assert one.outcome is Outcome.PASS
        elif step == "connect" and error:
            assert one.outcome is ERRORS[error]
            assert one.findings[-1].check is Check.CONNECTION
        elif step and (error or line is not None) and step != "close":
            assert not (one.outcome.good and error)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_makes_the_outcome_that_it_means(kind: type[Exception]) -> None:
    farm = Farm(Workstation("s", "facts", kind))
    (one,) = visit_all(farm.endpoints, Task(CALM, farm), farm)
    assert one.outcome is ERRORS[kind]
    assert one.findings[-1].remedy.template
    assert farm.stations["s"].closed.is_set()


def test_what_came_instead_of_a_connection_says_what_to_do() -> None:
    farm = Farm(Workstation("s"))

    def refused(endpoint: Endpoint, *, deadline: float) -> Any:
        raise Unreachable("{seat}: no", seat="s", how=Reach.REFUSED)

    (one,) = visit_all(farm.endpoints, Task(CALM, farm), refused)
    assert one.findings[0].remedy.template == REMEDIES[Reach.REFUSED]


def test_one_that_hangs_for_ever_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when no deadline below works: it is given up after its phase, and its place is free again."""
    monkeypatch.setattr(room, "GRACE_SECONDS", 0.2)
    let_go = threading.Event()
    stuck = [Workstation(f"stuck{n}", "facts") for n in range(2)]
    for one in stuck:
        one.hang = lambda: let_go.wait(30)
    well = [Workstation(f"well{n}") for n in range(6)]
    farm = Farm(*stuck, *well)
    limits = {**LIMITS, Phase.CHECKS: 0.3}
    seen = Seen()
    began = time.monotonic()
    try:
        found = visit_all(farm.endpoints, Task(CALM, farm, limits=limits), farm, seen, at_once=2)
    finally:
        let_go.set()
    assert time.monotonic() - began < 10
    assert [one.outcome for one in found] == [Outcome.TIMED_OUT] * 2 + [Outcome.PASS] * 6
    assert LATE in found[0].findings
    assert stuck[0].closed.wait(5)
    assert len(seen.results) == 8


def test_a_stop_lets_the_phase_end_and_says_who_was_not_checked() -> None:
    stop, go_on = threading.Event(), threading.Event()
    first = Workstation("first", "platform")

    def stopped_meanwhile() -> None:
        stop.set()
        go_on.wait(10)

    first.hang = stopped_meanwhile
    farm = Farm(first, Workstation("second"), Workstation("third"))
    threading.Timer(0.5, go_on.set).start()
    found = visit_all(farm.endpoints, Task(CALM, farm), farm, stop=stop, at_once=1)
    assert [one.outcome for one in found] == [Outcome.NOT_CHECKED] * 3
    assert [one.begun for one in found] == [True, False, False]
    assert found[0].phase is Phase.AGENT  # it ended; the next one was not begun
    assert all(STOPPED in one.findings for one in found)


def test_a_stop_cuts_what_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "GRACE_SECONDS", 0.2)
    stop, let_go = threading.Event(), threading.Event()
    one = Workstation("s", "facts")

    def hang() -> None:
        stop.set()
        let_go.wait(30)

    one.hang = hang
    farm = Farm(one)
    (found,) = visit_all(farm.endpoints, Task(CALM, farm), farm, stop=stop)
    let_go.set()
    assert found.outcome is Outcome.NOT_CHECKED
    assert one.closed.wait(5)
    assert one.asked[-1]["do"] == "facts"  # nothing was begun after it


def test_nothing_demanded_is_not_ready() -> None:
    farm = Farm(Workstation("s"))
    (one,) = visit_all(farm.endpoints, Task(Requirements(), farm), farm)
    assert one.outcome is Outcome.NOT_CHECKED
