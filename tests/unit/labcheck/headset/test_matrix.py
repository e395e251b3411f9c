from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from labcheck.headset.matrix import enough, hearing, who_hears_whom
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import stimulus
from tests.unit.labcheck.headset.rooms import OFFSET, microphone, recorded

SEATS = 4


def test_whom_a_seat_hears_is_known_before_its_recording_ends() -> None:
    """A recording that goes on, and has begun earlier than the one that is kept of it, says the same."""
    whole = recorded(microphone(0) + microphone(1, -55, -58, -200.0, latency=0.13))
    before = np.zeros(RATE // 5, np.int16)
    for seconds, knows in ((5.0, False), (7.4, True)):
        pcm = np.concatenate([before, whole.pcm[: round(seconds * RATE)]])
        so_far = replace(whole, pcm=pcm, offset=whole.offset + len(before))
        assert enough(so_far) is knows
    assert not enough(replace(whole, offset=math.nan)), "nobody knows where to listen"
    stimuli = [stimulus(0), stimulus(1)]
    early, late = hearing(so_far, stimuli), hearing(whole, stimuli)
    assert early is not None
    assert late is not None
    np.testing.assert_allclose(early.gain_db, late.gain_db, atol=1e-4)
    np.testing.assert_allclose(early.over_db, late.over_db, atol=1e-3)


def test_each_hears_itself_and_a_neighbour_at_its_level() -> None:
    waves = [microphone(seat, -45, -48, seed=seat) for seat in range(SEATS)]
    waves[1] += microphone(2, -55, -58, -200.0, latency=0.13)
    matrix = who_hears_whom([recorded(wave) for wave in waves], [stimulus(seat) for seat in range(SEATS)])
    levels = [matrix.row(seat).own_db for seat in range(SEATS)]
    assert levels == pytest.approx([-42.1] * SEATS, abs=1.5)  # the ear's response below 1.9 kHz adds 3 dB
    assert matrix.row(1).loudest[0] == 2
    assert matrix.row(1).loudest[1] - matrix.row(1).own_db == pytest.approx(-10, abs=1.5)
    assert matrix.row(0).loudest[0] == -1


def test_exchanged_plugs_are_seen() -> None:
    waves = [microphone(1, seed=1), microphone(0, seed=2)]
    matrix = who_hears_whom([recorded(wave) for wave in waves], [stimulus(0), stimulus(1)])
    assert matrix.row(0).loudest[0] == 1
    assert matrix.row(1).loudest[0] == 0
    assert np.isnan(matrix.row(0).own_db)


def test_a_recording_that_is_missing_or_silent_hears_nobody() -> None:
    silent = Recording(np.zeros(9 * RATE, np.int16), RATE, OFFSET * RATE)
    matrix = who_hears_whom([None, silent, recorded(microphone(2))], [stimulus(seat) for seat in range(3)])
    assert np.isnan(matrix.over_db[:2]).all()
    assert matrix.over_db[2, 2] > 0


def test_nobody_is_heard_in_noise() -> None:
    chance = np.random.default_rng(9)
    noise = recorded(0.01 * chance.standard_normal(9 * RATE))
    matrix = who_hears_whom([noise] * 3, [stimulus(seat) for seat in range(3)])
    assert np.isnan(matrix.over_db).all()


def test_a_seat_is_heard_however_loud_it_is() -> None:
    loud = Recording(np.full(9 * RATE, 30_000, np.int16), RATE, OFFSET * RATE)
    pcm = recorded(microphone(0, -10, -10)).pcm.copy()
    pcm[100:200], pcm[300:400] = 32_767, -32_768
    matrix = who_hears_whom([Recording(pcm, RATE, OFFSET * RATE), loud], [stimulus(0), stimulus(1)])
    assert matrix.over_db[0, 0] > 0
    assert np.isnan(matrix.over_db[1]).all()
