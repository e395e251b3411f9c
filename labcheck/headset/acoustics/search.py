"""Where the stimulus is in a recording: both probes, at the usual clock or another, whatever the sample rate.

What is not found at the usual clock is looked for at the others roughly: below 2 kHz, with a quarter of the
frames and three clocks for thirteen. The best of them are looked at as closely as the usual one, and the same
chance of being wrong holds for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from labcheck.headset.acoustics.clock import OFF, RATIOS
from labcheck.headset.acoustics.coupling import (
    CLOCKS_PPM,
    HIGH_HZ,
    LOW_HZ,
    PARTS,
    WORK,
    Peak,
    Probe,
    Search,
    at_work_rate,
    best_clock,
)
from labcheck.headset.acoustics.level import NAN, Wave
from labcheck.headset.recording import BEFORE_SECONDS, LATENCY_SECONDS, RATE, Recording
from labcheck.headset.signals import Stimulus

_CLOCK_SECONDS = 0.05
"""By how much the agent's offset may be wrong, with room."""
_LONGEST_BEFORE = 2.0
"""Where the agent does not know the offset, playing begins at most so late."""
_TOGETHER_SECONDS = 0.01
_FAR_BEYOND_DB = 6.0
_EDGE_PPM = 165.0
_ROUGH = 6000
_ROUGH_CLOCKS_PPM = (-160, 0, 160)
"""Below 2 kHz less than 0.2 dB is lost between two of them."""
_MORE_PPM = (8.0, 60.0)
"""Of a clock by the parts' delays against that by their sum: less is good enough; more is lost frames, or a
clock that is far off, whose sum is next to nothing."""
_CLOSER = 2
"""So many of the rough search are looked at again."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Both probes found, or not, for one ratio of sample rates."""

    ratio: float
    clock_ppm: float
    probes: tuple[Probe, Probe]
    peaks: tuple[Peak, Peak]

    @property
    def any(self) -> bool:
        """Whether either ear is heard."""
        return self.peaks[0].heard or self.peaks[1].heard

    @property
    def agree(self) -> bool:
        """Whether both ears are heard in the same place, or one far beyond chance."""
        left, right = self.peaks
        if left.heard and right.heard:
            latencies = [peak.at - probe.at for peak, probe in zip(self.peaks, self.probes, strict=True)]
            return abs(latencies[0] - latencies[1]) < _TOGETHER_SECONDS
        return any(peak.heard and peak.over - peak.limit > _FAR_BEYOND_DB for peak in self.peaks)

    @property
    def seconds(self) -> float:
        """A probe's."""
        return len(self.probes[0].wave) / WORK

    @property
    def power(self) -> float:
        """Of both peaks, to compare clocks by."""
        return sum(10 ** (peak.over / 10) for peak in self.peaks if peak.heard)

    @property
    def start(self) -> float:
        """Second of the recording at which the stimulus begins; nan when nothing is heard. The surer ear
        says it: what went missing between the probes moves only the second."""
        found = [(p.over, p.at - q.at * (1 + self.clock_ppm * 1e-6))
                 for p, q in zip(self.peaks, self.probes, strict=True) if p.heard]  # fmt: skip
        return max(found)[1] if found else NAN


def search(wave: Wave, recording: Recording, stimulus: Stimulus) -> Heard:
    """At the usual clock; else at those that are off, and at other rates. ``wave``: the recording at
    24 kHz."""
    heard = find(wave, recording, stimulus)
    if heard.agree and abs(heard.clock_ppm) <= _EDGE_PPM and abs(_parts_clock(heard)) <= _MORE_PPM[1]:
        return heard
    low = at_work_rate(wave, WORK, _ROUGH)
    scores = {ratio: _score(low, recording, stimulus, ratio) for ratio in (1.0, *OFF, *RATIOS)}
    for ratio in sorted(scores, key=scores.__getitem__, reverse=True)[:_CLOSER]:
        if ratio == 1:
            break
        other = find(wave, recording, stimulus, ratio)
        if other.agree and other.power > heard.power:
            return other
    return heard


def find(wave: Wave, recording: Recording, stimulus: Stimulus, ratio: float = 1.0) -> Heard:
    """Look for both probes in a recording at 24 kHz, played or recorded slower by ``ratio``."""
    probes = references(stimulus, ratio)
    ratio = len(probes[0].wave) / len(stimulus.left) * RATE / WORK  # of whole frames
    searches = _searches(wave, recording, probes, ratio, CLOCKS_PPM)
    clock = best_clock(searches)
    left, right = (search.peak(clock) for search in searches)
    heard = Heard(ratio, clock, probes, (left, right))
    more = _parts_clock(heard)
    if not _MORE_PPM[0] < abs(more) < _MORE_PPM[1]:
        return heard
    left, right = (search.peak(clock + more) for search in searches)
    closer = Heard(ratio, clock + more, probes, (left, right))
    return closer if closer.power > heard.power else heard


def _parts_clock(heard: Heard) -> float:
    """What the delays of a probe's parts say of the clock beyond what was found, ppm; 0: nothing."""
    delays = [peak.delays for peak in heard.peaks if np.sum(np.isfinite(peak.delays)) > PARTS / 2]
    if not delays:
        return 0.0
    at = np.arange(PARTS) - (PARTS - 1) / 2
    slopes = [np.polyfit(at[known], one[known], 1)[0] for one in delays for known in [np.isfinite(one)]]
    return float(np.mean(slopes)) * PARTS / heard.seconds * 1e6


def _score(low: Wave, recording: Recording, stimulus: Stimulus, ratio: float) -> float:
    """The peaks of both probes over what is around them, in power, at the clock that suits them best."""
    probes = _probes(stimulus, ratio, _ROUGH)
    searches = _searches(low, recording, probes, ratio, _ROUGH_CLOCKS_PPM)
    return float(np.max(searches[0].clocks() + searches[1].clocks()))


def _searches(
    wave: Wave,
    recording: Recording,
    probes: tuple[Probe, Probe],
    ratio: float,
    clocks_ppm: tuple[int, ...],
) -> tuple[Search, Search]:
    """Both device's clocks may be the wrong one: that of the recording moves the stimulus' begin, too."""
    begin, end = begins(recording)
    first, last = begin * min(ratio, 1.0), end * max(ratio, 1.0)
    left, right = (Search(wave, probe, first + probe.at, last + probe.at, clocks_ppm) for probe in probes)
    return left, right


def references(stimulus: Stimulus, ratio: float = 1.0) -> tuple[Probe, Probe]:
    """Both probes at 24 kHz, as they are recorded when all is longer by ``ratio``."""
    return _usual(stimulus) if ratio == 1 else _probes(stimulus, ratio, WORK)


@lru_cache(maxsize=32)
def _usual(stimulus: Stimulus) -> tuple[Probe, Probe]:
    left, right = (at_work_rate(wave, RATE) for wave in (stimulus.left, stimulus.right))
    return Probe(left, stimulus.left_at / RATE), Probe(right, stimulus.right_at / RATE)


def _probes(stimulus: Stimulus, ratio: float, rate: int) -> tuple[Probe, Probe]:
    """The spectrum stays as it is, bin by bin, and gets as many frames as it takes (Fourier's resampling:
    exact for waves that fade in and out; what is beyond half the rate is cut off)."""
    played = len(stimulus.left)
    frames = round(played * ratio * rate / RATE)
    band = max(LOW_HZ, LOW_HZ / ratio), min(HIGH_HZ, HIGH_HZ / ratio)
    scale = np.float32(frames / played)
    left, right = (
        Probe(scipy.fft.irfft(spectrum, frames) * scale, ratio * at / RATE, rate, band)
        for spectrum, at in zip(_spectra(stimulus), (stimulus.left_at, stimulus.right_at), strict=True)
    )
    return left, right


@lru_cache(maxsize=32)
def _spectra(stimulus: Stimulus) -> NDArray[np.complex64]:
    """(2, bins): of the left and of the right probe."""
    both = np.stack([stimulus.left, stimulus.right])
    return np.asarray(scipy.fft.rfft(both, axis=1), dtype=np.complex64)


def begins(recording: Recording) -> tuple[float, float]:
    """Seconds of the recording between which the stimulus arrives."""
    if math.isnan(recording.offset):
        return BEFORE_SECONDS - _CLOCK_SECONDS, _LONGEST_BEFORE + LATENCY_SECONDS[1]
    left = recording.offset / recording.rate
    return left + LATENCY_SECONDS[0] - _CLOCK_SECONDS, left + LATENCY_SECONDS[1] + _CLOCK_SECONDS
