"""What is shown of a recording is what was measured, and its WAV holds it bit by bit."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import soundfile

from labcheck.headset.acoustics import measure
from labcheck.headset.evidence import LISTEN_RATE, MOST_GAIN_DB, evidence, flac, listening
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import stimulus
from tests.unit.labcheck.headset.rooms import OFFSET, microphone, recorded


def test_correlation_shows_the_peak_that_was_judged() -> None:
    recording = recorded(microphone())
    found = measure(recording, stimulus(0))
    shown = evidence(recording, stimulus(0), found)
    for course, ear in ((shown.left, found.left), (shown.right, found.right)):
        assert course is not None
        assert course.heard
        assert course.peak[1] == pytest.approx(ear.peak_db, abs=0.01)
        assert course.peak[0] == pytest.approx(ear.latency_ms, abs=0.1)
        assert course.threshold_db == ear.threshold_db
        assert course.over_db.max() == course.peak[1]
        assert course.latency_ms[0] < 0 < 500 < course.latency_ms[-1]


def test_an_ear_that_is_silent_stays_below_the_line() -> None:
    recording = recorded(microphone(left_db=-200.0))
    shown = evidence(recording, stimulus(0), measure(recording, stimulus(0)))
    assert shown.left is not None
    assert shown.right is not None
    assert not shown.left.heard
    assert shown.left.peak[1] < shown.left.threshold_db
    assert shown.right.peak[1] > shown.right.threshold_db


def test_spectrogram_is_louder_where_the_probes_are() -> None:
    recording = recorded(microphone())
    shown = evidence(recording, stimulus(0), measure(recording, stimulus(0))).spectrogram
    (begin, end), _right, _tone = shown.parts
    assert begin == pytest.approx(OFFSET + 0.08 + stimulus(0).left_at / RATE, abs=0.002)
    per_second = shown.levels_db.shape[1] / shown.seconds
    low = shown.levels_db[1:20]
    inside = low[:, int((begin + 0.1) * per_second) : int((end - 0.1) * per_second)].mean()
    before = low[:, : int((begin - 0.1) * per_second)].mean()
    assert inside > before + 10


@pytest.mark.parametrize("frames", [0, 300, 9 * RATE])
def test_nothing_is_shown_as_nothing(frames: int) -> None:
    recording = Recording(np.zeros(frames, np.int16), RATE, math.nan)
    for measures in (None, measure(recording, stimulus(0)) if frames else None):
        shown = evidence(recording, stimulus(0), measures)
        assert (shown.left, shown.right) == (None, None)
        assert shown.spectrogram.levels_db.max() == -120
    assert listening(recording)[1] == 0


def test_flac_holds_every_sample() -> None:
    pcm = np.array([0, 1, -1, 32767, -32768, 77], np.int16)
    back, rate = soundfile.read(io.BytesIO(flac(pcm, 44_100)), dtype="int16")
    assert rate == 44_100
    assert np.array_equal(back, pcm)
    assert soundfile.info(io.BytesIO(flac(pcm[:0], 48_000))).frames == 1, "a file at least"


def test_what_is_listened_to_is_louder_and_never_clips() -> None:
    quiet = recorded(microphone())
    data, gain = listening(quiet)
    assert 20 < gain <= MOST_GAIN_DB
    back, rate = soundfile.read(io.BytesIO(data))
    assert rate == LISTEN_RATE
    assert len(back) == pytest.approx(len(quiet.pcm) * LISTEN_RATE / RATE, abs=0.1 * rate)
    assert len(data) < 30_000
    assert 0.25 < np.abs(back).max() < 0.7
    loud = Recording((np.sin(np.arange(RATE) / 20) * 32000).astype(np.int16), RATE, 0.0)
    assert listening(loud)[1] == 0
