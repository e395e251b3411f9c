"""Recordings measured in other processes: the same answers, and nobody waits for who died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import psutil
import pytest

from labcheck.headset.crew import Crew
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.worker import Answer, Question, answer
from tests.unit.labcheck.headset.rooms import microphone, recorded

SEATS = 3


@pytest.fixture(scope="module", name="crew")
def _crew() -> Iterator[Crew]:
    with Crew(SEATS) as crew:
        yield crew


@pytest.fixture(scope="module", name="recordings")
def _recordings() -> dict[int, Recording]:
    return {seat: recorded(microphone(seat, seed=seat)) for seat in range(SEATS)}


def gone(pids: tuple[int, ...]) -> bool:
    """Within ten seconds."""
    patience = time.monotonic() + 10
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < patience:
        time.sleep(0.02)
    return not any(map(psutil.pid_exists, pids))


def figures(one: Answer) -> str:
    assert one.measures is not None
    assert one.hearing is not None
    ear = replace(one.measures.left, impulse=np.zeros(0))
    return repr((ear, one.measures.start, one.measures.tone_dbfs, one.hearing.gain_db.tolist()))


def test_another_process_says_the_same(crew: Crew, recordings: dict[int, Recording]) -> None:
    found = crew.answers(recordings)
    assert sorted(found) == sorted(recordings)
    here = answer(Question(1, SEATS, recordings[1]))
    assert figures(found[1]) == figures(here)
    assert found[1].hearing is not None
    assert found[1].hearing.gain_db.shape == (SEATS, 2)


def test_whom_a_seat_hears_is_found_out_once_while_the_recording_goes_on(
    crew: Crew, recordings: dict[int, Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labcheck.headset.crew._MOST", 1)  # one after the other
    with Crew(SEATS) as another:
        another.listen(0, replace(recordings[1], pcm=recordings[1].pcm[: round(7.4 * RATE)]))
        found = another.answers(recordings)
    assert found[0].hearing is not None
    assert np.isnan(found[0].hearing.gain_db[0]).all(), "what was heard early is not asked for again"
    assert not np.isnan(found[0].hearing.gain_db[1]).any()
    whole = crew.answers(recordings)
    assert figures(found[1]) == figures(whole[1])
    assert found[0].measures is not None
    assert whole[0].measures is not None
    assert found[0].measures.left.gain_db == whole[0].measures.left.gain_db


def test_a_recording_that_measures_stumble_over_costs_no_other_its_result(
    crew: Crew, recordings: dict[int, Recording]
) -> None:
    broken = replace(recordings[0], rate=0)
    found = crew.answers({0: broken, 1: recordings[1]})
    assert "ZeroDivisionError" in found[0].mistake
    assert found[0].measures is None
    assert not found[1].mistake


def test_who_dies_loses_the_seat_in_hand_and_another_takes_its_place(
    crew: Crew, recordings: dict[int, Recording]
) -> None:
    dying = crew.pids
    for pid in dying:
        os.kill(pid, signal.SIGKILL)
    found = crew.answers(recordings)
    assert sorted(found) == sorted(recordings)
    lost = [seat for seat, one in found.items() if one.mistake]
    assert len(lost) == len(dying)
    assert all(found[seat].measures for seat in recordings if seat not in lost)
    assert not set(dying) & set(crew.pids)


def test_who_takes_too_long_is_not_waited_for(recordings: dict[int, Recording]) -> None:
    with Crew(1, limit_seconds=0.01) as crew:
        began = time.monotonic()
        assert "ended" in crew.answers({0: recordings[0]})[0].mistake
        assert time.monotonic() - began < 5
        pids = crew.pids
    assert gone(pids)


def test_nobody_outlives_who_started_them() -> None:
    program = (
        "import time; from labcheck.headset.crew import Crew\n"
        "crew = Crew(1); print(*crew.pids, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pids = tuple(map(int, parent.stdout.readline().split()))
        parent.kill()
    assert pids
    assert gone(pids)
