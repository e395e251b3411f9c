"""How the gain goes while something plays: where gaps, gain control and suppression show.

What was recorded is compared with what should have come, frame by frame of 10 ms, half overlapping: of a
probe, what the measured impulse response makes of it, both whitened by the spectrum of their difference; of
the tone, its fit, through a filter that keeps the other seats' tones away. The gain of a frame is the least-
squares one. Its standard error is what is left in that frame, so that a click or a shout says nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.signal

from labcheck.headset.acoustics.bent import UNBENT, Products, share
from labcheck.headset.acoustics.coupling import HIGH_HZ, LOW_HZ, WORK, Probe, Spectra, squared, whitening
from labcheck.headset.acoustics.level import Wave
from labcheck.headset.acoustics.response import EARLY, Response, faded

HOP = WORK // 200
FRAME = 2 * HOP
_EDGE = 4
"""Frames at either end that fades make weak: the probe's own, and those without which loud hum, cut off at
once, would have all frequencies, like a bent probe where nothing else is heard."""
_TONE_RATE = 8000
_PASS_HZ, _STOP_HZ = 45.0, 58.0
_REST_LOW_HZ = 500.0


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Every 5 ms, (n,)."""

    gains: Wave
    """Relative to the whole: 1 when nothing changes, 0 when the sound is missing."""
    errors: Wave
    """Standard error of each."""
    rest_dbfs: float
    """What is not the probe, see :func:`quiet_level`; nan for the tone."""
    bent: tuple[tuple[float, float], ...] = ()
    """Of each product of ``bent.products``, see ``bent.share``; empty for the tone."""

    def spread(self) -> float:
        """How much more the gains vary than noise explains: 1 when nothing changes; over 50 ms."""
        size = 10
        count = len(self.gains) // size
        if count < 2:
            return math.nan
        weights = 1 / np.maximum(self.errors[: count * size], 1e-3).reshape(count, size) ** 2
        gains = self.gains[: count * size].reshape(count, size)
        means = np.sum(gains * weights, axis=1) / weights.sum(axis=1)
        errors = np.sqrt(2 / weights.sum(axis=1))  # frames overlap by half
        whole = float(np.sum(means / errors**2) / np.sum(1 / errors**2))
        return float(np.sqrt(np.mean(((means - whole) / np.hypot(errors, 0.02)) ** 2)))

    def part(self, begin: float, end: float) -> tuple[float, float]:
        """Median gain, which gaps do not move, and its error, from one to another share of the whole."""
        first, last = round(begin * len(self.gains)), round(end * len(self.gains))
        if last <= first:
            return math.nan, math.nan
        error = float(np.median(self.errors[first:last]))
        return float(np.median(self.gains[first:last])), 1.25 * error * math.sqrt(2 / (last - first))


def probe_track(probe: Probe, response: Response, products: Products = UNBENT) -> Track:
    """Of a probe and the response to it. ``products``: what it gives when it is bent."""
    length = len(probe.wave)
    size = int(scipy.fft.next_fast_len(length + len(response.impulse), real=True))
    through = scipy.fft.rfft(response.impulse.astype(np.float32), size)
    made = scipy.fft.irfft(_played(probe, products, size) * through, size, axis=1)[:, EARLY : EARLY + length]
    heard = np.asarray(response.recorded, dtype=np.float32)
    spectra = scipy.fft.rfft(faded(np.concatenate([heard[None], made]), _EDGE * HOP), axis=1)
    band = slice(math.ceil(LOW_HZ * length / WORK), math.floor(HIGH_HZ * length / WORK) + 1)
    left = spectra[0, band] - spectra[1, band]
    white = np.zeros((2, length // 2 + 1), dtype=np.complex64)
    weights = whitening(squared(left), band.start)
    white[:, band] = spectra[:2, band] * np.sqrt(weights)
    bent = tuple(share(left, added, weights) for added in spectra[2:, band])
    one, two = scipy.fft.irfft(white, length, axis=1)
    level = quiet_level(heard - made[0])
    return replace(_compared(one, two, 2 * (HIGH_HZ - LOW_HZ) / WORK, FRAME, level), bent=bent)


@lru_cache(maxsize=64)
def _played(probe: Probe, products: Products, size: int) -> Spectra:
    """(1 + products, bins)."""
    waves = np.stack([probe.wave, *products.waves])
    return np.asarray(scipy.fft.rfft(waves, size, axis=1), dtype=np.complex64)


def quiet_level(wave: Wave) -> float:
    """RMS from 500 to 8000 Hz of the quietest third of pieces of 50 ms, dBFS; nan for less than 0.15 s."""
    size = WORK // 20
    count = len(wave) // size
    if count < 3:
        return math.nan
    hertz = np.fft.rfftfreq(size, 1 / WORK)
    window = np.hanning(size)
    spectra = squared(np.fft.rfft(wave[: count * size].reshape(count, size) * window, axis=1))
    powers = spectra[:, (hertz >= _REST_LOW_HZ) & (hertz <= 8000)].sum(axis=1)
    level = float(np.sort(powers)[: max(1, count // 3)].mean()) * 2 / (size * float(window @ window))
    return 10 * math.log10(max(level, 1e-15))


def tone_track(recorded: Wave, begin: float, end: float, hertz: float) -> Track:
    """Of a steady tone between two seconds of a recording at 24 kHz; ``hertz`` by the recording's clock. The
    filter lets 45 Hz on either side pass: the next seat's tone is 62 Hz away."""
    piece = recorded[max(0, round(begin * WORK)) : max(0, round(end * WORK))]
    if len(piece) < WORK // 4:
        return Track(np.zeros(0), np.zeros(0), math.nan)
    wave = scipy.signal.resample_poly(piece, _TONE_RATE, WORK)
    wave = wave[: len(wave) // 40 * 40]
    shown = scipy.fft.rfftfreq(len(wave), 1 / _TONE_RATE)
    away = np.abs(shown - hertz)
    passed = np.clip((_STOP_HZ - away) / (_STOP_HZ - _PASS_HZ), 0, 1)
    one = scipy.fft.irfft(scipy.fft.rfft(wave) * np.sin(np.pi / 2 * passed) ** 2, len(wave))
    times = np.arange(len(wave)) / _TONE_RATE
    turn = np.exp(2j * np.pi * hertz * times)
    fitted = 2 * np.sum(np.conj(turn) * wave) / len(wave)
    made = (fitted * turn).real
    share = 2 * (_PASS_HZ + _STOP_HZ) / 2 / (_TONE_RATE / 2)
    track = _compared(one, made, share, _TONE_RATE // 100, math.nan)
    # In so narrow a band a frame has hardly a value that is left: what its neighbours have counts, too.
    return Track(track.gains, scipy.ndimage.maximum_filter1d(track.errors, 9), math.nan)


def _compared(one: Wave, two: Wave, share: float, frame: int, rest_dbfs: float) -> Track:
    """``share``: of the values of white noise so many are independent in the band."""
    hop = frame // 2
    count = len(one) // hop - 1
    first = np.arange(_EDGE, count - _EDGE) * hop
    index = first[:, None] + np.arange(frame)
    one, two = one[index], two[index]
    energies = np.maximum(np.sum(two * two, axis=1), 1e-30)
    gains = np.sum(one * two, axis=1) / energies
    left = np.mean((one - gains[:, None] * two) ** 2, axis=1)
    noise = np.maximum(left, float(np.median(left)))
    return Track(gains, np.sqrt(noise / min(share, 1.0) / energies), rest_dbfs)
