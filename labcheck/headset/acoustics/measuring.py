"""All measures of one recording, in their order: first where the stimulus is in it, then the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median_high, median_low

import numpy as np

from labcheck.headset.acoustics import bent, channels, distortion, level, noise
from labcheck.headset.acoustics.coupling import (
    NO_PEAK,
    WORK,
    Peak,
    at_work_rate,
    full_scale,
    without_clicks,
)
from labcheck.headset.acoustics.course import Track, probe_track, quiet_level, tone_track
from labcheck.headset.acoustics.further import further
from labcheck.headset.acoustics.level import LEAST_DB, Wave, median
from labcheck.headset.acoustics.measures import CENTRES_HZ, NAN, Ear, Measures
from labcheck.headset.acoustics.response import Response, respond
from labcheck.headset.acoustics.search import Heard, references, search
from labcheck.headset.acoustics.steady import repeats, steady, still_tail
from labcheck.headset.acoustics.still import noise_step, steady_hum, stretches
from labcheck.headset.recording import BEFORE_SECONDS, RATE, Recording
from labcheck.headset.signals import Stimulus

_NEAR = 0.01
"""A ratio so near to 1 is a clock that is off, and no other rate."""
_LEAST_SECONDS = 1.0
_TONE_GUARD_SECONDS = 0.05
_FIRST_SECONDS = 0.25
"""Of a recording, in which nobody plays."""
_LEAST_TRACK = -40.0


def prepare(stimulus: Stimulus) -> None:
    """Have ready what :func:`measure` needs to know of a stimulus: it is kept, and the same every time."""
    references(stimulus)
    for right in (False, True):
        bent.products(stimulus, right)


def measure(recording: Recording, stimulus: Stimulus) -> Measures:
    """What the recording says of the headset that played the stimulus. Raises nothing."""
    samples = full_scale(recording.pcm)
    seconds = len(samples) / recording.rate
    found = Measures(stimulus.seat, recording.rate, seconds, Ear(None), Ear(None))
    if seconds < _LEAST_SECONDS or not np.any(recording.pcm[1:] != recording.pcm[:-1]):
        return _levels(found, recording, samples)
    middle = np.float32(median(recording.pcm) / 32768)
    wave = without_clicks(at_work_rate(samples - middle, recording.rate), WORK)
    heard = search(wave, recording, stimulus)
    found, responses = _with_ears(found, wave, recording, heard)
    if heard.any:
        found = _with_tone(_with_quiet(found, samples, stimulus), wave, stimulus)
        tracks = _probe_tracks(stimulus, heard, responses)
        found = _with_tracks(found, wave, stimulus, heard, tracks)
        found = further(found, samples, wave, stimulus, responses, tracks)
        found = replace(found, lost_ms=_lost(recording))
    return _levels(found, recording, samples)


def _with_ears(
    found: Measures, wave: Wave, recording: Recording, heard: Heard
) -> tuple[Measures, list[Response | None]]:
    left = BEFORE_SECONDS if math.isnan(recording.offset) else recording.offset / recording.rate
    ears, responses = [], []
    for peak, probe in zip(heard.peaks, heard.probes, strict=True):
        response = respond(wave, probe, peak.at, heard.clock_ppm, CENTRES_HZ) if peak.heard else None
        responses.append(response)
        ears.append(_ear(peak, response, peak.at - probe.at * (1 + heard.clock_ppm * 1e-6) - left))
    found = replace(found, left=ears[0], right=ears[1])
    if not heard.any:
        return found, responses
    near = abs(heard.ratio - 1) < _NEAR
    whole = heard.ratio * (1 + heard.clock_ppm * 1e-6)
    found = replace(
        found,
        start=heard.start * recording.rate,
        drift_ppm=(whole - 1) * 1e6 if near else heard.clock_ppm,
        rate_ratio=1.0 if near else heard.ratio,
    )
    one, two = responses
    if one is None or two is None:
        return found, responses
    found = replace(
        found,
        similarity=channels.similarity(one, two),
        low_sign=channels.low_sign(one, two),
        same_gain_db=one.gain_db - two.gain_db,
    )
    return found, responses


def _ear(peak: Peak, response: Response | None, latency: float) -> Ear:
    if peak is NO_PEAK:
        return Ear(None)
    ear = Ear(peak.heard, peak_db=peak.over, threshold_db=peak.limit, least_db=peak.least)
    if response is None:
        return ear
    track = 20 * np.log10(np.maximum(peak.gains, 10 ** (_LEAST_TRACK / 20)))
    return replace(
        ear,
        gain_db=response.gain_db,
        latency_ms=latency * 1000,
        impulse=response.impulse,
        response_db=response.thirds_db,
        over_noise_db=response.over_noise_db,
        floor_db=response.floor_db,
        track_db=tuple(map(float, track)),
        track_error=peak.error,
        delays_ms=tuple(float(delay * 1000) for delay in peak.delays),
    )


def _with_quiet(found: Measures, samples: Wave, stimulus: Stimulus) -> Measures:
    """What is to be heard while nobody plays."""
    ranges = [_placed(found, *frames) for frames in stimulus.quiet]
    floor = noise.measure(samples, found.rate, ranges)
    around = stretches(found, samples, stimulus)
    mains = steady_hum(samples, found.rate, around)
    return replace(
        found,
        noise_dbfs=floor.level,
        dc=floor.dc,
        hum_dbfs=mains.level,
        hum_over_noise_db=mains.over,
        noise_step_db=noise_step(samples, found.rate, around),
    )


def _with_tone(found: Measures, wave: Wave, stimulus: Stimulus) -> Measures:
    """The steady tone of either ear that is heard, without its ends; at 24 kHz, which has all its harmonics
    up to 8 kHz. Of two ears the louder tone and the larger distortion count."""
    clock = 1 + (0.0 if math.isnan(found.drift_ppm) else found.drift_ppm * 1e-6)
    hertz = stimulus.tone_hz / found.rate_ratio / clock
    tones = []
    for ear, (begin, end) in zip((found.left, found.right), _tones(stimulus), strict=True):
        guard = round(_TONE_GUARD_SECONDS * RATE)
        frames = [round(frame * WORK / found.rate) for frame in _placed(found, begin + guard, end - guard)]
        if ear.heard:
            tones.append(distortion.measure(wave, WORK, (frames[0], frames[1]), hertz))
    known = [tone for tone in tones if not math.isnan(tone.level)]
    if len(known) < len(tones):
        return replace(found, tone_dbfs=max((tone.level for tone in known), default=NAN))
    return replace(
        found,
        tone_dbfs=max((tone.level for tone in tones if not math.isnan(tone.level)), default=NAN),
        tone_over_noise_db=-_worst([-tone.sinad for tone in tones]),
        thd_db=max((thd for tone in tones if not math.isnan(thd := _thd(tone))), default=NAN),
        thd_floor_db=_worst([tone.thd_floor for tone in tones]),
    )


def _worst(values: list[float]) -> float:
    """The largest; nan when any is not known."""
    return NAN if any(map(math.isnan, values)) else max(values, default=NAN)


def _thd(tone: distortion.Tone) -> float:
    """Where noise hides the sum of all harmonics, those that stand out of it; nan when none does."""
    if not math.isnan(tone.thd) or math.isnan(tone.level):
        return tone.thd
    known = [level for level in tone.harmonics[:4] if level > LEAST_DB]
    return 10 * math.log10(sum(10 ** (level / 10) for level in known)) if known else NAN


def _tones(stimulus: Stimulus) -> tuple[tuple[int, int], tuple[int, int]]:
    """Frames of the left and of the right ear's tone."""
    half = stimulus.tone_at + stimulus.tone_frames // 2
    return (stimulus.tone_at, half), (half, stimulus.tone_at + stimulus.tone_frames)


def _placed(found: Measures, first: int, end: int) -> tuple[int, int]:
    """Frames of the recording for frames of the stimulus."""
    scale = found.rate / RATE * found.rate_ratio * (1 + found.drift_ppm * 1e-6)
    return round(found.start + first * scale), round(found.start + end * scale)


def _probe_tracks(stimulus: Stimulus, heard: Heard, responses: list[Response | None]) -> list[Track]:
    """Of the ears that are heard. Bent probes are not looked for at other rates, which are wrong anyway."""
    tracks = []
    for side, (probe, response) in enumerate(zip(heard.probes, responses, strict=True)):
        if response is not None:
            added = bent.products(stimulus, side == 1) if heard.ratio == 1 else bent.UNBENT
            tracks.append(probe_track(probe, response, added))
    return tracks


def _with_tracks(
    found: Measures, wave: Wave, stimulus: Stimulus, heard: Heard, tracks: list[Track]
) -> Measures:
    """How steady everything was."""
    least = min(track.rest_dbfs for track in tracks)
    tones = []
    clock = heard.ratio * (1 + heard.clock_ppm * 1e-6)
    for ear, frames in zip((found.left, found.right), _tones(stimulus), strict=True):
        if ear.heard and not math.isnan(found.tone_dbfs):
            first, end = (heard.start + at / RATE * clock for at in frames)
            tones.append(tone_track(wave, first, end, stimulus.tone_hz / clock))
    all_of_it = steady(tracks, tones)
    still = []
    for window in stimulus.quiet:
        first, end = (max(0, round((heard.start + at / RATE * clock) * WORK)) for at in window)
        still.append(quiet_level(wave[first:end]))
    return replace(
        found,
        gaps=all_of_it.gaps,
        gap_ms=all_of_it.gap_ms,
        track_error=all_of_it.error,
        spread=all_of_it.spread,
        onset_db=all_of_it.onset_db,
        onset_error_db=all_of_it.onset_error_db,
        sinks_db=all_of_it.sinks_db,
        jump_ms=_jump(found),
        ends_early_s=max(0.0, heard.start + len(stimulus.pcm) / RATE * clock - found.seconds),
        played_noise_dbfs=least,
        still_noise_dbfs=float(np.nanmin([*still, 0.0])),
    )


def _jump(found: Measures) -> float:
    """The largest displacement within a probe, or that between both, ms."""
    ears = [ear for ear in (found.left, found.right) if ear.heard]
    between = abs(found.left.latency_ms - found.right.latency_ms) if len(ears) == 2 else 0.0
    return max([*(slip_ms(ear.delays_ms) for ear in ears), between])


def slip_ms(delays_ms: Sequence[float]) -> float:
    """Frames that are lost or inserted move all parts that follow alike, by so much: at the least two of
    either side. A part here and there is elsewhere because of a voice or a knock. nan: parts not heard."""
    delays = [delay for delay in delays_ms if not math.isnan(delay)]
    steps = [0.0]
    for place in range(2, len(delays) - 1):
        before, after = delays[:place], delays[place:]
        steps.append(median_low(before) - median_high(after))
        steps.append(median_low(after) - median_high(before))
    return max(steps)


def _lost(recording: Recording) -> float:
    """Time between blocks beyond what their frames take, ms: the largest step against the trend."""
    if len(recording.blocks) < 20:
        return NAN
    frames = np.array([block[0] for block in recording.blocks], dtype=np.float64)
    times = np.array([block[1] for block in recording.blocks], dtype=np.float64)
    good = np.isfinite(times)
    if good.sum() < 20:
        return NAN
    steps = np.diff(times[good]) - np.diff(frames[good]) / recording.rate
    return float(np.max(steps - np.median(steps))) * 1000


def _levels(found: Measures, recording: Recording, samples: Wave) -> Measures:
    loud, silence = level.measure(samples), noise.silence(samples, found.rate)
    return replace(
        found,
        peak_dbfs=loud.peak,
        rms_dbfs=silence.level,
        clipped=loud.clips,
        flat=loud.flat,
        digital_silence=silence.stuck,
        repeats=repeats(recording.pcm, found.rate),
        still_s=still_tail(samples, found.rate),
        first_dbfs=noise.silence(samples[: round(_FIRST_SECONDS * found.rate)], found.rate).level,
    )
