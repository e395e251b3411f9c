"""What looks like a good headset and is none: no such recording may pass.

Each is made up of a good one by a known change, and is proved together with that good one, which must pass.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from labcheck.headset.acoustics import Measures, measure
from labcheck.headset.acoustics.measuring import slip_ms
from labcheck.headset.causes import Cause
from labcheck.headset.judge import judge, primary
from labcheck.headset.limits import Limits
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import FRAMES, LEVEL, stimulus

Wave = NDArray[np.float64]
SEAT = 3
BEFORE, LATENCY = 0.5, 0.06
AT = round((BEFORE + LATENCY) * RATE)
SECONDS = 9.2


def cup(seed: int, gain_db: float, delay: float, detuned: float = 1.0) -> Wave:
    """An earcup's impulse response: direct sound, then a dozen resonances; 12 ms. The two cups of a headset
    have the same ones, a little detuned."""
    chance = np.random.default_rng(seed)
    times = np.arange(600 - round(delay * RATE)) / RATE
    wave = np.zeros(600)
    wave[round(delay * RATE)] = 1
    for _resonance in range(12):
        hertz = detuned * np.exp(chance.uniform(np.log(150), np.log(7500)))
        decay = np.exp(-times / 0.0012 / chance.uniform(0.5, 3))
        ring = np.sin(2 * np.pi * hertz * times + chance.uniform(0, 1))
        wave[-len(times) :] += 0.3 * chance.normal() * decay * ring
    return scaled(wave, gain_db)


def scaled(response: Wave, gain_db: float) -> Wave:
    """So that the probe comes with this gain."""
    heard = fftconvolve(stimulus(SEAT).left, response)
    return np.asarray(response / np.sqrt(np.mean(heard**2)) * LEVEL * 10 ** (gain_db / 20))


LEFT, RIGHT = cup(1, -45, 0.0005), cup(1, -48, 0.0007, 1.06)


def noise(level_db: float, frames: int, seed: int = 5) -> Wave:
    """A little pink."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(frames))
    spectrum /= np.maximum(np.fft.rfftfreq(frames, 1 / RATE), 50) ** 0.25
    wave = np.fft.irfft(spectrum, frames)
    return np.asarray(wave / np.sqrt(np.mean(wave**2)) * 10 ** (level_db / 20))


def recorded(
    left: Wave = LEFT,
    right: Wave = RIGHT,
    noise_db: float = -65.0,
    played: Callable[[Wave], Wave] = lambda wave: wave,
    after: Callable[[Wave], Wave] = lambda wave: wave,
) -> Recording:
    """``played`` changes what the earcups get, ``after`` what the microphone gives."""
    pcm = played(stimulus(SEAT).pcm / 32767)
    wave = np.zeros(round(SECONDS * RATE))
    for side, response in enumerate((left, right)):
        heard = fftconvolve(pcm[:, side], response)[: len(wave) - AT]
        wave[AT : AT + len(heard)] += heard
    wave = np.rint((wave + noise(noise_db, len(wave))) * 32768)
    return Recording(np.clip(after(wave), -32768, 32767).astype(np.int16), RATE, BEFORE * RATE, ())


def named(recording: Recording) -> Cause | None:
    """The primary cause; None: it passes."""
    return primary(judge(measure(recording, stimulus(SEAT)), Limits()))


@cache
def good() -> Measures:
    return measure(recorded(), stimulus(SEAT))


def test_the_good_one_passes() -> None:
    assert primary(judge(good(), Limits())) is None


@pytest.mark.parametrize("apart_db", [0.0, 1.5, 2.5, 5.0])
def test_a_wire_or_monitor_that_sums_both_channels(apart_db: float) -> None:
    wire = np.zeros(40)
    wire[10] = 0.01
    found = named(recorded(wire, wire * 10 ** (-apart_db / 20), noise_db=-80))
    assert found in {Cause.LOOPBACK, Cause.MONO}


@pytest.mark.parametrize("apart_db", [0.5, 1.5, 3.0])
def test_mono_out_of_balance(apart_db: float) -> None:
    both = (LEFT + RIGHT) * 0.7
    assert named(recorded(both, both * 10 ** (-apart_db / 20))) is Cause.MONO


@pytest.mark.parametrize("leak_db", [-8.0, -10.0, -15.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_dead_left_ear_that_leaks_into_the_right_one(leak_db: float, sign: int) -> None:
    leaked = RIGHT * sign * 10 ** (leak_db / 20)
    assert named(recorded(leaked, RIGHT)) is Cause.DEAD_LEFT


def test_a_dead_right_ear_that_leaks_into_the_left_one() -> None:
    assert named(recorded(LEFT, LEFT * 10 ** (-10 / 20))) is Cause.DEAD_RIGHT


@pytest.mark.parametrize("seed", [11, 14, 17])
def test_loudspeakers_and_a_microphone_on_the_table(seed: int) -> None:
    def speaker(number: int, delay: float, detuned: float = 1.0) -> Wave:
        """Half a metre away in a room of 0.5 s: the tail has half of the direct sound's energy."""
        times = np.arange(round(0.6 * RATE)) / RATE
        wave = np.random.default_rng(number).standard_normal(len(times)) * np.exp(-6.9 * times / 0.5)
        wave[: round(delay * RATE)] = 0
        wave = scaled(wave, -41)
        direct = cup(seed, -38, delay, detuned)
        wave[: len(direct)] += direct
        return wave

    assert named(recorded(speaker(seed, 0.0011), speaker(seed + 1, 0.0016, 1.06))) is Cause.WRONG_DEVICE


@pytest.mark.parametrize(("milliseconds", "every"), [(1, 0.05), (2, 0.05), (3, 0.1)])
def test_zeros_of_a_millisecond(milliseconds: int, every: float) -> None:
    def holes(wave: Wave) -> Wave:
        for first in range(AT, len(wave), round(every * RATE)):
            wave[first : first + milliseconds * RATE // 1000] = 0
        return wave

    assert named(recorded(after=holes)) is Cause.DROPOUTS


@pytest.mark.parametrize(("frames", "at"), [(128, 1.9), (256, 5.6), (512, 6.2), (1024, 5.6), (1024, 7.3)])
def test_a_block_that_comes_twice(frames: int, at: float) -> None:
    first = AT + round(at * RATE)

    def twice(wave: Wave) -> Wave:
        wave[first : first + frames] = wave[first - frames : first].copy()
        return wave

    assert named(recorded(after=twice)) is Cause.DROPOUTS


@pytest.mark.parametrize("second", [1.2, 2.9, 4.6, 5.15, 5.4, 5.8, 5.93, 6.0, 6.2, 6.5, 6.7])
def test_a_microphone_that_dies_while_its_noise_goes_on(second: float) -> None:
    first = AT + round(second * RATE)

    def dies(wave: Wave) -> Wave:
        wave[first:] = np.rint(noise(-65, len(wave) - first, 9) * 32768)
        return wave

    assert named(recorded(after=dies)) is not None


@pytest.mark.parametrize("at", [5.3, 5.6, 6.2])
@pytest.mark.parametrize("frames", [96, 240])
def test_frames_that_are_lost_in_a_tone(frames: int, at: float) -> None:
    first = AT + round(at * RATE)

    def lost(wave: Wave) -> Wave:
        return np.concatenate([wave[:first], wave[first + frames :], wave[-frames:]])

    assert named(recorded(after=lost)) in {Cause.DROPOUTS, Cause.NOT_MEASURABLE}


@pytest.mark.parametrize("top", [0.25, 0.35])
def test_an_amplifier_that_cuts_the_probes_and_hardly_the_tone(top: float) -> None:
    found = measure(recorded(played=lambda wave: np.clip(wave, -top, top)), stimulus(SEAT))
    assert primary(judge(found, Limits())) is Cause.DISTORTION
    assert good().bent[0] < 0.03 < 0.06 < found.bent[0]


@pytest.mark.parametrize("noise_db", [-65.0, -55.0, -50.0])
def test_a_bent_driver_in_noise(noise_db: float) -> None:
    def bent(wave: Wave) -> Wave:
        return np.asarray(wave + 1.6 * (wave**2 - np.mean(wave**2, axis=0)))

    assert named(recorded(played=bent, noise_db=noise_db)) is Cause.DISTORTION


def test_a_telephones_band_is_not_bent_by_hum() -> None:
    """Beyond the band nothing is left but what analysis adds: hum cut off at once has all frequencies."""

    def hums(wave: Wave) -> Wave:
        times = np.arange(len(wave)) / RATE
        hum = sum(np.sin(2 * np.pi * 49.7 * order * times + order) / order for order in (1, 2, 3, 5, 7))
        cut = sosfilt(butter(10, 3100, fs=RATE, output="sos"), wave)
        return np.asarray(np.rint(cut + 32768 * 0.02 * hum))

    found = measure(recorded(after=hums), stimulus(SEAT))
    assert found.bent[0] - 3 * found.bent[1] < 0.02
    causes = {finding.cause for finding in judge(found, Limits())}
    assert Cause.NARROW in causes
    assert Cause.DISTORTION not in causes


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 7), st.floats(-45, 45), st.integers(0, 7), st.floats(-45, 45))
def test_parts_that_are_elsewhere_by_themselves_are_no_slip(
    one: int, there: float, other: int, elsewhere: float
) -> None:
    delays = [0.02 * part for part in range(8)]
    delays[one] = there
    nearly_all = max(one, other) < 3 or min(one, other) > 4  # two of the first or last three parts
    if abs(one - other) > 1 and not nearly_all:  # side by side, too, they may be what a slip looks like
        delays[other] = elsewhere
    assert slip_ms(tuple(delays)) < 0.2


@given(st.integers(2, 6), st.floats(3, 40), st.sampled_from([-1, 1]), st.sets(st.integers(0, 7), max_size=2))
def test_parts_that_are_moved_for_good_are_a_slip(
    first: int, by: float, sign: int, unheard: set[int]
) -> None:
    delays = [sign * by * (part >= first) + 0.01 * part for part in range(8)]
    kept = [part for part in range(8) if part not in unheard]
    if sum(part < first for part in kept) > 1 and sum(part >= first for part in kept) > 1:
        assert slip_ms(tuple(np.nan if part in unheard else delays[part] for part in range(8))) > by - 0.1


def test_what_noise_hides_has_no_figure() -> None:
    found = measure(recorded(noise_db=-40), stimulus(SEAT))
    assert not found.thd_db < -100
    assert primary(judge(found, Limits())) is not None


@pytest.mark.parametrize("share", [-1.0, 0.2])
def test_voices_are_no_gain_control(share: float) -> None:
    def voices(wave: Wave) -> Wave:
        times = np.arange(len(wave)) / RATE
        phase = 2 * np.pi * np.cumsum(130 + 40 * np.sin(1.4 * np.pi * times)) / RATE
        voice = sum(np.sin(number * phase) / number for number in range(1, 25))
        return np.asarray(np.rint(wave + 32768 * 0.002 * voice * (np.sin(6 * np.pi * times) > share)))

    found = measure(recorded(after=voices), stimulus(SEAT))
    causes = {finding.cause for finding in judge(found, Limits())}
    assert Cause.GAIN_CONTROL not in causes


def test_gain_control_shows_beside_the_tones() -> None:
    def turned(wave: Wave) -> Wave:
        level = np.full(len(wave), 0.25)
        for first, end in stimulus(SEAT).quiet:
            level[AT + first - 4800 : AT + end] = 1
        level[AT + FRAMES :] = 1
        return np.asarray(np.rint(wave * level))

    found = measure(recorded(after=turned), stimulus(SEAT))
    assert found.breathing_db < -9 < -1 < good().breathing_db
    assert Cause.GAIN_CONTROL in {finding.cause for finding in judge(found, Limits())}
