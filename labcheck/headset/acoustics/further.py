"""Measures that show what would fool the others: a second look at a recording in which an ear is heard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from labcheck.headset.acoustics import breaks, dropouts, gain
from labcheck.headset.acoustics.alike import one_ear
from labcheck.headset.acoustics.course import Track
from labcheck.headset.acoustics.edges import edge, hole_beside
from labcheck.headset.acoustics.ending import last_tone
from labcheck.headset.acoustics.level import Wave
from labcheck.headset.acoustics.measures import NAN, Ear, Measures
from labcheck.headset.acoustics.response import Response
from labcheck.headset.recording import RATE
from labcheck.headset.signals import Stimulus

_CLEAR_DB = 8.0
"""Of a tone over all else; where voices are as loud, they take a part of it away, too."""
_VERY_CLEAR_DB = 10.0
_RINGING_SECONDS, _RINGING_TURNS = 0.3, 0.05
"""The other ear's tone rings on in the room, 16 dB and more below this one's: it turns its phase by 0.16 rad,
of both ways 0.3 rad, at the most."""
_SETTLED_SECONDS = 0.06
"""A tone's ends, left out: its fade, and what the room adds to it."""


def further(
    found: Measures,
    samples: Wave,
    wave: Wave,
    stimulus: Stimulus,
    responses: Sequence[Response | None],
    tracks: Sequence[Track],
) -> Measures:
    """What was found, and more. ``wave``: the samples at 24 kHz; ``tracks``: of the probes that are heard."""
    scale = found.rate / RATE * found.rate_ratio * (1 + found.drift_ppm * 1e-6)

    def placed(first: float, end: float) -> tuple[int, int]:
        return round(found.start + first * scale), round(found.start + end * scale)

    whole = placed(0, len(stimulus.pcm))
    held = dropouts.held(samples, found.rate, whole)
    copies = dropouts.repeated(samples, found.rate, whole)
    half = stimulus.tone_at + stimulus.tone_frames // 2
    halves = (stimulus.tone_at, half), (half, stimulus.tone_at + stimulus.tone_frames)
    guard = _SETTLED_SECONDS * RATE
    sounding = [placed(first + guard, end - guard) for first, end in halves]
    hertz = stimulus.tone_hz / found.rate_ratio / (1 + found.drift_ppm * 1e-6)
    voices = not found.tone_over_noise_db > _CLEAR_DB
    broken = [
        _broken(breaks.in_tone(samples, found.rate, frames, hertz, voices), found, frames[0], hertz)
        for ear, frames in zip((found.left, found.right), sounding, strict=True)
        if ear.heard
    ]
    quiet = [placed(*frames) for frames in stimulus.quiet]
    breathing = gain.pauses(samples, found.rate, quiet, sounding)
    return replace(
        found,
        one_ear=_one_ear((found.left, found.right), responses),
        late=_latest(responses),
        bent=_bent(tracks),
        held=None if held is None else len(held),
        copies=len(copies),
        breaks=_told(sum(broken) + (0 if voices else _holes(found, wave, stimulus, hertz)), voices),
        breathing_db=breathing.breathing,
        breathing_error_db=breathing.error,
        patchy_db=breathing.patchy,
        last_tone=_last_tone(found, wave, (halves[0][1], halves[1][1]), hertz),
        tone_ends=_edge(found, wave, halves[1][1], hertz, last=True),
        ears_change=_edge(found, wave, half, hertz, last=False),
    )


def _told(broken: int, voices: bool) -> int | None:
    """Of so many breaks; None: where voices are as loud, they may have made them."""
    return broken if not (broken and voices) else None


def _last_tone(found: Measures, wave: Wave, ends: tuple[int, int], hertz: float) -> tuple[float, float]:
    """Of the right ear, which sounds last; of the left where that one is not heard."""
    scale = found.rate_ratio * (1 + found.drift_ppm * 1e-6)
    last = found.right if found.right.heard else found.left
    frame = ends[1] if found.right.heard else ends[0]
    end = found.start / found.rate + (frame - _SETTLED_SECONDS * RATE) / RATE * scale
    return last_tone(wave, end, hertz, last.impulse)


def _holes(found: Measures, wave: Wave, stimulus: Stimulus, hertz: float) -> int:
    """Near the tones' ends."""
    half = stimulus.tone_at + stimulus.tone_frames // 2
    scale = found.rate_ratio * (1 + found.drift_ppm * 1e-6)
    count = 0
    for ear, frames in (
        (found.left, (stimulus.tone_at, half)),
        (found.right, (half, stimulus.tone_at + stimulus.tone_frames)),
    ):
        begin, end = (found.start / found.rate + frame / RATE * scale for frame in frames)
        if ear.heard:
            count += hole_beside(wave, begin, hertz, True) + hole_beside(wave, end, hertz, False)
    return count


def _edge(found: Measures, wave: Wave, frame: int, hertz: float, last: bool) -> tuple[float, float]:
    """Of the tones, at this frame of the stimulus; where an ear is not heard there are none."""
    if not (found.left.heard and found.right.heard):
        return NAN, NAN
    scale = found.rate_ratio * (1 + found.drift_ppm * 1e-6)
    return edge(wave, found.start / found.rate + frame / RATE * scale, hertz, last)


def _broken(said: breaks.ToneEvents, found: Measures, began: int, hertz: float) -> int:
    """Events, but for small jumps while the room still answers to what sounded before this tone, or where
    voices turn it."""
    clear = found.tone_over_noise_db > _VERY_CLEAR_DB
    ringing = _RINGING_SECONDS * found.rate if clear else math.inf
    small = _RINGING_TURNS * found.rate / hertz
    return sum(
        1
        for event in said.events
        if event.kind is not dropouts.Kind.JUMP or event.at > began + ringing or abs(event.frames) > small
    )


def _one_ear(ears: tuple[Ear, Ear], responses: Sequence[Response | None]) -> tuple[float, float]:
    left, right = responses
    if left is None or right is None:
        return NAN, NAN
    return one_ear(left, right, (ears[1].latency_ms - ears[0].latency_ms) / 1000)


def _latest(responses: Sequence[Response | None]) -> tuple[float, float]:
    """Of the ear in which it is surely least: one that is near is no loudspeaker."""
    known = [each.late for each in responses if each is not None and not math.isnan(each.late[0])]
    return min(known, key=lambda pair: pair[0] + pair[1], default=(NAN, NAN))


def _bent(tracks: Sequence[Track]) -> tuple[float, float]:
    """Of the worst ear: both products together, and how sure."""
    known = []
    for track in tracks:
        power = sum(max(value**2 - error**2, 0) for value, error in track.bent)
        error = max((error for _value, error in track.bent), default=NAN)
        known.append((math.sqrt(power), error))
    return max(known, key=lambda pair: pair[0] - 3 * pair[1], default=(NAN, NAN))
