"""The same agent on a real PipeWire, through the PulseAudio side that it has: gains, volumes, causes."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture
def server() -> Iterator[PipeWire]:
    with pipewire() as running:
        yield running


@pytest.fixture
def link(server: PipeWire, tmp_path: Path) -> Iterator[Link]:
    with agent(tmp_path / "home", {"PULSE_SERVER": server.server}) as running:
        yield running


def played(link: Link, levels: Levels) -> Measures:
    asking.prepare(link, 0, "", levels, deadline=30)
    clock = asking.clock(link, deadline=10)
    heard = asking.play(link, time.time() + 1, clock, deadline=60)
    return measure(heard.recording, stimulus(0))


def levels_of(server: PipeWire) -> tuple[str, ...]:
    asked = (("get-sink-volume", "ears"), ("get-source-volume", "mic"), ("get-source-mute", "mic"))
    return tuple(server.tell(*words) for words in asked)


def test_gains_delays_and_volumes(server: PipeWire, link: Link) -> None:
    server.plug_in(WIRE)
    server.tell("set-sink-volume", "ears", "30001", "40003")
    server.tell("set-source-mute", "mic", "1")
    before = levels_of(server)
    full = played(link, Levels(100, 100))
    assert full.left.gain_db == pytest.approx(-40.0, abs=0.5)
    assert full.right.gain_db == pytest.approx(-46.0, abs=0.5)
    assert full.right.latency_ms - full.left.latency_ms == pytest.approx(5.0, abs=0.1)
    lower = played(link, Levels(80, 80))
    assert lower.left.gain_db == pytest.approx(-40.0 + 2 * 60 * math.log10(0.8), abs=0.5), "cubic, too"
    assert levels_of(server) == before


@pytest.mark.parametrize(
    ("fault", "cause"),
    [(None, None), (Fault.DEAD_LEFT, Cause.DEAD_LEFT), (Fault.MIC_MUTED, Cause.SILENT)],
)
def test_causes(server: PipeWire, link: Link, fault: Fault | None, cause: Cause | None) -> None:
    server.plug_in(Cups.of("204-01").with_faults({fault} if fault else ()))
    (result,) = hold({"1А": link}, Plan(), stop=threading.Event())
    assert primary(result.seats[0].findings) == cause, result.seats[0].findings


def test_a_monitor_is_no_microphone(server: PipeWire, link: Link) -> None:
    server.plug_in(WIRE)
    server.tell("set-default-source", "ears.monitor")
    with pytest.raises(AgentRefused) as refused:
        asking.prepare(link, 0, "", Levels(), deadline=30)
    assert refused.value.said == "monitor-source"
