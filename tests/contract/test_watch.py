"""A workstation watched, put right and left: real SSH server, real agent, real PulseAudio."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

from labcheck import fix, push, watch
from labcheck.collect import Station
from labcheck.errors import LabcheckError
from labcheck.fix import CannotFix, What
from labcheck.incidents import Incident, Kind
from labcheck.keeping import Keeping
from labcheck.link import Link
from labcheck.looks import Limits
from labcheck.move import AnswerInTheWay, AnswersBeingWritten, move
from labcheck.requirements import Range, Requirements, Software, Steps
from labcheck.transport.base import Transport
from labcheck.transport.errors import TransportError
from labcheck.transport.ssh import connect
from labcheck.watch import Target, Watch, lasting
from tests.services.bundles import BUNDLES
from tests.services.cutting import Cutting, cutting
from tests.services.process import PATIENCE, until
from tests.services.pulse import MICROPHONE, Sound, sound_server
from tests.services.sshd import Sshd, sshd

ANSWERS = {"linux": "~/answers"}
PROGRAM = "vprstation"
LIMITS = Limits(1, 0, mains=False, headset_usb_ids=("046d:0a44",), session=False, still_s=1.0)
START = ("sh", "-c", 'exec "$HOME/start"')
WANTED = Requirements(
    headset=True,
    headset_usb_ids=("046d:0a44",),
    input_volume=Range(40, 100),
    output_volume=Range(20, 90),
    software=Software(
        "Station", "1", process=PROGRAM,
        steps=MappingProxyType({"linux": Steps(answers="~/answers", start=START)}),
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PAUSES", (0.05, 0.2))
    monkeypatch.setattr(watch, "LATE_SECONDS", 2.0)
    monkeypatch.setattr(fix, "STAY_SECONDS", 0.3)


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[Sound]:
    with sound_server(tmp_path / "sound") as running:
        yield running


@pytest.fixture
def seat(tmp_path: Path, sound: Sound) -> Iterator[Sshd]:
    with sshd(tmp_path / "ssh", 75, environment={"PULSE_SERVER": sound.server}) as running:
        (running.home / "answers").mkdir()
        yield running


@pytest.fixture
def program(seat: Sshd) -> Iterator[subprocess.Popen[bytes]]:
    """The exam program: a process of that name, which also writes how it can be started anew."""
    copy = seat.home / PROGRAM
    copy.symlink_to(Path("/bin/sleep").resolve())
    (seat.home / "start").write_text(f'#!/bin/sh\necho $$ > "$HOME/pid"\nexec "{copy}" 300\n')
    (seat.home / "start").chmod(0o755)
    running = subprocess.Popen([copy, "300"])
    yield running
    running.kill()
    running.wait()
    if (seat.home / "pid").exists():
        with_pid = int((seat.home / "pid").read_text())
        with contextlib.suppress(ProcessLookupError):
            os.kill(with_pid, signal.SIGKILL)


def way(server: Sshd, host: str = "", port: int = 0) -> Transport:
    there = server.endpoint
    if port:
        there = dataclasses.replace(there, host=host, port=port)
    return connect(there, server.credentials, deadline=10)


class Watching:
    """A running watch of one seat, told until something is so."""

    def __init__(self, running: Watch, name: str) -> None:
        self.watch, self.name = running, name
        self.changed: list[Incident] = []

    def open(self) -> set[Kind]:
        return set(self.watch.states[self.name].open)

    def hear(self, wanted: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not wanted():
            assert time.monotonic() < end, f"{what}: {self.open()}"
            if (news := self.watch.next(0.1)) is not None:
                self.changed += news.changed

    def until(self, *kinds: Kind) -> None:
        self.hear(lambda: self.open() == set(kinds), f"wanted {kinds}")

    def seen(self) -> None:
        self.hear(lambda: self.watch.states[self.name].seen is not None, "seen")


@pytest.fixture
def target(seat: Sshd) -> Target:
    return Target(seat.endpoint.seat, functools.partial(way, seat), LIMITS, ANSWERS, PROGRAM)


def test_a_headset_and_an_answer_go_wrong_and_right_again(
    seat: Sshd, sound: Sound, target: Target, program: subprocess.Popen[bytes]
) -> None:
    with Watch([target], BUNDLES, every=0.2) as running:
        watching = Watching(running, target.seat)
        watching.seen()
        assert watching.open() == set()
        sound.tell("set-source-mute", "mic", "1")
        watching.until(Kind.INPUT_MUTED)
        sound.tell("set-source-mute", "mic", "0")
        sound.tell("set-sink-volume", "ears", "0%")
        watching.until(Kind.OUTPUT_ZERO)
        sound.tell("set-sink-volume", "ears", "70%")
        sound.tell("set-default-sink", "air")
        watching.until(Kind.SWITCHED)
        sound.tell("set-default-sink", "ears")
        watching.until()
        answer = seat.home / "answers/10001.wav"
        answer.write_bytes(b"")
        watching.until(Kind.ANSWER_STILL)
        answer.write_bytes(b"x" * 1000)
        watching.until()
        watching.until(Kind.ANSWER_STILL)
        answer.write_bytes(b"x" * 2000)
        watching.until()
        answer.write_bytes(b"x" * 10)
        watching.until(Kind.ANSWER_LOST)
        answer.write_bytes(b"x" * 3000)
        watching.until()
        program.kill()
        program.wait()
        watching.hear(lambda: Kind.PROGRAM in watching.open(), "program")
        sound.unplug_microphone()
        watching.hear(lambda: Kind.UNPLUGGED in watching.open(), "unplugged")
        assert running.lost(target.seat).total_seconds() > 0
    ended = {i.kind for i in watching.changed if i.ended is not None}
    assert {Kind.INPUT_MUTED, Kind.OUTPUT_ZERO, Kind.SWITCHED, Kind.ANSWER_STILL, Kind.ANSWER_LOST} <= ended
    assert all("10001" not in str(i.detail) for i in watching.changed)
    until(lambda: not [c for c in seat.sessions() if "agent-" in c], "nothing is left running there")


def test_a_frozen_sound_server_is_told_as_not_seen(seat: Sshd, sound: Sound, target: Target) -> None:
    one = dataclasses.replace(target, limits=dataclasses.replace(LIMITS, program=False))
    with Watch([one], BUNDLES, every=0.2) as running:
        watching = Watching(running, one.seat)
        watching.seen()
        sound.freeze()
        watching.hear(lambda: bool({Kind.BLIND, Kind.SILENT} & watching.open()), "blind or silent")


def test_it_is_silent_when_cut_and_comes_back(seat: Sshd, target: Target) -> None:
    limits = dataclasses.replace(LIMITS, program=False)
    with cutting() as wires:
        budgets: list[int | None] = [None, 0, 0]
        host, port = wires.wire(
            seat.endpoint.host, seat.endpoint.port, lambda: budgets.pop(0) if budgets else None
        )
        one = dataclasses.replace(target, way=functools.partial(way, seat, host, port), limits=limits)
        with Watch([one], BUNDLES, every=0.2) as running:
            watching = Watching(running, one.seat)
            watching.seen()
            wires.cut()
            watching.until(Kind.SILENT)
            noted = running.states[one.seat].open[Kind.SILENT].noted
            watching.until()
        over = next(i for i in watching.changed if i.ended is not None)
        assert over.noted == noted
        assert over.ended is not None
        assert over.ended > noted


def test_another_computer_at_the_address_is_not_merely_silent(seat: Sshd, target: Target) -> None:
    def other() -> Transport:
        key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKg6hHdSJZ9b589p6722C5dsVO31TAJzZj0g9onjnrZO"
        return connect(dataclasses.replace(seat.endpoint, host_key=key), seat.credentials, deadline=10)

    with Watch([dataclasses.replace(target, way=other)], BUNDLES, every=0.2) as running:
        Watching(running, target.seat).until(Kind.UNTRUSTED)


def test_a_seat_that_nobody_answers_holds_up_no_other(seat: Sshd, target: Target) -> None:
    def hangs() -> Transport:
        time.sleep(PATIENCE)
        raise TransportError("late")

    one = dataclasses.replace(target, limits=dataclasses.replace(LIMITS, program=False))
    dead = dataclasses.replace(one, seat="204-99", way=hangs)
    began = time.monotonic()
    watch_end = watch.END_SECONDS
    try:
        watch.END_SECONDS = 0.2
        with Watch([dead, one], BUNDLES, every=0.2) as running:
            Watching(running, one.seat).seen()
            assert running.states["204-99"].seen is None
    finally:
        watch.END_SECONDS = watch_end
    assert time.monotonic() - began < PATIENCE / 2


def test_what_lasted_goes_on_lasting_in_the_next_watch(seat: Sshd, sound: Sound, target: Target) -> None:
    one = dataclasses.replace(target, limits=dataclasses.replace(LIMITS, program=False))
    sound.tell("set-source-mute", "mic", "1")
    with Watch([one], BUNDLES, every=0.2) as running:
        first = Watching(running, one.seat)
        first.until(Kind.INPUT_MUTED)
        noted = running.states[one.seat].open[Kind.INPUT_MUTED].noted
    again = dataclasses.replace(one, lasting=lasting(running.incidents())[one.seat])
    with Watch([again], BUNDLES, every=0.2) as running:
        second = Watching(running, one.seat)
        second.seen()
        assert second.changed == []
        assert running.states[one.seat].open[Kind.INPUT_MUTED].noted == noted
        assert running.lost(one.seat) > running.now() - noted - (running.now() - noted) / 10


# Put right


@pytest.fixture
def link(seat: Sshd) -> Iterator[Link]:
    transport = way(seat)
    yield push.start(transport, BUNDLES)
    transport.close()


def wanted_changes(link: Link, what: What, **more: object) -> tuple[fix.Change, ...]:
    return fix.changes(what, fix.devices(link, WANTED), WANTED, **more)  # type: ignore[arg-type]


def test_unmute_level_and_default_device(link: Link, sound: Sound) -> None:
    sound.tell("set-source-mute", "mic", "1")
    (change,) = wanted_changes(link, What.UNMUTE)
    assert MICROPHONE in str(change.said)
    assert sound.tell("get-source-mute", "mic") != "Mute: no", "nothing is done before the operator's word"
    assert fix.apply(link, change, WANTED).done
    assert sound.tell("get-source-mute", "mic") == "Mute: no"
    assert wanted_changes(link, What.UNMUTE) == ()
    sound.tell("set-source-volume", "mic", "0%")
    (change,) = wanted_changes(link, What.VOLUME, sides=("inputs",))
    assert change.percent == 70
    assert fix.apply(link, change, WANTED).done
    assert "70%" in sound.tell("get-source-volume", "mic")
    sound.tell("set-default-sink", "air")
    (change,) = wanted_changes(link, What.DEFAULT_DEVICE)
    assert fix.apply(link, change, WANTED).done
    assert sound.tell("get-default-sink") == "ears"


def test_nothing_is_called_done_that_a_new_reading_does_not_show(
    link: Link, sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound.tell("set-source-mute", "mic", "1")
    (change,) = wanted_changes(link, What.UNMUTE)
    call = Link.call

    def lying(self: Link, do: str, *args: object, **more: object) -> dict[str, object]:
        return {"done": True} if do == "fix" else call(self, do, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Link, "call", lying)
    fixed = fix.apply(link, change, WANTED)
    assert not fixed.done
    assert "muted" in str(fixed.after)


def test_a_workstation_that_goes_away_is_not_put_right(link: Link, sound: Sound, seat: Sshd) -> None:
    sound.tell("set-source-mute", "mic", "1")
    (change,) = wanted_changes(link, What.UNMUTE)
    seat.stop()
    fixed = fix.apply(link, change, WANTED)
    assert not fixed.done
    assert fixed.why is not None


def test_which_device_is_asked_when_it_is_not_clear(link: Link, sound: Sound) -> None:
    sound.tell("set-default-sink", "air")
    any_model = dataclasses.replace(WANTED, headset_usb_ids=("0000:0000",))
    there = fix.devices(link, any_model)
    with pytest.raises(CannotFix, match="which device"):
        fix.changes(What.DEFAULT_DEVICE, there, any_model)
    (change,) = fix.changes(What.DEFAULT_DEVICE, there, any_model, device="ears", sides=("outputs",))
    assert fix.apply(link, change, any_model).done


@pytest.mark.parametrize("what", [What.UNMUTE, What.VOLUME, What.DEFAULT_DEVICE])
def test_where_nothing_is_plugged_in_nothing_is_called_well(link: Link, sound: Sound, what: What) -> None:
    there = [one for one in fix.devices(link, WANTED) if one.side == "outputs"]
    with pytest.raises(CannotFix, match="plug the headset in"):
        fix.changes(what, there, WANTED)
    with pytest.raises(CannotFix, match="plug the headset in"):
        fix.changes(what, (), WANTED, percent=50)


def test_a_device_that_is_not_there_is_not_called_well(link: Link, sound: Sound) -> None:
    with pytest.raises(CannotFix, match="no device there is called that"):
        fix.changes(What.DEFAULT_DEVICE, fix.devices(link, WANTED), WANTED, device="nosuch")


def test_the_program_is_ended_and_started(link: Link, program: subprocess.Popen[bytes], seat: Sshd) -> None:
    fixed = fix.apply(link, fix.restart(WANTED.software, "linux"), WANTED)
    assert fixed.done, (fixed, sys.platform)
    assert program.wait(5) == -signal.SIGTERM
    assert int((seat.home / "pid").read_text()) != program.pid


def test_a_program_that_crashes_at_once_does_not_count(link: Link, seat: Sshd) -> None:
    (seat.home / "start").write_text("#!/bin/sh\nexit 1\n")
    (seat.home / "start").chmod(0o755)
    assert not fix.apply(link, fix.restart(WANTED.software, "linux"), WANTED).done


def test_the_profile_must_say_how_it_starts() -> None:
    with pytest.raises(CannotFix):
        fix.restart(WANTED.software, "windows")
    with pytest.raises(CannotFix):
        fix.restart(None, "linux")


# Moved


@pytest.fixture
def reserve(tmp_path: Path) -> Iterator[Sshd]:
    with sshd(tmp_path / "reserve", 76) as running:
        yield running


def station(server: Sshd, **where: object) -> Station:
    return Station(server.endpoint.seat, functools.partial(way, server, **where), ANSWERS)  # type: ignore[arg-type]


def begun(seat: Sshd) -> dict[str, bytes]:
    files = {"10001.wav": os.urandom(200_000), "10001/2.wav": os.urandom(5000), "10002.wav": b"another's"}
    for name, data in files.items():
        path = seat.home / "answers" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return files


def mine(path: str) -> bool:
    return path.startswith("10001")


def test_the_started_answers_go_along(seat: Sshd, reserve: Sshd, tmp_path: Path) -> None:
    files = begun(seat)
    keeping = Keeping(tmp_path / "kept")
    moved = move(station(seat), station(reserve), BUNDLES, keeping, only=mine, settle=0.05)
    assert {kept.path for kept in moved.files} == {"10001.wav", "10001/2.wav"}
    assert moved.sent == 205_000
    there = reserve.home / "answers"
    assert (there / "10001.wav").read_bytes() == files["10001.wav"]
    assert not (there / "10002.wav").exists()
    assert (seat.home / "answers/10001.wav").read_bytes() == files["10001.wav"], "nothing is deleted"
    again = move(station(seat), station(reserve), BUNDLES, keeping, only=mine, settle=0.05)
    assert again.sent == 0
    assert again.files == moved.files


def test_nothing_at_the_reserve_is_overwritten(seat: Sshd, reserve: Sshd, tmp_path: Path) -> None:
    begun(seat)
    (reserve.home / "answers").mkdir()
    (reserve.home / "answers/10001.wav").write_bytes(b"somebody else's")
    with pytest.raises(AnswerInTheWay):
        move(station(seat), station(reserve), BUNDLES, Keeping(tmp_path / "kept"), settle=0.05)
    assert (reserve.home / "answers/10001.wav").read_bytes() == b"somebody else's"
    assert len(list((reserve.home / "answers").iterdir())) == 1


def test_an_answer_that_comes_meanwhile_at_the_reserve_stays(
    seat: Sshd, reserve: Sshd, tmp_path: Path
) -> None:
    """The pupil at the reserve begins to speak while the other one's answer is on its way there."""
    theirs = reserve.home / "answers" / "10001.wav"
    theirs.parent.mkdir()
    (seat.home / "answers").mkdir(exist_ok=True)
    (seat.home / "answers" / "10001.wav").write_bytes(os.urandom(1 << 20) * 40)
    keeping = Keeping(tmp_path / "kept")

    def speak() -> None:
        until(lambda: any(theirs.parent.glob(".vpr-*")), "the part of what is moved")
        theirs.write_bytes(b"theirs")

    until_it_begins = threading.Thread(target=speak)
    until_it_begins.start()
    with pytest.raises(AnswerInTheWay):
        move(station(seat), station(reserve), BUNDLES, keeping, settle=0.05)
    until_it_begins.join()
    assert theirs.read_bytes() == b"theirs"
    assert [path.name for path in theirs.parent.iterdir()] == ["10001.wav"]
    theirs.unlink()
    move(station(seat), station(reserve), BUNDLES, keeping, settle=0.05)
    assert [path.name for path in theirs.parent.iterdir()] == ["10001.wav"]


@pytest.mark.parametrize("way", ["a linked folder", "a linked file", "a file for a folder"])
def test_what_a_link_leads_to_at_the_reserve_stays(
    seat: Sshd, reserve: Sshd, tmp_path: Path, way: str
) -> None:
    other = reserve.home / "other"
    other.mkdir()
    (other / "10001.wav").write_bytes(b"theirs")
    (reserve.home / "answers").mkdir()
    there = reserve.home / "answers" / "day"
    if way == "a linked folder":
        there.symlink_to(other)
    elif way == "a linked file":
        there.mkdir()
        (there / "10001.wav").symlink_to(other / "10001.wav")
    else:
        there.write_bytes(b"theirs")
    (seat.home / "answers" / "day").mkdir(parents=True)
    (seat.home / "answers" / "day" / "10001.wav").write_bytes(b"ours")
    with pytest.raises(AnswerInTheWay):
        move(station(seat), station(reserve), BUNDLES, Keeping(tmp_path / "kept"), settle=0.05)
    assert (other / "10001.wav").read_bytes() == b"theirs"
    assert way != "a linked file" or (there / "10001.wav").is_symlink()


def test_a_program_s_own_part_at_the_reserve_stays(seat: Sshd, reserve: Sshd, tmp_path: Path) -> None:
    """Some programs record into a .part and name it when the pupil has ended."""
    (reserve.home / "answers").mkdir()
    theirs = reserve.home / "answers" / "10001.wav.part"
    theirs.write_bytes(b"theirs")
    (seat.home / "answers").mkdir(exist_ok=True)
    (seat.home / "answers" / "10001.wav").write_bytes(b"ours")
    move(station(seat), station(reserve), BUNDLES, Keeping(tmp_path / "kept"), settle=0.05)
    assert theirs.read_bytes() == b"theirs"
    assert theirs.with_suffix("").read_bytes() == b"ours"


def test_what_is_still_written_to_stays(seat: Sshd, reserve: Sshd, tmp_path: Path) -> None:
    begun(seat)
    with (seat.home / "answers/10001.wav").open("ab"), pytest.raises(AnswersBeingWritten):
        move(station(seat), station(reserve), BUNDLES, Keeping(tmp_path / "kept"), settle=0.05)
    assert not (reserve.home / "answers").exists()


def test_a_move_that_is_cut_anywhere_goes_on(seat: Sshd, reserve: Sshd, tmp_path: Path) -> None:
    files = begun(seat)
    keeping = Keeping(tmp_path / "kept")
    move(
        station(seat), station(reserve), BUNDLES, keeping, only=lambda _p: False, settle=0.05
    )  # agents are there
    with cutting() as wires:
        for after in range(3_000, 240_000, 40_000):
            host, port = _wire(wires, reserve, after)
            with contextlib.suppress(LabcheckError):
                move(station(seat), station(reserve, host=host, port=port), BUNDLES, keeping, settle=0.05)
            for path in (reserve.home / "answers").rglob("*.wav"):
                name = path.relative_to(reserve.home / "answers").as_posix()
                assert path.read_bytes() == files[name], "whole, or not under its name"
    move(station(seat), station(reserve), BUNDLES, keeping, settle=0.05)
    for name, data in files.items():
        assert (reserve.home / "answers" / name).read_bytes() == data


def _wire(wires: Cutting, server: Sshd, after: int) -> tuple[str, int]:
    return wires.wire(server.endpoint.host, server.endpoint.port, lambda: after)
