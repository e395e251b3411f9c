"""Who hears whom: every recording of a room against every seat's signal.

Each probe is looked for in four parts that are added up by power, not in phase: the clocks of two seats are
further apart than those of one, and what is looked for here is as loud as an own ear, or about to be. So 32
by 32 seats take a second or two. The band ends at 1.9 kHz; most of the probes' energy is below.

The sum of the powers of 8 parts of noise, each over its mean, has a gamma distribution of order 8 (the
largest of N of them passes t with a chance of at most N Q(8, t)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
import scipy.signal
import scipy.special
from numpy.typing import NDArray

from labcheck.headset.acoustics.coupling import Spectra, cut, full_scale, squared, whitening, without_clicks
from labcheck.headset.acoustics.level import Wave, median
from labcheck.headset.recording import BEFORE_SECONDS, RATE, Recording
from labcheck.headset.signals import LEFT_AT, PROBE, RIGHT_AT, Stimulus

_RATE = 4000
_LOW_HZ, _HIGH_HZ = 100.0, 1900.0
_PARTS = 4
"""Of each probe."""
_RANGE = (-0.85, 1.35)
"""Seconds from the moment at which one's own stimulus left until another's arrives: differences of the
starts (0.8 s at the worst), and both latencies."""
_MORE_SECONDS = 0.2
"""Looked at around that: what is filtered needs some more than it gives."""
_CLOCKS_PPM = (-300, -150, 0, 150, 300)
_SPARSE = 4
"""Every fourth lag will do for the median of the noise: two thousand of them."""
_FALSE_ALARM = 1e-4
"""Chance that noise alone is taken for a seat, anywhere in a room of 32."""


@dataclass(frozen=True, slots=True, eq=False)
class HeardMatrix:
    """What each seat hears of each. Row i, column j: seat j's signal in seat i's recording; n seats."""

    gain_db: NDArray[np.float64]
    """(n, n, 2), left and right ear: from the samples that j plays to the samples that i records, 100 to
    1900 Hz; nan when not heard."""
    over_db: NDArray[np.float64]
    """(n, n): how far what is heard stands over what could be chance, 0 and more; nan when not heard."""
    least_db: NDArray[np.float64]
    """(n,): a signal below this gain would not be heard; nan without a recording."""

    def row(self, seat: int) -> Row:
        """What one seat hears."""
        both = np.nan_to_num(10 ** (self.gain_db[seat] / 10)).max(axis=1)
        levels = tuple(10 * math.log10(power) if power > 0 else math.nan for power in map(float, both))
        own = np.diagonal(self.gain_db).max(axis=0)  # nan where not heard
        known = own[~np.isnan(own)]
        usual = float(np.median(known)) if known.size else math.nan
        return Row(seat, levels, tuple(map(float, self.over_db[seat])), float(self.least_db[seat]), usual)


@dataclass(frozen=True, slots=True)
class Row:
    """What one seat hears of each: gain of the louder ear in dB, nan when not heard."""

    seat: int
    levels_db: tuple[float, ...]
    over_db: tuple[float, ...]
    least_db: float
    usual_db: float = math.nan
    """What seats of this room hear of themselves: the median."""

    @property
    def own_db(self) -> float:
        """Its own signal."""
        return self.levels_db[self.seat]

    @property
    def loudest(self) -> tuple[int, float]:
        """The other seat that is heard most, and its gain; (-1, nan) when none is."""
        others = [
            (level, seat)
            for seat, level in enumerate(self.levels_db)
            if seat != self.seat and not math.isnan(level)
        ]
        level, seat = max(others, default=(math.nan, -1))
        return seat, level


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """What one recording has of each stimulus: a row of the matrix, with its shapes less the first."""

    gain_db: NDArray[np.float64]
    over_db: NDArray[np.float64]
    least_db: float


def who_hears_whom(recordings: Sequence[Recording | None], stimuli: Sequence[Stimulus]) -> HeardMatrix:
    """Of recordings and what the same seats played, n of each; None: no recording came."""
    return together([hearing(each, stimuli) if each is not None else None for each in recordings])


def together(rows: Sequence[Hearing | None]) -> HeardMatrix:
    """The whole matrix, from as many rows as each has stimuli; None: nothing to hear in."""
    count = len(rows)
    gains = np.full((count, count, 2), np.nan)
    over, least = np.full((count, count), np.nan), np.full(count, np.nan)
    for number, row in enumerate(rows):
        if row is not None:
            gains[number], over[number], least[number] = row.gain_db, row.over_db, row.least_db
    return HeardMatrix(gains, over, least)


def enough(recording: Recording) -> bool:
    """Whether all has come that :func:`hearing` listens to, which ends long before the recording does."""
    return not math.isnan(recording.offset) and len(recording.pcm) >= _listens(recording)[1]


def _listens(recording: Recording) -> tuple[int, int]:
    """The first frame that matters, and the first that matters no longer."""
    left, rate = _left(recording), recording.rate
    first = left + rate * (LEFT_AT / RATE + _RANGE[0] - _MORE_SECONDS)
    end = left + rate * ((RIGHT_AT + PROBE) / RATE + _RANGE[1] + _MORE_SECONDS)
    return max(0, round(first)), round(end)


def _left(recording: Recording) -> float:
    """The frame at which what is played leaves, as far as it is known."""
    return BEFORE_SECONDS * recording.rate if math.isnan(recording.offset) else recording.offset


def hearing(recording: Recording, stimuli: Sequence[Stimulus]) -> Hearing | None:
    """Of all of the seats that played, in one recording; None: too short, or digital silence."""
    first, end = _listens(recording)
    recording = Recording(recording.pcm[first:end], recording.rate, _left(recording) - first)
    pcm = recording.pcm
    if len(pcm) <= recording.rate or int(pcm.max()) - int(pcm.min()) <= 2:  # 16 bits are too few for it
        return None
    return _hears(recording, stimuli[0], *_all_played(tuple(stimuli)))


@lru_cache(maxsize=4)
def _all_played(stimuli: tuple[Stimulus, ...]) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
    """Spectra and squared magnitudes, (n, 2 * _PARTS, bins)."""
    played = np.stack([_played(stimulus) for stimulus in stimuli])
    return played, np.asarray(squared(played), dtype=np.float32)


_SIZE = round((_RANGE[1] - _RANGE[0]) * _RATE)


def _part(stimulus: Stimulus) -> int:
    return len(stimulus.left) * _RATE // RATE // _PARTS


def _n(stimulus: Stimulus) -> int:
    return int(scipy.fft.next_fast_len(_part(stimulus) + _SIZE))


def _band(n: int) -> slice:
    return slice(math.ceil(_LOW_HZ * n / _RATE), math.floor(_HIGH_HZ * n / _RATE) + 1)


@lru_cache(maxsize=64)
def _played(stimulus: Stimulus) -> NDArray[np.complex64]:
    """(2 * _PARTS, bins): spectra of the parts of both probes."""
    part, n = _part(stimulus), _n(stimulus)
    waves = [scipy.signal.resample_poly(wave, 1, RATE // _RATE) for wave in (stimulus.left, stimulus.right)]
    pieces = np.concatenate([wave[: part * _PARTS].reshape(_PARTS, part) for wave in waves])
    return np.asarray(scipy.fft.rfft(pieces, n, axis=1)[:, _band(n)], dtype=np.complex64)


def _hears(
    recording: Recording, stimulus: Stimulus, played: NDArray[np.complex64], energies: NDArray[np.float32]
) -> Hearing:
    samples = full_scale(recording.pcm) - np.float32(median(recording.pcm) / 32768)
    divided = math.gcd(_RATE, recording.rate)
    wave = scipy.signal.resample_poly(samples, _RATE // divided, recording.rate // divided)
    wave = without_clicks(wave, _RATE)
    left = recording.offset / recording.rate
    part, n = _part(stimulus), _n(stimulus)
    times = np.concatenate(
        [at / RATE + np.arange(_PARTS) * part / _RATE for at in (stimulus.left_at, stimulus.right_at)]
    )
    firsts = np.rint((left + _RANGE[0] + times) * _RATE).astype(int)
    pieces = np.stack([cut(wave, first, part + _SIZE) for first in map(int, firsts)])
    heard = scipy.fft.rfft(pieces, n, axis=1)[:, _band(n)]
    weights = whitening(np.mean(np.abs(heard) ** 2, axis=0), _band(n).start)
    whitened = np.asarray(np.conj(heard) * weights / max(float(weights.max()), 1e-300), dtype=np.complex64)
    weights = np.asarray(weights / max(float(weights.max()), 1e-300), dtype=np.float32)
    spectra = np.zeros((len(played), 2 * _PARTS, n), dtype=np.complex64)
    np.conj(played * whitened, out=spectra[:, :, _band(n)])
    powers = squared(scipy.fft.ifft(spectra, axis=2, overwrite_x=True)[:, :, :_SIZE])
    energy = _energies(heard * np.sqrt(weights), n, part)
    powers /= energy
    sparse = np.ascontiguousarray(powers[:, :, ::_SPARSE])
    middles = np.partition(sparse, sparse.shape[2] // 2, axis=2)[:, :, sparse.shape[2] // 2]
    noise = np.asarray(middles / math.log(2), dtype=np.float64)
    units = np.asarray((energies @ weights / n) ** 2, dtype=np.float64)
    return _found(powers, energy, np.maximum(noise, 1e-30), units, times)


def _energies(white: Spectra, n: int, part: int) -> NDArray[np.float32]:
    """(parts, lags): energy of what each lag is correlated with, over its median: not the same for all where
    a seat begins or ends to play within the range."""
    whole = np.zeros((len(white), n // 2 + 1), dtype=np.complex128)
    whole[:, _band(n)] = white
    sums = np.cumsum(scipy.fft.irfft(whole, n, axis=1) ** 2, axis=1)
    energy = sums[:, part : part + _SIZE] - sums[:, :_SIZE]
    typical = np.maximum(np.median(energy, axis=1, keepdims=True), 1e-30)
    return np.asarray(np.maximum(energy / typical, 0.05), dtype=np.float32)


def _found(
    powers: Wave,
    energy: NDArray[np.float32],
    noise: NDArray[np.float64],
    units: NDArray[np.float64],
    times: NDArray[np.float64],
) -> Hearing:
    """From (n, parts, lags) powers of correlations over (parts, lags) energies, (n, parts) of noise and of a
    signal of gain 1."""
    count = len(powers)
    over_noise = powers / noise[:, :, None].astype(np.float32)
    room = 2 + int(np.ceil(max(_CLOCKS_PPM) * 1e-6 * np.ptp(times) / 2 * _RATE))
    best, where = np.zeros(count), np.zeros((count, len(times)), dtype=int)
    for clock in _CLOCKS_PPM:
        moves = np.rint(clock * 1e-6 * (times - times.mean()) * _RATE).astype(int)
        total = sum(
            over_noise[:, part, room + move : _SIZE - room + move]
            for part, move in enumerate(map(int, moves))
        )
        at = np.argmax(total, axis=1)
        value = np.take_along_axis(np.asarray(total), at[:, None], axis=1)[:, 0]
        better = value > best
        best = np.where(better, value, best)
        where[better] = at[better][:, None] + room + moves
    tries = 32 * 32 * _SIZE * len(_CLOCKS_PPM)
    limit = float(scipy.special.gammainccinv(len(times), _FALSE_ALARM / tries))
    beside = where[:, :, None] + np.arange(-1, 2)  # clocks and ears are not so exact
    louder = np.take_along_axis(powers, beside, axis=2).max(axis=2)
    there = (louder - noise) * energy[np.arange(len(times)), where]
    squares = np.maximum(there, 0).reshape(count, 2, _PARTS).mean(axis=2)
    ears = squares / np.maximum(units.reshape(count, 2, _PARTS).mean(axis=2), 1e-30)
    gains = np.where(ears > 0, 10 * np.log10(np.maximum(ears, 1e-30)), np.nan)
    known = best > limit
    over = np.where(known, 10 * np.log10(np.maximum(best - len(times), 1e-9) / (limit - len(times))), np.nan)
    least = 10 * math.log10(float(np.median(noise / np.maximum(units, 1e-30))) * (limit / len(times) - 1))
    return Hearing(np.where(known[:, None], gains, np.nan), over, least)
