"""Whether an earcup is heard in its own microphone: matched filter, and the search for the clock.

A probe is cut into eight parts, each correlated with the recording over all latencies that may be. The parts
are added up for a grid of clock ratios, in phase: a device's clock is off by up to 150 ppm, which moves the
end of a two-second probe by 0.3 ms against its begin, more than two periods of 8 kHz.

The spectrum is whitened by the recording's own (noise, hum, chatter and the other seats count alike), so that
the correlation of noise is complex Gaussian in every lag, and its squared magnitude exponentially distributed
(Turin, "An introduction to matched filters", 1960; Kay, "Detection Theory", 1998, chapter 7). With the median
m of the squared magnitudes, the chance that the largest of N lags passes t is at most N exp(-t ln 2 / m).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise, repeat
from typing import Any

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from labcheck.headset.acoustics.level import Wave, median

Spectra = NDArray[np.complexfloating[Any, Any]]
"""In single precision where there is much of it: what that adds is 130 dB below what is transformed."""

WORK = 24_000
"""All correlation is done at this rate."""
LOW_HZ, HIGH_HZ = 85.0, 9000.0
PARTS = 8
CLOCKS_PPM = tuple(range(-240, 241, 40))
"""±150 ppm, and room for two clocks; between two of them less than 0.2 dB is lost."""
FALSE_ALARM = 1e-6
"""Chance that noise alone is taken for an ear, per ear and recording."""
_LINE = 4.0
"""A line of the spectrum (hum, a tone) counts at most so much more than what is around it."""
_FULL_HZ = (1000.0, 3000.0)
_EMPTY = 10**-2.5
"""Power over that of 1 to 3 kHz, which every microphone lets through: with less a band lies beyond what a
codec passes on. Nothing of the probe is there, however quiet it is."""
_BANDS_PER_OCTAVE = 6
_SPARSE = 4
"""Every fourth lag will do for the median of a part."""
_JUMP_SECONDS = 0.05
"""Time by which a part may be displaced by sound that went missing before it."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What is looked for, at ``rate``; ``at``: seconds from the stimulus' first frame to its own."""

    wave: Wave
    at: float
    rate: int = WORK
    band: tuple[float, float] = (LOW_HZ, HIGH_HZ)
    """Hz; it has nothing beyond."""
    _kept: dict[tuple[int, int, int], Spectra] = field(default_factory=dict, init=False, repr=False)

    def parts(self, n: int, low: int, high: int) -> Spectra:
        """(parts, bins): the parts' spectra of ``n``, from bin ``low`` to before ``high``; kept."""
        which = n, low, high
        if which not in self._kept:
            size = len(self.wave) // PARTS
            spectra = scipy.fft.rfft(self.wave[: size * PARTS].reshape(PARTS, size), n, axis=1)
            self._kept[which] = np.asarray(spectra[:, low:high], dtype=np.complex64)
        return self._kept[which]


@dataclass(frozen=True, slots=True, eq=False)
class Peak:
    """The best place of a probe in a recording."""

    at: float
    """Seconds from the recording's begin to the probe's first frame."""
    over: float
    """Its squared magnitude over the median, dB."""
    limit: float
    """What ``over`` must pass to be no chance, dB."""
    least: float
    """Gain (dB, of an ear with a flat response) that would just have passed."""
    clock_ppm: float
    heard: bool
    gains: Wave
    """(PARTS,): gain of each part over that of the whole."""
    error: float
    """Standard error of them."""
    delays: Wave
    """(PARTS,), seconds: by how much each part comes later than the whole; nan where it is not heard
    alone."""


NO_PEAK = Peak(math.nan, math.nan, math.nan, math.nan, 0.0, False, np.zeros(0), math.nan, np.zeros(0))


def threshold_db(lags: int, false_alarm: float = FALSE_ALARM) -> float:
    """What a peak of ``lags`` lags must have over the median (dB) to be no chance."""
    return 10 * math.log10(math.log(max(lags, 1) * len(CLOCKS_PPM) / false_alarm) / math.log(2))


def at_work_rate(pcm: NDArray[Any], rate: float, to: int = WORK) -> Wave:
    """Full scale 1 at :data:`WORK` or ``to``, of the precision that came (single for 16 bit); the error of
    the ratio is below 1e-6."""
    wave = full_scale(pcm) if pcm.dtype == np.int16 else pcm
    ratio = Fraction(to / rate).limit_denominator(1000)
    if ratio == 1:
        return wave
    return np.asarray(scipy.signal.resample_poly(wave, ratio.numerator, ratio.denominator))


def full_scale(pcm: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
    """16-bit samples with full scale 1: exact, for their 16 bits fit into the 24 of single precision."""
    return np.asarray(pcm * np.float32(1 / 32768), dtype=np.float32)


def without_clicks(wave: Wave, rate: int) -> Wave:
    """Cut at eight times the median magnitude of the tenth of a second around (or of its neighbours, where
    sound begins), where neither probes nor tones nor noise get. One click of a key, correlated with anything,
    would otherwise stand out of the quiet around it."""
    size = rate // 10
    count = len(wave) // size
    if count < 3:
        return wave
    typical = np.median(np.abs(wave[: count * size]).reshape(count, size), axis=1)
    around = np.max(np.lib.stride_tricks.sliding_window_view(np.pad(typical, 1, mode="edge"), 3), axis=1)
    most = np.append(np.repeat(8 * around, size), np.full(len(wave) - count * size, 8 * around[-1]))
    return np.asarray(np.clip(wave, -most, most), dtype=wave.dtype)


class Search:
    """One probe in one recording: the correlation of every part with every latency of a range.

    ``begin`` and ``end``: seconds from the recording's begin between which the probe's first frame is looked
    for. The recording has the probe's rate. ``clocks_ppm``: tried, evenly spaced about 0.
    """

    def __init__(
        self,
        recorded: Wave,
        probe: Probe,
        begin: float,
        end: float,
        clocks_ppm: tuple[int, ...] = CLOCKS_PPM,
    ) -> None:
        """Correlate."""
        self._grid = clocks_ppm
        self._rate = rate = probe.rate
        self.first = round(begin * rate)
        self.lags = max(1, round((end - begin) * rate))
        size = len(probe.wave) // PARTS
        self._covered = self.first + 0.9 * len(probe.wave) < len(recorded)
        self._n = scipy.fft.next_fast_len(size + self.lags, real=True)
        starts = self.first + size * np.arange(PARTS)
        pieces = np.stack([cut(recorded, start, size + self.lags) for start in map(int, starts)])
        band = slice(
            math.ceil(LOW_HZ * self._n / rate), math.floor(min(HIGH_HZ, rate / 3) * self._n / rate) + 1
        )
        heard = scipy.fft.rfft(pieces, self._n, axis=1)[:, band]
        played = probe.parts(self._n, band.start, band.stop)
        power = np.mean(squared(heard), axis=0)
        first, last = (round(hertz * self._n / rate) - band.start for hertz in _FULL_HZ)
        weights = whitening(power, band.start, _EMPTY * median(power[first:last]))
        self._band = band
        self._cross = heard * np.conj(played) * weights
        self._size = size
        self._middle = size * PARTS / 2 / rate
        self._unit = np.sum(squared(played) * weights, axis=1, dtype=np.float64) / self._n
        self._clocks: NDArray[np.float64] | None = None
        self._energy = self._energies(heard * np.sqrt(weights), size)

    def _energies(self, white: Spectra, size: int) -> Wave:
        """(lags,): energy of what each lag is correlated with, over its median. Where others begin or end to
        play within the range, it is not the same for all lags, and so is not what chance makes of it."""
        whole = np.zeros((PARTS, self._n // 2 + 1), dtype=np.complex64)
        whole[:, self._band] = white
        squares = np.sum(scipy.fft.irfft(whole, self._n, axis=1) ** 2, axis=0)
        sums = np.concatenate([[0.0], np.cumsum(squares[: size + self.lags], dtype=np.float64)])
        energy = sums[size : size + self.lags] - sums[: self.lags]
        typical = median(energy)
        even = np.maximum(energy / typical, 0.05) if typical > 0 else np.ones(self.lags)
        return np.asarray(even, dtype=np.float32)

    def _envelopes(self, spectra: Spectra) -> Wave:
        """Squared magnitudes of correlations, (k, lags), of (k, bins) of the band, for the same energy."""
        whole = np.zeros((len(spectra), self._n), dtype=np.complex64)
        whole[:, self._band] = spectra
        waves = scipy.fft.ifft(whole, axis=1, overwrite_x=True)[:, : self.lags]
        return np.asarray(squared(waves) / self._energy)

    def clocks(self) -> NDArray[np.float64]:
        """The largest squared magnitude for each clock of the grid over the median, which is that of noise
        and the same for all of them."""
        if not self._covered:
            return np.zeros(len(self._grid))
        if self._clocks is None:
            turns = _turns(self._size, self._n, self._band.start, self._band.stop, self._grid)
            envelopes = self._envelopes(np.einsum("mf,cmf->cf", self._cross, turns))
            middle = median(envelopes[len(envelopes) // 2])
            tops = envelopes.max(axis=1).astype(np.float64)
            self._clocks = tops / middle if middle > 0 else np.zeros(len(tops))
        return self._clocks

    def _turned(self, clock_ppm: float) -> Spectra:
        """The parts as they would be without that clock error."""
        return np.asarray(
            self._cross * _turn(self._size, self._n, self._band.start, self._band.stop, clock_ppm)
        )

    def peak(self, clock_ppm: float) -> Peak:
        """The largest lag for that clock, and what each part says of it."""
        if not self._covered:
            return NO_PEAK
        turned = self._turned(clock_ppm)
        (envelope,) = self._envelopes(turned.sum(axis=0)[None])
        best = int(np.argmax(envelope))
        middle = median(envelope)
        if not middle > 0.0:
            return NO_PEAK
        lag = best + vertex(np.sqrt(envelope), best)
        at = (self.first + lag) / self._rate - clock_ppm * 1e-6 * self._middle
        over = 10 * math.log10(float(envelope[best]) / middle)
        limit = threshold_db(self.lags)
        least = 10 * math.log10(middle) + limit - 20 * math.log10(float(self._unit.sum()))
        gains, error = self._gains(turned, lag, middle)
        heard = over > limit
        return Peak(at, over, limit, least, clock_ppm, heard, gains, error, self._delays(turned, lag, heard))

    def course(self, clock_ppm: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(lags,) each: seconds from the recording's begin to the probe's first frame, and the squared
        magnitude there over the median, dB (not below 0): what :meth:`peak` takes the largest of. Empty where
        the recording ends before the probe does, or holds nothing."""
        if not self._covered:
            return np.zeros(0), np.zeros(0)
        (envelope,) = self._envelopes(self._turned(clock_ppm).sum(axis=0)[None])
        middle = median(envelope)
        if not middle > 0.0:
            return np.zeros(0), np.zeros(0)
        at = (self.first + np.arange(self.lags)) / self._rate - clock_ppm * 1e-6 * self._middle
        return at, 10 * np.log10(np.maximum(envelope.astype(np.float64) / middle, 1.0))

    def _gains(self, turned: Spectra, lag: float, middle: float) -> tuple[Wave, float]:
        """Gain of each part over that of the whole, and the standard error of it; ``middle``: the median."""
        hertz = np.arange(self._band.start, self._band.stop)
        at_lag = (turned * np.exp(2j * np.pi * hertz * lag / self._n)).sum(axis=1) / self._n
        whole = at_lag.sum()
        one = self._unit / self._unit.sum() * abs(whole)
        noise = math.sqrt(middle / math.log(2) / 2 / PARTS)
        return np.real(at_lag * np.conj(whole) / abs(whole)) / one, float(noise / one.mean())

    def _delays(self, turned: Spectra, lag: float, heard: bool) -> Wave:
        """Seconds by which each part comes later than the whole; nan where it does not stand out."""
        delays = np.full(PARTS, np.nan)
        if not heard:
            return delays
        envelopes = self._envelopes(turned)
        jump = round(_JUMP_SECONDS * self._rate)
        first, last = max(0, round(lag) - jump), min(self.lags, round(lag) + jump)
        least = 10 ** (threshold_db(2 * jump) / 10)
        for part, envelope in enumerate(envelopes):
            best = first + int(np.argmax(envelope[first:last]))
            if envelope[best] > least * median(envelope[::_SPARSE]):
                delays[part] = (best + vertex(np.sqrt(envelope), best) - lag) / self._rate
        return delays


def vertex(values: Wave, best: int) -> float:
    """How far the vertex of the parabola through a maximum and its neighbours is from it, -0.5...0.5."""
    if not 0 < best < len(values) - 1:
        return 0.0
    left, middle, right = (float(v) for v in values[best - 1 : best + 2])
    bend = left - 2 * middle + right
    return 0.0 if bend >= 0 else max(-0.5, min(0.5, (left - right) / (2 * bend)))


def best_clock(searches: tuple[Search, ...]) -> float:
    """The clock (ppm) at which the peaks are largest, between the grid's points by a parabola."""
    total = np.sum([search.clocks() for search in searches], axis=0)
    best = int(np.argmax(total))
    return CLOCKS_PPM[best] + (CLOCKS_PPM[1] - CLOCKS_PPM[0]) * vertex(np.sqrt(total), best)


@lru_cache(maxsize=64)
def _turns(size: int, n: int, low: int, high: int, clocks_ppm: tuple[int, ...]) -> Spectra:
    """(clocks, parts, bins)."""
    return np.stack([_turn(size, n, low, high, clock) for clock in clocks_ppm])


def _turn(size: int, n: int, low: int, high: int, clock_ppm: float) -> Spectra:
    """(parts, bins): what turns each part's spectrum back by what that clock has moved its middle. All are
    odd powers of one turn, that of half a part's length."""
    once = np.exp(2j * np.pi * clock_ppm * 1e-6 * size / 2 * np.arange(low, high) / n)
    later = list(accumulate(repeat(once * once, PARTS // 2 - 1), np.multiply, initial=once))
    return np.asarray([*map(np.conj, reversed(later)), *later], dtype=np.complex64)


def cut(wave: Wave, start: int, length: int) -> Wave:
    """A piece, zeros where the recording has none."""
    piece = np.zeros(length, wave.dtype)
    first, last = max(start, 0), min(start + length, len(wave))
    if first < last:
        piece[first - start : last - start] = wave[first:last]
    return piece


def squared(values: Spectra) -> Wave:
    """Squared magnitudes."""
    return np.asarray(values.real**2 + values.imag**2)


def whitening(power: Wave, low: int, least: float = 0.0) -> Wave:
    """One over the power in sixths of an octave, for bins from ``low`` on; a line counts for what is around
    it, and what has no more than ``least`` for nothing."""
    weights = np.zeros_like(power)
    for begin, end in pairwise(_sixths(low, low + len(power))):
        band = power[begin - low : end - low]
        if (typical := median(band)) > least:
            weights[begin - low : end - low] = 1 / np.maximum(band / _LINE, typical)
    return weights


@lru_cache(maxsize=64)
def _sixths(low: int, last: int) -> tuple[int, ...]:
    """Edges of sixths of an octave, as bins."""
    steps = math.ceil(math.log2(last / low) * _BANDS_PER_OCTAVE)
    edges = np.unique(np.rint(low * 2 ** (np.arange(steps) / _BANDS_PER_OCTAVE)).astype(int))
    return (*map(int, edges), last)
