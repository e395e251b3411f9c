"""What a microphone hears besides headsets: its own noise, mains hum, pupils, chairs, the street.

Long stretches are made once in each process, always the same; each seat gets pieces of its own from them.
Speech is synthesised with formants, syllable by syllable (Klatt, "Software for a cascade/parallel formant
synthesizer", JASA 67, 1980; formants of Peterson and Barney, JASA 24, 1952, raised for children), 3 to 6
syllables a second, with pauses, and has a long-term spectrum that falls above 500 Hz (Byrne et al., JASA
96, 1994).
"""

from __future__ import annotations

import functools
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import butter, lfilter, sosfilt

from bench.headsets.clocks import Wave, add
from bench.headsets.kinds import Microphone, Surroundings
from labcheck.headset.recording import RATE

LONG = 2**21
"""44 s."""
_SEED = 20_261_122
Colour = Literal["white", "pink", "brown", "street"]
_FORMANTS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
_CHILD = 1.2
_VOICES = 6
_PERIOD = 4096
_WIDTHS = (90.0, 110.0, 170.0)


@functools.cache
def coloured(colour: Colour) -> Wave:
    """Noise of RMS 1: white, 1/f, 1/f² (in power, from 15 Hz on), or the street: 30 to 400 Hz, coming and
    going."""
    chance = np.random.default_rng([_SEED, ("white", "pink", "brown", "street").index(colour)])
    wave = chance.standard_normal(LONG, np.float32)
    if colour != "white":
        hertz = np.maximum(fft.rfftfreq(LONG, 1 / RATE), 15.0)
        shape = {"pink": hertz**-0.5, "brown": hertz**-1.0, "street": hertz**-1.0 / (1 + (hertz / 300) ** 4)}
        wave = fft.irfft(fft.rfft(wave) * shape[colour].astype(np.float32), LONG)
    if colour == "street":
        wave *= np.interp(np.arange(LONG), np.linspace(0, LONG, 23), chance.uniform(0.1, 1.0, 23))
    return _levelled(wave)


@functools.cache
def voice(number: int) -> Wave:
    """One pupil speaking without end; RMS 1 while speaking."""
    chance = np.random.default_rng([_SEED, 100 + number])
    pitch, size = chance.uniform(180, 300), 1 + chance.uniform(0, _CHILD - 1)
    wave, at = np.zeros(LONG, np.float32), 0
    while at < LONG - RATE:
        if chance.random() < 0.12:
            at += round(chance.uniform(0.2, 0.7) * RATE)
        syllable = _syllable(chance, pitch * chance.uniform(0.85, 1.2), size)
        add(wave, syllable, at, 10 ** (chance.normal(0, 3) / 20))
        at += syllable.size
    return _levelled(wave)


def _syllable(chance: np.random.Generator, pitch: float, size: float) -> Wave:
    """A burst of noise for the consonant, then a vowel."""
    frames = round(chance.uniform(0.12, 0.3) * RATE)
    glide = np.linspace(chance.uniform(0.95, 1.1), chance.uniform(0.85, 1.0), frames)
    phase = np.cumsum(pitch * glide / RATE) + chance.random()
    source = np.diff(np.floor(phase), prepend=np.floor(phase[0])) + 0.01 * chance.standard_normal(frames)
    source = lfilter([1.0], [1.0, -0.96], source)  # the glottis: -6 dB an octave, lips counted
    for hertz, width in zip(_FORMANTS[chance.integers(len(_FORMANTS))], _WIDTHS, strict=True):
        radius, angle = np.exp(-np.pi * width / RATE), 2 * np.pi * hertz * size / RATE
        gain = 1 - 2 * radius * np.cos(angle) + radius**2
        source = lfilter([gain], [1.0, -2 * radius * np.cos(angle), radius**2], source)
    vowel = source / (np.std(source) + 1e-9) * np.hanning(frames)
    consonant = chance.standard_normal(frames) * np.exp(-np.arange(frames) / (0.02 * RATE))
    hiss = sosfilt(butter(2, (2500, 7000), "bandpass", fs=RATE, output="sos"), consonant)
    return np.asarray(vowel + chance.uniform(0.05, 0.5) * hiss, np.float32)


def _levelled(wave: NDArray[np.floating]) -> Wave:
    level = np.sqrt(np.mean(np.square(wave, dtype=np.float64)))
    kept = np.asarray(wave / level, np.float32)
    kept.setflags(write=False)
    return kept


def piece(wave: Wave, frames: int, chance: np.random.Generator) -> Wave:
    """Any stretch of a long one."""
    begin = int(chance.integers(wave.size - frames))
    return wave[begin : begin + frames]


def noise(one: Microphone, frames: int, chance: np.random.Generator) -> Wave:
    """The microphone's and its amplifier's own, RMS as it says."""
    level = 10 ** (one.noise_db / 20)
    white = max(0.0, 1 - one.pink - one.brown)
    wave = piece(coloured("white"), frames, chance) * np.float32(level * white**0.5)
    wave += piece(coloured("pink"), frames, chance) * np.float32(level * one.pink**0.5)
    wave += piece(coloured("brown"), frames, chance) * np.float32(level * one.brown**0.5)
    return wave


def hum(one: Microphone, frames: int, chance: np.random.Generator) -> Wave:
    """Mains and its harmonics up to 1 kHz, odd ones stronger; RMS as it says."""
    if one.hum_db <= -89:
        return np.zeros(frames, np.float32)
    orders = np.arange(1, 21)
    powers = 10 ** (-one.hum_tilt * np.log2(orders) / 10) * np.where(orders % 2, 1.0, 0.3)
    powers *= 10 ** (chance.normal(0, 3, orders.size) / 10)
    # One period, read as often as it takes: between its points by straight lines, which are 85 dB from it.
    phases = orders[:, None] * np.arange(_PERIOD + 1) / _PERIOD + chance.random(orders.size)[:, None]
    period = np.sqrt(powers) @ np.cos(2 * np.pi * phases)
    period *= 10 ** (one.hum_db / 20) / np.sqrt(np.sum(powers) / 2)
    place = one.hum_hz / RATE * _PERIOD * np.arange(frames) % _PERIOD
    whole = place.astype(np.intp)
    rest = np.asarray(place - whole, np.float32)
    kept, rise = period.astype(np.float32), np.diff(period).astype(np.float32)
    return np.asarray(kept[whole] + rest * rise[whole])


def life(one: Surroundings, frames: int, chance: np.random.Generator) -> Wave:
    """Pupils, chairs and the street."""
    wave = np.zeros(frames, np.float32)
    if one.chatter_db > -89:
        for _speaker in range(int(chance.integers(1, 4))):
            speech = piece(voice(int(chance.integers(_VOICES))), frames, chance)
            wave += speech * _turns(frames, one.chatter_share, chance) * np.float32(0.7)
        wave *= np.float32(10 ** (one.chatter_db / 20))
    if one.traffic_db > -89:
        wave += piece(coloured("street"), frames, chance) * np.float32(10 ** (one.traffic_db / 20))
    for _click in range(one.clicks):
        add(wave, _click_wave(chance), int(chance.integers(frames)), 10 ** (one.clicks_db / 20))
    return wave


def _turns(frames: int, share: float, chance: np.random.Generator) -> Wave:
    """1 while somebody speaks, 0 else; changes about every second and a half."""
    points = max(2, frames // (RATE * 3 // 2))
    on = (chance.random(points + 1) < share).astype(float)
    return np.asarray(np.interp(np.arange(frames), np.linspace(0, frames, points + 1), on), np.float32)


def _click_wave(chance: np.random.Generator) -> Wave:
    """A knock: a chair, a desk, a key; peak about 1."""
    frames = round(0.08 * RATE)
    seconds = np.arange(frames) / RATE
    wave = chance.standard_normal(frames) * np.exp(-seconds / chance.uniform(0.002, 0.02))
    centre = chance.uniform(150, 2500)
    wave = sosfilt(butter(1, (centre * 0.6, centre * 1.6), "bandpass", fs=RATE, output="sos"), wave)
    return np.asarray(wave / (np.abs(wave).max() + 1e-9), np.float32)
