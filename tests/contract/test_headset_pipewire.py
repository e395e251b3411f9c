"""The same agent on a real PipeWire, through the PulseAudio side that it has: gains, volumes, causes."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from labcheck.headset import asking
from labcheck.headset.acoustics import Measures, measure
from labcheck.headset.asking import Levels
from labcheck.headset.causes import Cause
from labcheck.headset.judge import primary
from labcheck.headset.signals import stimulus
from labcheck.headset.test import Plan, hold
from labcheck.link import AgentRefused, Link
from labcheck.rehearsal.faults import Fault
from labcheck.rehearsal.headset import Cups
from tests.services.agents import agent
from tests.services.pipewire import PipeWire, pipewire

WIRE = Cups(-40.0, -46.0, 0.0, 5.0, dull=0, noise_db=-70.0)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[PipeWire, Link]]]:
    """Three computers, each with a PipeWire of its own."""
    with ExitStack() as stack:
        found = []
        for number in range(3):
            server = stack.enter_context(pipewire())
            home = tmp_path_factory.mktemp("home") / str(number)
            found.append((server, stack.enter_context(agent(home, {"PULSE_SERVER": server.server}))))
        yield found


def played(link: Link, levels: Levels) -> Measures:
    asking.prepare(link, 0, "", levels, deadline=30)
    clock = asking.clock(link, deadline=10)
    heard = asking.play(link, time.time() + 1, clock, deadline=60)
    return measure(heard.recording, stimulus(0))


def levels_of(server: PipeWire) -> tuple[str, ...]:
    asked = (("get-sink-volume", "ears"), ("get-source-volume", "mic"), ("get-source-mute", "mic"))
    return tuple(server.tell(*words) for words in asked)


def test_gains_delays_and_volumes(room: list[tuple[PipeWire, Link]]) -> None:
    before = []
    for server, _link in room[:2]:
        server.plug_in(WIRE)
        server.tell("set-sink-volume", "ears", "30001", "40003")
        server.tell("set-source-mute", "mic", "1")
        before.append(levels_of(server))
    with ThreadPoolExecutor() as pool:
        (_server, one), (_server, other) = room[:2]
        full, lower = pool.map(played, (one, other), (Levels(100, 100), Levels(80, 80)))
    assert full.left.gain_db == pytest.approx(-40.0, abs=0.5)
    assert full.right.gain_db == pytest.approx(-46.0, abs=0.5)
    assert full.right.latency_ms - full.left.latency_ms == pytest.approx(5.0, abs=0.1)
    assert lower.left.gain_db == pytest.approx(-40.0 + 2 * 60 * math.log10(0.8), abs=0.5), "cubic, too"
    assert [levels_of(server) for server, _link in room[:2]] == before


def test_causes(room: list[tuple[PipeWire, Link]]) -> None:
    """All three at once."""
    faults = {"well": None, "dead-left": Fault.DEAD_LEFT, "muted": Fault.MIC_MUTED}
    for (server, _link), fault in zip(room, faults.values(), strict=True):
        server.plug_in(Cups.of("204-01").with_faults({fault} if fault else ()))
    links = {name: link for name, (_server, link) in zip(faults, room, strict=True)}
    (result,) = hold(links, Plan(), stop=threading.Event())
    found = {one.seat: one.findings for one in result.seats}
    for _again in range(2):
        if {one.cause for one in found["well"]} - {None} != {Cause.DROPOUTS}:
            break
        # a busy computer drops sound, and nothing else is said of it: the well one alone, once more
        (result,) = hold({"well": links["well"]}, Plan(), stop=threading.Event())
        found |= {one.seat: one.findings for one in result.seats}
    causes = {seat: primary(findings) for seat, findings in found.items()}
    assert causes == {"well": None, "dead-left": Cause.DEAD_LEFT, "muted": Cause.SILENT}, found


def test_a_monitor_is_no_microphone(room: list[tuple[PipeWire, Link]]) -> None:
    server, link = room[0]
    server.plug_in(WIRE)
    server.tell("set-default-source", "ears.monitor")
    with pytest.raises(AgentRefused) as refused:
        asking.prepare(link, 0, "", Levels(), deadline=30)
    assert refused.value.said == "monitor-source"
