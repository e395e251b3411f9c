"""How an earcup sounds at the microphone of its own headset, and at others in the room.

- The cup: resonances of the small volume between driver and ear, 1.5 to 5 kHz, and the seal's leak, a
  roll-off of the second order towards low frequencies (Poldy, "Headphones", in Borwick, Loudspeaker
  and Headphone Handbook, 3rd ed., ch. 14). The way to the boom is 9 to 25 cm of air.
- The room: a few early reflections, then Gaussian noise that decays exponentially (Polack's model; Schroeder,
  "New Method of Measuring Reverberation Time", JASA 37, 1965), shorter for high frequencies, because air and
  people absorb them. RT60 of 0.4 to 0.9 s: ANSI S12.60 asks 0.6 s of classrooms.
- Others: what a cup radiates has the colour that its own microphone hears, which is outside of it, too;
  343 m/s of air, spherical spreading, and heads and desks in the way, which make it a little duller.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import butter, sosfilt

from bench.headsets.clocks import Wave
from bench.headsets.kinds import Cup
from labcheck.headset.recording import RATE

Spectrum = NDArray[np.complex64]
CUP = 2048
"""Frames in which a cup's own ringing is over: 43 ms."""
LOW_HZ, HIGH_HZ = 100.0, 8000.0
"""The band that couplings are told for, weighted like pink noise."""


def peak(hertz: float, q: float, gain_db: float) -> NDArray[np.float64]:
    """A peaking filter's second-order section (Bristow-Johnson, "Audio EQ Cookbook")."""
    root = 10 ** (gain_db / 40)
    angle = 2 * np.pi * hertz / RATE
    alpha = np.sin(angle) / (2 * q)
    above = [1 + alpha * root, -2 * np.cos(angle), 1 - alpha * root]
    below = [1 + alpha / root, -2 * np.cos(angle), 1 - alpha / root]
    section = np.array(above + below)
    return np.asarray(section / section[3])


@functools.cache
def _weights(size: int) -> NDArray[np.float64]:
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    inside = (hertz >= LOW_HZ) & (hertz <= HIGH_HZ)
    weights = np.where(inside, 1 / np.maximum(hertz, LOW_HZ), 0.0)
    return np.asarray(weights / weights.sum())


def coupling_db(response: NDArray[np.float64] | Wave) -> float:
    """The gain of an impulse response for pink noise of the band, dB."""
    size = fft.next_fast_len(max(response.size, 8192))
    power = np.abs(np.fft.rfft(response, size)) ** 2
    return float(10 * np.log10(np.sum(power * _weights(size)) + 1e-30))


def cup(one: Cup, reverb_s: float, chance: np.random.Generator) -> Wave:
    """The impulse response from an earcup to its own microphone, with the room, of exactly its coupling."""
    if not np.isfinite(one.coupling_db):
        return np.zeros(1, np.float32)
    direct = np.zeros(CUP)
    direct[round(one.delay_s * RATE)] = 1.0
    direct = _coloured(one, direct)
    tail = room(reverb_s, chance)
    for _early in range(3):  # desk, screen, wall: they arrive within the first hundredth of a second
        tail[chance.integers(100, 700)] += chance.normal(0.0, 0.2)
    tail = fft.irfft(fft.rfft(tail, 2 * tail.size) * fft.rfft(direct, 2 * tail.size), 2 * tail.size)
    scale = 10 ** (one.reverb_db / 20) * np.linalg.norm(direct) / np.linalg.norm(tail)
    whole = scale * tail[: room_frames(reverb_s)]
    whole[:CUP] += direct
    gain = 10 ** ((one.coupling_db - coupling_db(whole)) / 20)
    return np.asarray(whole * (-gain if one.inverted else gain), np.float32)


def _coloured(one: Cup, wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """As it is radiated by the cup."""
    sections = [peak(*each) for each in one.resonances]
    sections += list(butter(2, one.leak_hz, "highpass", fs=RATE, output="sos"))
    sections += list(butter(2, one.top_hz, "lowpass", fs=RATE, output="sos"))
    return np.asarray(sosfilt(np.array(sections), wave))


def room_frames(reverb_s: float) -> int:
    """A tail's length: until -40 dB of itself."""
    return round(reverb_s * 2 / 3 * RATE)


def room(reverb_s: float, chance: np.random.Generator) -> NDArray[np.float64]:
    """A diffuse tail, RMS sum 1; above 2 kHz it decays twice as fast."""
    seconds = np.arange(room_frames(reverb_s)) / RATE
    white = chance.standard_normal(seconds.size)
    dull = sosfilt(butter(2, 2000.0, fs=RATE, output="sos"), white)
    rate = 3 * np.log(10) / reverb_s
    tail = dull * np.exp(-rate * seconds) + (white - dull) * np.exp(-2 * rate * seconds)
    tail[: round(0.002 * RATE)] = 0.0  # no wall is nearer than 70 cm there and back
    return np.asarray(tail / np.linalg.norm(tail))


def leak(one: Cup, reverb_s: float, direct_db: float, chance: np.random.Generator) -> Wave:
    """The impulse response to other microphones: duller and reverberant, gain 1 for pink noise of the band.

    ``direct_db`` is what the direct sound has more than the room's tail."""
    whole = room(reverb_s, chance)
    whole[0] = 10 ** (direct_db / 20)
    whole = sosfilt(butter(1, chance.uniform(4000, 9000), fs=RATE, output="sos"), _coloured(one, whole))
    return np.asarray(whole * 10 ** (-coupling_db(whole) / 20), np.float32)


def spectrum(wave: Wave, size: int) -> Spectrum:
    """Its transform, padded with zeros."""
    return np.asarray(fft.rfft(wave, size), np.complex64)
