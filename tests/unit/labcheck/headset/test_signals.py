from __future__ import annotations

import numpy as np
import pytest

from labcheck.headset.recording import RATE
from labcheck.headset.signals import FRAMES, HIGH_HZ, LOW_HZ, SEATS, stimulus, tone_hz


def decibels(value: float) -> float:
    return float(20 * np.log10(value))


@pytest.mark.parametrize("seat", [0, 13, 31])
def test_it_is_gentle_to_ears(seat: int) -> None:
    played = stimulus(seat)
    pcm = played.pcm / 32768
    assert decibels(float(np.abs(pcm).max())) <= -3
    for first, end in (
        (0, 24_000),
        (played.left_at, played.right_at),
        (played.tone_at, played.tone_at + played.tone_frames),
    ):
        assert decibels(float(np.sqrt(np.mean(pcm[first:end] ** 2, axis=0)).max() + 1e-9)) <= -12
    assert np.abs(np.diff(pcm[:, 0])).max() < 0.5  # no click: of a band up to 9 kHz no step is larger


def test_it_is_short_and_the_same_for_the_same_seat() -> None:
    played = stimulus(5)
    assert played.pcm.shape == (FRAMES, 2)
    assert FRAMES <= 8 * RATE
    stimulus.cache_clear()
    assert np.array_equal(stimulus(5).pcm, played.pcm)


def test_pcm_holds_what_the_references_say() -> None:
    played = stimulus(7)
    for side, wave, at in ((0, played.left, played.left_at), (1, played.right, played.right_at)):
        piece = played.pcm[at : at + len(wave)]
        assert np.abs(piece[:, side] / 32767 - wave).max() < 1e-4
        assert not piece[:, 1 - side].any()


def test_nobody_plays_in_the_quiet_windows() -> None:
    for seat in (0, 31):
        played = stimulus(seat)
        assert all(not played.pcm[first:end].any() for first, end in played.quiet)


def test_quiet_windows_hold_when_others_start_late() -> None:
    """By the usual 50 ms and the largest difference of latencies."""
    played = stimulus(0)
    late = round((0.05 + 0.295) * RATE)
    longest = played.quiet[-1]
    assert not played.pcm[longest[0] - late : longest[1]].any()


def test_probes_fill_their_band_and_nothing_else() -> None:
    wave = stimulus(3).left
    power = np.abs(np.fft.rfft(wave)) ** 2
    hertz = np.fft.rfftfreq(len(wave), 1 / RATE)
    outside = (hertz < LOW_HZ * 0.9) | (hertz > HIGH_HZ * 1.02)
    assert power[outside].sum() < 1e-4 * power.sum()
    octaves = [power[(hertz >= low) & (hertz < 2 * low)].sum() for low in (250, 500, 1000, 2000, 4000)]
    assert max(octaves) < 1.4 * min(octaves)


def test_tones_keep_away_from_each_other_and_from_the_mains() -> None:
    tones = sorted(tone_hz(seat) for seat in range(SEATS))
    assert min(np.diff(tones)) >= 62
    for tone in tones:
        assert tone == round(tone)  # whole cycles in a second
        assert abs((tone + 25) % 50 - 25) >= 6 or tone > 1600
        assert all(abs(harmonic * tone - other) >= 8 for other in tones for harmonic in (2, 3))


@pytest.mark.parametrize("seat", [-1, 32])
def test_there_is_no_signal_for_other_seats(seat: int) -> None:
    with pytest.raises(ValueError, match="no signal"):
        stimulus(seat)
