"""What a recording looks and sounds like: arrays for pictures, and sound files. Pure.

The pictures show what was measured: the correlation is the one in which the ears are looked for
(labcheck.headset.acoustics.coupling), at the clock and rate that were found.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
import scipy.signal
import soundfile
from numpy.typing import NDArray

from labcheck.headset.acoustics import Ear, Measures
from labcheck.headset.acoustics.coupling import CLOCKS_PPM, WORK, Search, at_work_rate, without_clicks
from labcheck.headset.acoustics.search import begins, references
from labcheck.headset.recording import BEFORE_SECONDS, RATE, Recording
from labcheck.headset.signals import Stimulus

LISTEN_RATE = 16_000
"""Frames a second of what is listened to: all of the probes' band but its top, in a third of the size."""
MOST_GAIN_DB = 40
"""What leaks from a cup is far too quiet to be heard; noise need not be made louder than this."""
_LISTEN_PEAK = 10 ** (-6 / 20)
_SMALL = 0.9
"""Some 22 kbit/s: hiss, hum, gaps and crackle are still heard for what they are."""
_WINDOW = 1024
_BINS, _FRAMES = 4, 2
"""Of the spectrum are taken together: as fine as a small picture shows, and noise is grainy enough."""
_POINTS = 600
"""Of a correlation, in a picture."""
_FLOOR_DB = -120.0


@dataclass(frozen=True, slots=True, eq=False)
class Spectrogram:
    """Level over time and frequency."""

    levels_db: NDArray[np.float32]
    """(frequencies, times), dB relative to a sine of full scale, not below -120; first row: 0 Hz."""
    seconds: float
    """Length of the recording."""
    top_hz: float
    """The last row's frequency."""
    parts: tuple[tuple[float, float], ...]
    """Seconds of the recording in which the left probe, the right probe and the tone sound."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How well a probe fits each place of the recording in which it may be."""

    latency_ms: NDArray[np.float64]
    """(n,), like Ear.latency_ms."""
    over_db: NDArray[np.float64]
    """(n,): the largest correlation near each of them over the median of all."""
    peak: tuple[float, float]
    """Latency (ms) and height (dB) of the largest."""
    threshold_db: float
    """What it must pass to be no chance."""
    heard: bool


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that is shown of a recording. A course is None where nothing could be correlated."""

    spectrogram: Spectrogram
    left: Course | None
    right: Course | None


def evidence(recording: Recording, stimulus: Stimulus, measures: Measures | None) -> Evidence:
    """The pictures' arrays; without measures there is no correlation to be shown. Raises nothing."""
    left, right = (None, None) if measures is None else _courses(recording, stimulus, measures)
    return Evidence(_spectrogram(recording, stimulus, measures), left, right)


def flac(pcm: NDArray[np.int16], rate: int) -> bytes:
    """The samples (n,) as they came, every one of them: a FLAC file of 16 bits, one channel."""
    return _encoded(pcm, rate, "FLAC", "PCM_16")


def _encoded(pcm: NDArray[np.int16], rate: int, kind: str, subtype: str, **more: float) -> bytes:
    file = io.BytesIO()
    some = pcm if len(pcm) else np.zeros(1, np.int16)  # a file without a sample would be none
    soundfile.write(file, some, rate, format=kind, subtype=subtype, **more)
    return file.getvalue()


def listening(recording: Recording) -> tuple[bytes, int]:
    """An MP3 file at :data:`LISTEN_RATE`, which every browser plays, and by how many dB it is louder."""
    samples = recording.pcm / 32768.0
    samples = samples - (float(np.mean(samples)) if len(samples) else 0.0)
    divided = math.gcd(LISTEN_RATE, recording.rate)
    heard = scipy.signal.resample_poly(samples, LISTEN_RATE // divided, recording.rate // divided)
    peak = float(np.max(np.abs(heard), initial=0.0))
    gain = 0 if peak <= 0 else int(min(MOST_GAIN_DB, max(0.0, 20 * math.log10(_LISTEN_PEAK / peak))))
    louder = np.clip(heard * 10 ** (gain / 20), -1, 1) * 32767
    pcm = np.rint(louder).astype(np.int16)
    return _encoded(pcm, LISTEN_RATE, "MP3", "MPEG_LAYER_III", compression_level=_SMALL), gain


def _spectrogram(recording: Recording, stimulus: Stimulus, measures: Measures | None) -> Spectrogram:
    samples = at_work_rate(recording.pcm / 32768, recording.rate)
    padded = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    hertz, _times, powers = scipy.signal.spectrogram(
        padded, WORK, "hann", _WINDOW, _WINDOW // 2, scaling="spectrum"
    )
    bands, times = len(hertz) // _BINS, max(1, powers.shape[1] // _FRAMES)
    blocks = powers[: bands * _BINS, : times * _FRAMES].reshape(bands, _BINS, times, -1)
    levels = 10 * np.log10(np.maximum(2 * blocks.mean(axis=(1, 3)), 10 ** (_FLOOR_DB / 10)))
    seconds = len(recording.pcm) / recording.rate
    top = float(hertz[bands * _BINS - 1])
    return Spectrogram(levels.astype(np.float32), seconds, top, _parts(recording, stimulus, measures))


def _parts(
    recording: Recording, stimulus: Stimulus, measures: Measures | None
) -> tuple[tuple[float, float], ...]:
    """By what was found; else by the agent's clock."""
    start, ratio = recording.offset, 1.0
    if measures is not None and not math.isnan(measures.start):
        start, ratio = measures.start, measures.rate_ratio
    begin = BEFORE_SECONDS if math.isnan(start) else start / recording.rate
    probe = len(stimulus.left)
    parts = ((stimulus.left_at, probe), (stimulus.right_at, probe), (stimulus.tone_at, stimulus.tone_frames))
    return tuple((begin + ratio * at / RATE, begin + ratio * (at + size) / RATE) for at, size in parts)


def _courses(
    recording: Recording, stimulus: Stimulus, measures: Measures
) -> tuple[Course | None, Course | None]:
    if measures.left.heard is None:  # nothing was looked for
        return None, None
    ratio = 1.0 if math.isnan(measures.rate_ratio) else measures.rate_ratio
    clock = 0.0 if math.isnan(measures.drift_ppm) else measures.drift_ppm
    if abs(clock) > max(CLOCKS_PPM):  # found as a rate of its own
        ratio, clock = ratio * (1 + clock * 1e-6), 0.0
    samples = recording.pcm / 32768.0
    sound = without_clicks(at_work_rate(samples - np.median(samples), recording.rate), WORK)
    begin, end = begins(recording)
    more = abs(ratio - 1) * end
    zero = BEFORE_SECONDS if math.isnan(recording.offset) else recording.offset / recording.rate
    found = []
    for probe, ear in zip(references(stimulus, ratio), (measures.left, measures.right), strict=True):
        search = Search(sound, probe, begin - more + probe.at, end + more + probe.at)
        at, over = search.course(clock)
        found.append(_course(1000 * (at - probe.at * (1 + clock * 1e-6) - zero), over, ear))
    return found[0], found[1]


def _course(latency: NDArray[np.float64], over: NDArray[np.float64], ear: Ear) -> Course | None:
    if not len(over):
        return None
    best = int(np.argmax(over))
    size = -(-len(over) // _POINTS)
    whole = len(over) // size * size
    tops = over[:whole].reshape(-1, size).max(axis=1)
    middles = latency[:whole].reshape(-1, size).mean(axis=1)
    peak = (float(latency[best]), float(over[best]))
    return Course(middles, tops, peak, ear.threshold_db, bool(ear.heard))
