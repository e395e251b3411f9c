"""What three other programs would say of the same recording: our reading of their sources.

- alsabat, alsa-utils ``bat/analyze.c`` at commit 09cb66f4 (``check``, ``check_peak``, ``calc_magnitude``,
  ``truncate_frames``) with the constants of ``bat/common.h`` at the same commit and the default ``sigma_k =
  3.0`` of ``bat/bat.c`` (at 09600949): "clip any data less than k sigma + mean", then each peak that is left
  must be the tone.
- Canonical's checkbox, ``providers/base/bin/audio_test.py`` of canonical/checkbox at commit 1fc77acb, the job
  ``audio/alsa_record_playback_automated``: "For our test signal to be considered present, it has to be this
  much higher than the base level" (``MAGNITUDE_THRESHOLD = 2.5`` dB), from GStreamer's ``spectrum`` of 256
  bands, every 0.1 s, whose default threshold is -60 dB. Its other jobs play back what was recorded and ask
  "Did you hear your speech played back?"; nobody is there to be asked.
- testrtc, ``src/js/mictest.js`` of webrtc/testrtc at commit a9cd59c4: ``silentThreshold = 1.0 / 32767``, and
  "Microphone input level is low" if the loudest buffer's RMS is below ``lowVolumeThreshold = -60``.

Where the reading leaves a choice we take what favours them: they are told where the tone is, and we do not
hold it against them that ours is shorter than theirs or of another frequency.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labcheck.headset.recording import RATE, Recording
from labcheck.headset.signals import Stimulus

GUARD = RATE // 25
"""Frames at both ends of an ear's tone that are left out: fades, echoes."""
SIGMA_K, DELTA_RATE, DELTA_HZ, DC_THRESHOLD, MAX_PEAKS, SHIFT_MIN = 3.0, 0.005, 1.0, 7.01, 10, 8
BINS, INTERVAL, MAGNITUDE_THRESHOLD, FLOOR_DB = 256, 0.1, 2.5, -60.0
COLLECT_SECONDS, SILENT_THRESHOLD, LOW_VOLUME_DB, BUFFER = 2.0, 1.0 / 32767, -60.0, 2048
"""Chrome chooses the buffer's size, mostly 2048 frames."""


@dataclass(frozen=True, slots=True)
class Said:
    """Whether the rule passes, and the number it goes by, in dB, more is better."""

    passed: bool
    statistic: float


def _tone(recording: Recording, one: Stimulus, arrives: int) -> NDArray[np.float64]:
    """Of the ear that is louder: theirs play in both at once."""
    half = one.tone_frames // 2
    begins = [max(arrives + one.tone_at + first + GUARD, 0) for first in (0, half)]
    waves = [np.asarray(recording.pcm[begin : begin + half - 2 * GUARD], np.float64) for begin in begins]
    return max(waves, key=lambda wave: float(np.sum(wave**2)))


def alsabat(recording: Recording, one: Stimulus, arrives: int) -> Said:
    """``arrives`` is the frame in which the first of the stimulus is heard."""
    wave = _tone(recording, one, arrives)
    if wave.size < 1 << SHIFT_MIN:
        return Said(False, -60.0)
    frames = 1 << (wave.size.bit_length() - 1)
    mag = np.abs(np.fft.rfft(wave[:frames]))[: frames // 2]
    mag[0] = 0.0
    hertz = RATE / frames
    limit = mag.mean() + SIGMA_K * mag.std()
    tolerance = max(DELTA_RATE * one.tone_hz, DELTA_HZ)
    near = np.abs(np.arange(mag.size) * hertz - one.tone_hz) <= tolerance
    statistic = 20 * math.log10((mag[near].max() + 1e-9) / (limit + 1e-9))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (mag > limit).astype(np.int8), [0]])))
    signals, wrong, low = 0, False, False
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        signals += 1
        if end == mag.size:
            break  # a peak that lasts to the end is never looked at
        found = (start + int(np.argmax(mag[start:end]))) * hertz
        if found < DC_THRESHOLD:
            low = True
        elif abs(found - one.tone_hz) > tolerance:
            wrong = True
        if signals == MAX_PEAKS:
            break
    only_low = low and signals == 1
    return Said(signals > 0 and not only_low and not wrong, statistic)


def checkbox(recording: Recording, one: Stimulus, arrives: int) -> Said:
    """Bands are of half our rate instead of half of 44.1 kHz."""
    wave = _tone(recording, one, arrives) / 32768
    size, step = 2 * BINS - 2, round(INTERVAL * RATE)
    messages = []
    for begin in range(0, wave.size - step + 1, step):
        pieces = np.lib.stride_tricks.sliding_window_view(wave[begin : begin + step], size)[::size]
        powers = np.abs(np.fft.rfft(pieces * np.hamming(size), axis=1)) ** 2 / size**2
        messages.append(np.maximum(10 * np.log10(powers.mean(axis=0) + 1e-30), FLOOR_DB))
    if not messages:
        return Said(False, -1.0)
    spectrum = np.mean(messages, axis=0)
    base = Counter(spectrum.tolist()).most_common(1)[0][0]
    # theirs is in the middle of its band; ours may be at its edge, where the next may stand higher
    first = math.ceil(one.tone_hz / (RATE / 2 / BINS)) - 1
    band = max((first, first + 1), key=lambda index: float(spectrum[index]))
    here = spectrum[band]
    peak = spectrum[band - 1] < here and spectrum[band + 1] < here and here > base + MAGNITUDE_THRESHOLD
    return Said(bool(peak), float(here - base))


def testrtc(recording: Recording, one: Stimulus, arrives: int) -> Said:
    """From where the first probe begins; warnings (of clipping) are no errors."""
    begin = max(arrives + one.left_at, 0)
    wave = recording.pcm[begin : begin + 5 * RATE].astype(np.float64) / 32768
    count = wave.size // BUFFER
    buffers = wave[: count * BUFFER].reshape(count, BUFFER)
    loud = np.maximum(np.abs(buffers[:, 0]), np.abs(buffers[:, -1])) > SILENT_THRESHOLD
    kept = buffers[loud][: math.ceil(COLLECT_SECONDS * RATE / BUFFER)]
    if not kept.size or np.abs(kept).max() <= SILENT_THRESHOLD:
        return Said(False, -120.0)
    level = round(20 * math.log10(np.sqrt(np.mean(kept**2, axis=1)).max()), 1)
    return Said(level >= LOW_VOLUME_DB, level)


RULES = {"alsabat": alsabat, "checkbox": checkbox, "testrtc": testrtc}
