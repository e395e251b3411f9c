"""A microphone watched during the exam: the real agent on a real PulseAudio, beside one who records."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labcheck.agent import devices, listen, programs
from labcheck.agent.protocol import Unavailable
from labcheck.incidents import Kind
from labcheck.looks import Limits, Watched, look, resumed
from labcheck.rehearsal.faults import Fault
from labcheck.rehearsal.headset import MODEL
from tests.services.headsets import Seat, seat
from tests.services.process import program

LIMITS = Limits(
    0, 0, headset_usb_ids=(MODEL,), session=False, program=False, answers=False, mains=False, noise_dbfs=-74.0
)
WANTED = {"every_s": 0.3, "listen_s": 0.1}
LOOKS = 60


@pytest.fixture(scope="module")
def one() -> Iterator[Seat]:
    with seat("204-01") as running:
        yield running


class Watching:
    """The seat, look after look."""

    def __init__(self, one: Seat) -> None:
        self._stop = threading.Event()
        self._looks = one.link.watch(WANTED, stop=self._stop, deadline=20)
        self.state: Watched = resumed("1А", LIMITS, ())
        self.sizes: list[int] = []

    def until(self, right: Callable[[Watched], bool]) -> None:
        for _time in range(LOOKS):
            if right(self.state):
                return
            untrusted: Any = next(self._looks)
            self.sizes.append(len(json.dumps(untrusted)))
            self.state, _changed = look(self.state, dt.datetime.now(dt.UTC), untrusted)
        raise AssertionError(self.state)

    def until_open(self, *kinds: Kind) -> None:
        self.until(lambda state: set(state.open) == set(kinds))

    def close(self) -> None:
        self._stop.set()
        for _rest in self._looks:
            pass


def test_silence_hum_mute_and_a_pulled_plug_are_noted_beside_a_program_that_records(
    one: Seat, tmp_path: Path
) -> None:
    exam = tmp_path / "answer.raw"
    with exam.open("wb") as file, subprocess.Popen(
        [program("parec"), "--raw", "--format=s16le", "--rate=48000", "--channels=1"],
        env={**os.environ, "PULSE_SERVER": one.headset.server}, stdout=file,
    ) as recording:  # fmt: skip
        watching = Watching(one)
        try:
            before = one.levels()
            watching.until(lambda state: state.heard.times >= 2)
            assert not watching.state.open, "a headset that is well"
            assert one.levels() == before, "nothing was set"
            listened = exam.stat().st_size
            watching.until(lambda state: state.heard.times >= 4)
            grown = exam.stat().st_size - listened
            assert grown > 0, "the program goes on recording"
        finally:
            recording.kill()
        one.headset.set({Fault.HUM})
        watching.until_open(Kind.MIC_HUM)
        one.headset.set({Fault.MIC_MUTED})
        watching.until_open(Kind.MIC_SILENT)
        one.headset.set(set())
        watching.until_open()
        one.headset.set({Fault.MUTED})
        watching.until_open(Kind.INPUT_MUTED)
        watching.until(lambda state: state.heard.why is not None and "is muted" in str(state.heard.why))
        one.headset.set({Fault.UNPLUGGED})
        watching.until_open(Kind.UNPLUGGED)
        watching.close()
        one.headset.set(set())
    samples = memoryview(exam.read_bytes()).cast("h")
    longest = run = 0
    for value in samples[48_000:]:
        run = run + 1 if value == 0 else 0
        longest = max(longest, run)
    assert longest < 480, "nothing was taken from its recording"
    assert max(watching.sizes) < 4000, "levels leave the workstation, no sound"
    kept = [path for path in one.home.rglob("*") if path.is_file() and path.stat().st_size > 50_000]
    assert not [path for path in kept if path.suffix not in {".zip", ".so", ".py", ".pyc"}], kept
    assert not (one.home / ".local/share/vpr-morning/volumes.json").exists()


def test_a_bare_device_is_left_to_the_exam_program() -> None:
    """Where no sound server answers, a second program would take the device away from the first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(devices, "devices", lambda _user: {"kind": "alsa", "inputs": [{"default": True}]})
        patch.setattr(programs, "start", lambda *_a, **_k: pytest.fail("something was started"))
        with pytest.raises(Unavailable, match="lets two programs listen"):
            listen.listen()
