"""One headset on a real PulseAudio, through the real agent: what it is set to is measured, each fault is
named, and whatever happens its volumes are put back."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median

import psutil
import pytest

from labcheck.headset import asking
from labcheck.headset.acoustics import Measures, measure
from labcheck.headset.asking import Heard, Levels
from labcheck.headset.causes import Cause
from labcheck.headset.judge import primary
from labcheck.headset.limits import Limits
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import FRAMES, stimulus
from labcheck.headset.test import Plan, SeatResult, Step, hold
from labcheck.link import AgentRefused
from labcheck.outcome import Outcome
from labcheck.rehearsal.faults import Fault
from labcheck.rehearsal.headset import MODEL, Cups
from tests.services.agents import agent
from tests.services.headsets import Seat, seat
from tests.services.process import until

FULL = Levels(100, 100)
WIRE = Cups(-40.0, -46.0, 0.0, 0.0, dull=0, noise_db=-70.0)
"""No filter: what the controls say is what is to be measured."""
PLAN = Plan(limits=Limits(boom="left"), models=(MODEL,))
NOTE = Path(".local/share/vpr-morning/volumes.json")


def played(seat: Seat, number: int = 0, levels: Levels = FULL) -> tuple[Heard, Measures]:
    """What a seat hears of itself."""
    asking.prepare(seat.link, number, "", levels, deadline=30)
    clock = asking.clock(seat.link, deadline=10)
    came: list[tuple[float, Recording]] = []
    start = time.time() + 1.5
    heard = asking.play(
        seat.link, start, clock, deadline=60, early=lambda so_far: came.append((time.time(), so_far))
    )
    comes_while_it_is_made(came, start, heard.recording)
    return heard, measure(heard.recording, stimulus(number))


def comes_while_it_is_made(came: list[tuple[float, Recording]], start: float, whole: Recording) -> None:
    """Pieces of half a second, each soon after it was recorded, which make up the recording."""
    assert len(came) >= FRAMES / RATE
    for at, so_far in came:
        shift = so_far.pcm.tobytes().find(whole.pcm[:1000].tobytes()) // 2
        assert shift == pytest.approx(so_far.offset - whole.offset, abs=0.1 * RATE)
        piece = so_far.pcm[shift:]
        assert (piece == whole.pcm[: len(piece)]).all()
        assert (len(so_far.pcm) - so_far.offset) / RATE < at - start
    _at, last = came[-1]
    assert len(whole.pcm) - len(last.pcm) < RATE, "next to nothing is left to be brought at the end"


@pytest.fixture(scope="module")
def room() -> Iterator[list[Seat]]:
    """Six seats, each with a sound server of its own."""
    with ExitStack() as stack:
        yield [stack.enter_context(seat(f"204-{number:02}")) for number in range(1, 7)]


@pytest.fixture(scope="module")
def one(room: list[Seat]) -> Seat:
    return room[0]


# What is measured -------------------------------------------------------------------------------------------


def test_gain_and_latency_are_what_the_loopback_is_set_to() -> None:
    """Within 0.5 dB and 1 ms. The server's own latency is measured on the same headset without delay, while
    somebody listens who wants every millisecond: only then does the server say exactly when it plays. On a
    busy computer it is some milliseconds wrong now and then: the median of three is taken, and of more where
    they do not agree."""
    with seat("204-01", WIRE) as one:
        found: dict[float, list[Measures]] = {0.0: [], 40.0: []}
        while len(found[0.0]) < 3 or (len(found[0.0]) < 9 and max(map(_spread_ms, found.values())) > 1.0):
            for late, measured in found.items():
                one.headset.sound_like(replace(WIRE, left_ms=late, right_ms=late + 7.5))
                with one.headset.exact_times():
                    measured.append(played(one)[1])
    for measures in (*found[0.0], *found[40.0]):
        assert measures.left.gain_db == pytest.approx(-40.0, abs=0.5)
        assert measures.right.gain_db == pytest.approx(-46.0, abs=0.5)
        assert measures.right.latency_ms - measures.left.latency_ms == pytest.approx(7.5, abs=0.1)
    baseline, later = (median(one.left.latency_ms for one in found[late]) for late in (0.0, 40.0))
    assert later - baseline == pytest.approx(40.0, abs=1.0)


def _spread_ms(measured: list[Measures]) -> float:
    latencies = [one.left.latency_ms for one in measured]
    return max(latencies) - min(latencies)


def around_what_is_played(result: SeatResult) -> None:
    """A recording begins and ends half a second before and after; its blocks and moments are right."""
    heard, found = result.heard, result.measures
    assert heard is not None
    assert found is not None
    recording = heard.recording
    assert heard.late == pytest.approx(0, abs=0.05)
    assert recording.offset / recording.rate >= 0.5
    assert (len(recording.pcm) - recording.offset - FRAMES) / recording.rate >= 0.5
    assert [block[0] for block in recording.blocks] == sorted({block[0] for block in recording.blocks})
    assert found.start - recording.offset == pytest.approx(0, abs=0.06 * recording.rate)
    assert (heard.microphone.usb_id, heard.earphones.usb_id) == (MODEL, MODEL)


# Faults ---------------------------------------------------------------------------------------------------

FAULTS: tuple[dict[Fault | None, Cause | None], ...] = (
    {
        None: None,
        Fault.DEAD_LEFT: Cause.DEAD_LEFT,
        Fault.DEAD_RIGHT: Cause.DEAD_RIGHT,
        Fault.SWAPPED: Cause.SWAPPED,
    },
    {
        Fault.MONO: Cause.MONO,
        Fault.CLIPPING: Cause.CLIPPING,
        Fault.HUM: Cause.HUM,
        Fault.NOISE: Cause.NOISE,
        Fault.GAP: Cause.DROPOUTS,
        Fault.LOOPBACK: Cause.LOOPBACK,
    },
    {
        Fault.WRONG_RATE: Cause.WRONG_RATE,
        Fault.WRONG_DEVICE: Cause.WRONG_DEVICE,
        Fault.MONITOR_ONLY: Cause.WRONG_DEVICE,
        Fault.SOURCE_REMOVED: Cause.DEVICE_CHANGED,
        Fault.MIC_MUTED: Cause.SILENT,
        Fault.MIC_GAIN_LOW: Cause.TOO_QUIET,
    },
)
"""Each in a room of six that play at the same time; in the first one two more have exchanged their plugs."""


@pytest.mark.parametrize("faults", FAULTS, ids=["of-ears", "of-sound", "of-devices"])
def test_each_fault_is_named_by_its_own_code(
    room: list[Seat], faults: dict[Fault | None, Cause | None]
) -> None:
    """Beside all the others, none of which is blamed for another's."""
    expected: dict[str, Cause | None] = {}
    for one, (fault, cause) in zip(room, faults.items(), strict=False):
        one.headset.set({fault} if fault else set())
        expected[str(fault)] = cause
    exchanged = room[len(faults) :]
    if exchanged:
        first, second = exchanged
        first.headset.set(set())
        first.headset.hear(second.headset.server)
        second.headset.hear(first.headset.server)
        first.headset.hear(second.headset.server)  # the other's devices were made anew
        expected |= {"first": Cause.OTHER_SEATS_PLUG, "second": Cause.OTHER_SEATS_PLUG}
    (result,) = hold(
        {name: one.link for name, one in zip(expected, room, strict=True)}, PLAN, stop=threading.Event()
    )
    for one in exchanged:
        one.headset.hear(None)
    findings = {seat.seat: seat.findings for seat in result.seats}
    assert {name: primary(found) for name, found in findings.items()} == expected, findings
    for name, found in findings.items():
        assert ({finding.outcome for finding in found} == {Outcome.PASS}) is (expected[name] is None)
        for finding in found:
            assert bool(str(finding.remedy)) is (finding.outcome is not Outcome.PASS)
    assert set(result.seconds) == set(Step)
    if exchanged:
        said = {name: " ".join(str(one.measured) for one in found) for name, found in findings.items()}
        assert "second" in said["first"]
        assert "first" in said["second"]
    if None in faults:
        around_what_is_played(result.seats[0])
        assert all(seat.heard for seat in result.seats), "recordings are kept for the evidence"


def test_a_seat_whose_sound_hangs_is_not_checked(one: Seat) -> None:
    one.headset.set({Fault.SOUND_HANGS})
    try:
        (result,) = hold({"1А": one.link}, PLAN, stop=threading.Event())
    finally:
        one.headset.set(set())
    (seat,) = result.seats
    assert seat.heard is None
    assert [finding.outcome for finding in seat.findings] == [Outcome.NOT_CHECKED]


# Volumes --------------------------------------------------------------------------------------------------


@pytest.fixture
def set_oddly(one: Seat) -> tuple[str, ...]:
    """Volumes that nobody would set by chance, channels apart; what they look like."""
    one.headset.set(set())
    return odd(one)


def odd(one: Seat) -> tuple[str, ...]:
    one.tell("set-sink-volume", "ears", "30001", "40003")
    one.tell("set-source-volume", "mic", "50021")
    one.tell("set-source-mute", "mic", "1")
    return one.levels()


def test_volumes_are_set_for_the_test_and_put_back_and_other_streams_left_alone(one: Seat) -> None:
    """They count as the server says: cubic, 70 % is -9.3 dB and 60 % -13.3. That of the watcher in the
    virtual headset, for one, stays at its own volume, muted."""
    one.headset.sound_like(WIRE)
    set_oddly = odd(one)
    listed = one.tell("list", "source-outputs").split("Source Output #")
    number = next(block.split("\n")[0] for block in listed if "parec" in block)
    one.tell("set-source-output-volume", number, "23456")
    one.tell("set-source-output-mute", number, "1")

    def look() -> str:
        rest = one.tell("list", "source-outputs").split(f"Source Output #{number}\n")[1]
        block = rest.split("Source Output #")[0]
        return "".join(line for line in block.splitlines() if "Volume:" in line or "Mute:" in line)

    before = look()
    asking.prepare(one.link, 0, "", Levels(70, 60), deadline=30)
    during = one.levels()
    assert ["70%" in during[2], "60%" in during[0], "no" in during[3]] == [True, True, True]
    assert look() == before
    note = json.loads((one.home / NOTE).read_text())
    assert {entry["id"] for entry in note["set"]} == {"ears", "mic"}
    clock = asking.clock(one.link, deadline=10)
    assert abs(clock.offset) <= clock.error + 0.01, "it is the same computer"
    heard = asking.play(one.link, time.time() + 1, clock, deadline=60)
    lower = 60 * (math.log10(0.7) + math.log10(0.6))
    measured = measure(heard.recording, stimulus(0))
    assert measured.left.gain_db == pytest.approx(-40.0 + lower, abs=0.5), "it was switched on for the test"
    assert one.levels() == set_oddly
    assert look() == before
    one.headset.sound_like(Cups.of("204-01"))
    assert not (one.home / NOTE).exists()


def test_volumes_come_back_when_the_process_that_plays_dies(one: Seat, set_oddly: tuple[str, ...]) -> None:
    asking.prepare(one.link, 0, "", Levels(), deadline=30)
    assert one.levels() != set_oddly
    (child,) = psutil.Process(one.link.hello.pid).children()
    killer = threading.Timer(3.0, child.kill)
    killer.start()
    with pytest.raises(AgentRefused) as refused:
        one.link.call("sound", {"start_utc": time.time() + 1}, deadline=60)
    killer.join()
    assert refused.value.said == "sound-failed"
    assert one.levels() == set_oddly


def test_volumes_come_back_when_the_deadline_passes(one: Seat, set_oddly: tuple[str, ...]) -> None:
    asking.prepare(one.link, 0, "", Levels(), deadline=5)  # which what is played does not end in
    with pytest.raises(AgentRefused) as refused:
        one.link.call("sound", {"start_utc": time.time() + 1}, deadline=60)
    assert refused.value.said == "deadline-passed"
    assert one.levels() == set_oddly


def test_volumes_come_back_when_the_moment_is_past(one: Seat, set_oddly: tuple[str, ...]) -> None:
    asking.prepare(one.link, 0, "", Levels(), deadline=30)
    with pytest.raises(AgentRefused) as refused:
        one.link.call("sound", {"start_utc": time.time() - 1.6}, deadline=60)
    assert refused.value.said == "too-late"
    assert one.levels() == set_oddly
    with pytest.raises(AgentRefused) as refused:
        one.link.call("sound", {"start_utc": time.time() + 1}, deadline=60)
    assert refused.value.said == "not-prepared"


@pytest.mark.parametrize("playing", [False, True])
def test_volumes_come_back_when_the_connection_is_cut(
    one: Seat, set_oddly: tuple[str, ...], playing: bool
) -> None:
    """As SSH cuts it: both pipes end, and nobody signals anything."""
    env = {**os.environ, "HOME": str(one.home), "PULSE_SERVER": one.headset.server, "XDG_DATA_HOME": ""}
    command = [sys.executable, "-m", "labcheck.agent"]
    with subprocess.Popen(
        command, env=env, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        source, sink = process.stdout, process.stdin
        assert source is not None
        assert sink is not None
        pcm = {
            "packed": True,
            "pcm": asking.packed(0),
            "record_s": 20,
            "volumes": {"input": 80, "output": 80},
        }
        around = {"before_s": 0.6, "after_s": 0.6}
        sink.write(_request(1, {"prepare": True, "around": around, **pcm}))
        sink.flush()
        source.readline()
        assert json.loads(source.readline())["result"]["prepared"]
        if playing:
            sink.write(_request(2, {"start_utc": time.time() + 1}))
            sink.flush()
            until(lambda: "ALSA plug-in" in one.tell("list", "sink-inputs"), "the streams")
        assert one.levels() != set_oddly
        sink.close()
        source.close()
        assert process.wait(60) == 0
    assert one.levels() == set_oddly
    assert not (one.home / NOTE).exists()


def _request(number: int, given: dict[str, object]) -> bytes:
    return json.dumps({"id": number, "do": "sound", "with": given}).encode() + b"\n"


def test_an_agent_that_was_killed_leaves_a_note_that_the_next_one_acts_on(
    one: Seat, set_oddly: tuple[str, ...]
) -> None:
    env = {"PULSE_SERVER": one.headset.server}
    with agent(one.home, env) as link:
        asking.prepare(link, 0, "", Levels(), deadline=30)
        os.kill(link.hello.pid, signal.SIGKILL)
        until(lambda: not psutil.pid_exists(link.hello.pid) or _dead(link.hello.pid), "the agent's end")
    assert one.levels() != set_oddly
    assert (one.home / NOTE).exists()
    with agent(one.home, env) as link:
        link.ping()
        assert one.levels() == set_oddly
        assert not (one.home / NOTE).exists()


def test_what_somebody_has_set_since_stays(one: Seat, set_oddly: tuple[str, ...]) -> None:
    env = {"PULSE_SERVER": one.headset.server}
    with agent(one.home, env) as link:
        asking.prepare(link, 0, "", Levels(), deadline=30)
        os.kill(link.hello.pid, signal.SIGKILL)
        until(lambda: _dead(link.hello.pid), "the agent's end")
    one.tell("set-sink-volume", "ears", "12345")
    with agent(one.home, env) as link:
        link.ping()
    now = one.levels()
    assert "12345" in now[0]
    assert now[2:] == set_oddly[2:]


def test_two_tests_at_one_seat_do_not_meet(one: Seat, set_oddly: tuple[str, ...]) -> None:
    asking.prepare(one.link, 0, "", Levels(), deadline=30)
    with agent(one.home, {"PULSE_SERVER": one.headset.server}) as other:
        with pytest.raises(AgentRefused) as refused:
            asking.prepare(other, 0, "", Levels(), deadline=30)
        assert refused.value.said == "busy"
    one.link.call("ping", deadline=10)
    one.link.call("sound", {"record_s": 0.2}, deadline=30)  # something else was asked for: put back
    assert one.levels() == set_oddly


def _dead(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
