"""The rules: each looks at some measures and says whether one cause holds. Pure.

A rule gives a :class:`Said` for each cause that it can tell of: PASS, FAIL, WARN or NOT_CHECKED with what was
measured and the limit; nothing at all where it does not apply. ``distance`` is how far the value lies on the
good side, in units in which ``error`` is its standard error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.acoustics import CENTRES_HZ, Ear, Measures
from labcheck.headset.causes import Cause
from labcheck.headset.limits import Calibration, Limits
from labcheck.headset.matrix import Row
from labcheck.headset.words import UNKNOWN, decibels
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING, Phrase, phrase


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules look at."""

    measures: Measures
    limits: Limits
    row: Row | None
    calibration: Calibration | None

    @property
    def ears(self) -> tuple[Ear, Ear]:
        """Left and right."""
        return self.measures.left, self.measures.right

    @property
    def both(self) -> bool:
        """Whether both ears are heard."""
        return bool(self.measures.left.heard and self.measures.right.heard)

    @property
    def any(self) -> bool:
        """Whether either is."""
        return bool(self.measures.left.heard or self.measures.right.heard)

    @property
    def louder_db(self) -> float:
        """Gain of the louder ear; nan when neither is heard."""
        gains = [ear.gain_db for ear in self.ears if ear.heard and not math.isnan(ear.gain_db)]
        return max(gains, default=math.nan)


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says of one cause."""

    check: Check
    cause: Cause
    outcome: Outcome
    measured: Phrase
    limit: Phrase = NOTHING
    margin: float | None = None
    confidence: float = 1.0


Rule = Callable[[Seen], Iterator[Said]]


def compared(
    check: Check,
    cause: Cause,
    distance: float,
    error: float,
    measured: Phrase,
    limit: Phrase,
    scale: float = 6.0,
) -> Said:
    """A value against its limit; nan: not checked. ``scale``: a distance that is twice as good."""
    if not math.isfinite(distance):
        return Said(check, Cause.NOT_MEASURABLE, Outcome.NOT_CHECKED, UNKNOWN, limit, None, 0.0)
    outcome = Outcome.PASS if distance >= 0 else Outcome.FAIL
    sure = math.erf(abs(distance) / max(error, 1e-6) / math.sqrt(2))
    return Said(check, cause, outcome, measured, limit, distance / scale, sure)


def failed(check: Check, cause: Cause, measured: Phrase, confidence: float, limit: Phrase = NOTHING) -> Said:
    """It holds."""
    return Said(check, cause, Outcome.FAIL, measured, limit, None, confidence)


def unknown(check: Check, measured: Phrase = UNKNOWN) -> Said:
    """It cannot be told."""
    return Said(check, Cause.NOT_MEASURABLE, Outcome.NOT_CHECKED, measured, NOTHING, None, 0.0)


# Whether it is a headset that is heard ---------------------------------------------------------------------

_SILENT_DBFS = -110.0
_CALM_DB = 1.0
"""A microphone's noise differs by less between pauses and tones, if nothing turns it."""
_STEPS_DBFS = -85.0
"""Below it noise is as small as the converter's steps, and does not follow a gain."""
_STILL_SECONDS = 0.25
_LEAST_SECONDS = 8.5
_THERE_DB, _GONE_DB = -3.0, -14.0
_HEARS = phrase(N_("both ears heard"))


def recording(seen: Seen) -> Iterator[Said]:
    """Digital silence; a recording that broke off or changed on the way."""
    found = seen.measures
    if not found.rms_dbfs > _SILENT_DBFS or found.digital_silence > 0.95:
        yield failed(Check.EARS, Cause.SILENT, phrase(N_("absolute silence")), 1.0)
    elif (found.ends_early_s > 0.05 and abs(found.rate_ratio - 1) < 0.01) or (
        found.seconds < 8.5 and not seen.any
    ):
        yield failed(Check.EARS, Cause.DEVICE_CHANGED, phrase(N_("the recording broke off")), 1.0)
    elif found.still_s > _STILL_SECONDS:
        yield failed(Check.EARS, Cause.DEVICE_CHANGED, phrase(N_("silent from some moment on")), 1.0)
    elif seen.any and _changed(seen):
        yield failed(Check.EARS, Cause.DEVICE_CHANGED, phrase(N_("another sound from some moment on")), 0.9)


def _broke_off(seen: Seen) -> bool:
    found = seen.measures
    if seen.any:
        return found.ends_early_s > 0.05 and abs(found.rate_ratio - 1) < 0.01
    return found.seconds < _LEAST_SECONDS


def _changed(seen: Seen) -> bool:
    """A monitor's or another microphone's level from some moment on."""
    if abs(seen.measures.rate_ratio - 1) > 0.01:
        return False
    found, gains = seen.measures, [ear.gain_db for ear in seen.ears if ear.heard]
    if not _lost(seen) and any(_fell(ear) for ear in seen.ears):
        return True
    if len(gains) == 2 and max(gains) > -15 and min(gains) < max(gains) - 15:
        return True
    return max(gains) < -25 and found.peak_dbfs > -16 and found.tone_dbfs > max(gains) - 12 + 15


def _fell(ear: Ear) -> bool:
    """Whether a probe was there, and from some part on was not."""
    there = [level > _THERE_DB for level in ear.track_db]
    gone = [level < _GONE_DB for level in ear.track_db]
    return any(all(there[:part]) and all(gone[part:]) for part in range(2, len(there) - 1))


def wire(seen: Seen) -> Iterator[Said]:
    """Too good to be true: a monitor or a cable gives back what is played, louder and flatter than air."""
    louder, limits = seen.louder_db, seen.limits
    if not seen.any:
        return
    ripple = max(_ripple(ear) for ear in seen.ears if ear.heard)
    if louder > limits.loopback_db and ripple < limits.flat_db:
        said = phrase(N_("as loud and clear as through a wire"))
        cause = Cause.DEVICE_CHANGED if (seen.measures.gaps or 0) > 0 else Cause.LOOPBACK
        yield failed(Check.EARS, cause, said, 0.99)


def _ripple(ear: Ear) -> float:
    """Standard deviation of the third octaves from 200 Hz to 8 kHz, dB."""
    levels = [level for hertz, level in zip(CENTRES_HZ, ear.response_db, strict=False) if hertz > 190]
    if not levels or any(math.isnan(level) for level in levels):
        return math.inf
    mean = sum(levels) / len(levels)
    return math.sqrt(sum((level - mean) ** 2 for level in levels) / len(levels))


def others(seen: Seen) -> Iterator[Said]:
    """Exchanged plugs, a microphone that is nowhere near, a loud neighbour."""
    row, limits = seen.row, seen.limits
    if row is None:
        return
    loudest, level = row.loudest
    limit = phrase(N_("no other seat above {limit}"), limit=decibels(limits.neighbour_db))
    if loudest < 0:
        if seen.any:
            yield compared(Check.NEIGHBOURS, Cause.LOUD_NEIGHBOUR, 10.0, 2.0, phrase(N_("none heard")), limit)
        return
    own = row.own_db
    if math.isnan(own) or (abs(seen.measures.drift_ppm) > limits.drift_ppm and seen.louder_db > own):
        own = seen.louder_db  # found with more care than in the matrix
    over = level - own
    said = phrase(N_("seat number {seat} heard"), seat=loudest + 1)
    if math.isnan(own):
        if not seen.any and _at_plug(seen, level):
            yield failed(Check.EARS, Cause.OTHER_SEATS_PLUG, said, 0.9)
        return
    near = sum(1 for each in _all_others(row) if each > own + limits.far_db)
    if over > limits.plug_db:
        yield failed(Check.EARS, Cause.OTHER_SEATS_PLUG, said, 0.95)
    elif near >= max(limits.far_seats, 0.4 * (len(row.levels_db) - 1)):
        many = phrase(N_("{count} other seats heard as well as this one"), count=near)
        yield failed(Check.EARS, Cause.WRONG_DEVICE, many, 0.9)
    else:
        text = phrase(N_("seat number {seat} at {level}"), seat=loudest + 1, level=decibels(over))
        yield compared(Check.NEIGHBOURS, Cause.LOUD_NEIGHBOUR, limits.neighbour_db - over, 1.0, text, limit)


def _at_plug(seen: Seen, level: float) -> bool:
    """Where one's own is not heard at all: whether another is as loud as an own ear, and no neighbour."""
    row, limits = seen.row, seen.limits
    usual = math.nan if row is None else row.usual_db
    if seen.calibration is not None and math.isnan(usual):
        usual = seen.calibration.louder_db
    return not math.isnan(usual) and level > usual + limits.far_db


def _all_others(row: Row) -> list[float]:
    return [level for seat, level in enumerate(row.levels_db) if seat != row.seat and not math.isnan(level)]


def ears(seen: Seen) -> Iterator[Said]:
    """Neither, one or both of them."""
    limits, found = seen.limits, seen.measures
    left, right = seen.ears
    limit = phrase(N_("left and right"))
    if not seen.any:
        least = max(left.least_db, right.least_db)
        if math.isnan(least) or least > limits.least_gain_db + 4:
            yield unknown(Check.EARS)
        else:
            yield failed(Check.EARS, Cause.NOTHING_HEARD, phrase(N_("neither ear heard")), 0.99, limit)
        return
    for ear, other, cause, said in (
        (left, right, Cause.DEAD_LEFT, phrase(N_("only the right ear heard"))),
        (right, left, Cause.DEAD_RIGHT, phrase(N_("only the left ear heard"))),
    ):
        most = ear.gain_db if ear.heard else ear.least_db
        if math.isnan(other.gain_db) or math.isnan(most):
            continue
        below = other.gain_db - most
        if below > limits.ear_difference_db:
            yield failed(Check.EARS, cause, said, 0.99, limit)
        elif not ear.heard:
            # It might be heard in a quieter room; at most as loud as a dead one's crosstalk it is not.
            yield unknown(Check.EARS) if below < 12 else failed(Check.EARS, cause, said, 0.8, limit)
    if seen.both:
        over = min(ear.peak_db - ear.threshold_db for ear in seen.ears)
        yield compared(Check.EARS, Cause.NOT_MEASURABLE, over, 1.5, _HEARS, limit, 20.0)
    del found


# Which ear is which -----------------------------------------------------------------------------------------

_INVERTED, _UPRIGHT = -0.5, 0.3
"""Between them low sounds of both ears have too little in common to say so; good cups have 0.8 and more."""
_GAIN_ERROR = 0.8
"""dB: cups moved on the table."""


def channels(seen: Seen) -> Iterator[Said]:
    """Both the same; exchanged; one inverted."""
    if not seen.both:
        yield unknown(Check.CHANNELS)
        return
    found, limits = seen.measures, seen.limits
    late = abs(found.left.latency_ms - found.right.latency_ms)
    apart = abs(found.same_gain_db)
    error = _gain_error(seen)
    same = found.similarity > limits.same_similarity and late < limits.same_ms
    told = phrase(
        N_("left {left}, right {right}"),
        left=decibels(found.left.gain_db),
        right=decibels(found.right.gain_db),
    )
    limit = phrase(N_("two different ears"))
    if math.isnan(found.similarity):
        yield unknown(Check.CHANNELS)
    elif same and apart < limits.same_gain_db + 2 * error:
        yield failed(Check.CHANNELS, Cause.MONO, phrase(N_("both ears play the same")), 0.95, limit)
    elif found.similarity > 0.9 and late < 2 * limits.same_ms and apart < limits.same_gain_db + 3 * error:
        yield unknown(Check.CHANNELS)
    else:
        yield compared(Check.CHANNELS, Cause.MONO, 1.5 - found.similarity, 0.2, told, limit, 1.0)
    yield from _sides(seen, error, told)
    yield from _polarity(seen, told)


def _gain_error(seen: Seen) -> float:
    """Standard error of the difference of two gains, dB: what noise makes of correlation peaks."""
    over = min(ear.peak_db for ear in seen.ears)
    return 8.7 / math.sqrt(10 ** (over / 10)) * 4


def _sides(seen: Seen, error: float, told: Phrase) -> Iterator[Said]:
    expected = _expected(seen)
    if math.isnan(expected):
        return
    limit = phrase(N_("left over right about {expected}"), expected=decibels(expected))
    error = math.hypot(error, _GAIN_ERROR)
    toward = seen.measures.same_gain_db * math.copysign(1, expected)
    if toward < -0.4 * abs(expected):
        yield compared(Check.CHANNELS, Cause.SWAPPED, toward, error, told, limit)
    elif toward < abs(expected) - limit_of_sides(seen, expected):
        yield unknown(Check.CHANNELS)


def limit_of_sides(seen: Seen, expected: float) -> float:
    """How far the ears' difference may be from the expected one, dB."""
    return max(abs(expected) - 0.3, seen.limits.swap_sigmas * _GAIN_ERROR)


def _expected(seen: Seen) -> float:
    """Left over right, dB; nan when nothing is known or it is too little to go by."""
    if seen.calibration is not None:
        difference = seen.calibration.difference_db
        return difference if abs(difference) > seen.limits.swap_sigmas * _GAIN_ERROR else math.nan
    return {"left": 3.0, "right": -3.0}.get(seen.limits.boom, math.nan)


def _polarity(seen: Seen, told: Phrase) -> Iterator[Said]:
    sign = seen.measures.low_sign
    limit = phrase(N_("both ears in phase"))
    if seen.calibration is not None and seen.calibration.low_sign < 0:
        sign = -sign
    if math.isnan(sign) or _INVERTED < sign < _UPRIGHT:
        yield unknown(Check.CHANNELS)
    elif sign < 0:
        yield failed(
            Check.CHANNELS, Cause.POLARITY, phrase(N_("one ear is inverted")), min(1.0, -sign), limit
        )
    else:
        yield compared(Check.CHANNELS, Cause.POLARITY, sign, 0.2, told, limit, 1.0)


# How loud ---------------------------------------------------------------------------------------------------


def loudness(seen: Seen) -> Iterator[Said]:
    """Too quiet, too loud, clipping, moved by gain control."""
    limits, found, louder = seen.limits, seen.measures, seen.louder_db
    if found.clipped is not None and (found.clipped > 20 or found.flat > 5e-5):
        yield failed(Check.LOOP_LEVEL, Cause.CLIPPING, phrase(N_("the tops are cut off")), 0.95)
    said = phrase("{gain}", gain=decibels(louder)) if not math.isnan(louder) else UNKNOWN
    low, high = limits.least_gain_db, limits.most_gain_db
    if seen.calibration is not None:
        low = max(low, seen.calibration.louder_db - limits.model_db)
        high = min(high, seen.calibration.louder_db + limits.model_db)
    limit = phrase(N_("{low} to {high}"), low=decibels(low), high=decibels(high))
    if math.isnan(louder):
        yield unknown(Check.LOOP_LEVEL)
        return
    yield compared(Check.LOOP_LEVEL, Cause.TOO_QUIET, louder - low, 1.0, said, limit)
    yield compared(Check.LOOP_LEVEL, Cause.TOO_LOUD, high - louder, 1.0, said, limit)
    yield from _gain_control(seen)


def _gain_control(seen: Seen) -> Iterator[Said]:
    found, limits = seen.measures, seen.limits
    moved = phrase(N_("the gain moves by itself"))
    if _lost(seen) or (found.repeats or 0) > 0:
        return
    interrupted = (found.gaps or 0) > 0
    onset = found.onset_db - 3 * found.onset_error_db
    turned = found.still_noise_dbfs - found.played_noise_dbfs
    if found.still_noise_dbfs < _STEPS_DBFS or abs(found.breathing_db) < _CALM_DB:
        turned = 0.0  # beside the tones it is as loud as in the pauses: voices came and went
    if _suppressed(seen) or (
        interrupted and turned < limits.noise_turned_db and onset < limits.onset_sinks_db
    ):
        return
    both = found.spread > limits.spread_too and turned > limits.noise_turned_too_db
    if both or found.spread > limits.spread or onset > limits.onset_db or turned > limits.noise_turned_db:
        yield failed(Check.LOOP_LEVEL, Cause.GAIN_CONTROL, moved, 0.9)


# What else is heard -----------------------------------------------------------------------------------------


def stillness(seen: Seen) -> Iterator[Said]:
    """Noise, hum, DC."""
    limits, found = seen.limits, seen.measures
    if not math.isfinite(found.noise_dbfs) or not math.isfinite(found.dc):
        yield unknown(Check.STILLNESS)
        return
    said = phrase(N_("noise {noise}"), noise=decibels(found.noise_dbfs))
    limit = phrase(N_("noise below {limit}"), limit=decibels(limits.noise_dbfs))
    hum = limits.hum_dbfs - found.hum_dbfs
    if hum >= 0 or found.hum_dbfs < found.noise_dbfs - 3:  # else the noise is the hum
        yield compared(Check.STILLNESS, Cause.NOISE, limits.noise_dbfs - found.noise_dbfs, 1.0, said, limit)
    hums = phrase(N_("hum {hum}"), hum=decibels(found.hum_dbfs))
    yield compared(
        Check.STILLNESS,
        Cause.HUM,
        hum,
        1.0,
        hums,
        phrase(N_("hum below {limit}"), limit=decibels(limits.hum_dbfs)),
    )
    shifted = phrase(N_("shifted by {percent} % of full scale"), percent=round(abs(found.dc) * 100))
    small = phrase(N_("shifted by at most {percent} %"), percent=round(limits.dc * 100))
    ratio = 20 * math.log10(limits.dc / max(abs(found.dc), 1e-6))
    yield compared(Check.STILLNESS, Cause.DC_OFFSET, ratio, 1.0, shifted, small)


# How it sounds ----------------------------------------------------------------------------------------------


def quality(seen: Seen) -> Iterator[Said]:
    """Band, distortion, suppression."""
    if not seen.any:
        yield unknown(Check.SOUND_QUALITY)
        return
    found, limits = seen.measures, seen.limits
    yield from _band(seen)
    distorted = phrase(N_("distortion {percent} %"), percent=_percent(found.thd_db))
    limit = phrase(N_("distortion below {percent} %"), percent=_percent(limits.thd_db))
    distance = limits.thd_db - found.thd_db
    hidden = math.isnan(distance) or not found.thd_floor_db < limits.thd_floor_db
    if hidden and not distance < 0:
        distance = _straight(seen)
    yield compared(Check.SOUND_QUALITY, Cause.DISTORTION, distance, 1.5, distorted, limit)
    if _suppressed(seen):
        yield failed(Check.SOUND_QUALITY, Cause.SUPPRESSION, phrase(N_("a steady sound is taken away")), 0.9)


def _straight(seen: Seen) -> float:
    """Where noise hides the tone's harmonics: by how many dB the probes are surely less bent than a torn
    driver bends them; nan when they may be."""
    value, error = seen.measures.bent
    most = max(value + 3 * error, 1e-6)
    return -20 * math.log10(most / seen.limits.torn) if most < seen.limits.torn else math.nan


def _suppressed(seen: Seen) -> bool:
    """A probe that sinks for longer than any gain control takes."""
    found, limits = seen.measures, seen.limits
    onset = found.onset_db - 3 * found.onset_error_db
    if found.noise_dbfs > limits.suppressed_noise_dbfs or _lost(seen) or (found.repeats or 0) > 0:
        return False
    return seen.any and (found.sinks_db > limits.sinks_db or onset > limits.onset_sinks_db)


def _lost(seen: Seen) -> bool:
    """Whether frames went missing: what follows comes too early, or blocks came late."""
    return seen.measures.jump_ms > seen.limits.jump_ms or seen.measures.lost_ms > seen.limits.lost_ms


def _percent(level_db: float) -> int:
    return round(100 * 10 ** (min(level_db, 20.0) / 20)) if math.isfinite(level_db) else 0


def _band(seen: Seen) -> Iterator[Said]:
    limit = phrase(N_("sound up to {hertz} Hz"), hertz=6300)
    tops = [_top(ear) for ear in seen.ears if ear.heard]
    known = [top for top in tops if not math.isnan(top)]
    if not known:
        yield unknown(Check.SOUND_QUALITY)
        return
    distance = max(known) - seen.limits.high_cut_db
    said = phrase(N_("at 6.3 kHz {level}"), level=decibels(max(known)))
    yield compared(Check.SOUND_QUALITY, Cause.NARROW, distance, 2.0, said, limit)


def _top(ear: Ear) -> float:
    """The better third octave of 6.3 and 8 kHz against the best from 1 to 2.5 kHz, dB; nan when noise hides
    so much that it cannot be told."""
    level = dict(zip(CENTRES_HZ, ear.response_db, strict=True))
    floor = dict(zip(CENTRES_HZ, ear.floor_db, strict=True))
    middle = [
        level[hertz] for hertz in (1000.0, 1250.0, 1600.0, 2000.0, 2500.0) if not math.isnan(level[hertz])
    ]
    if not middle:
        return math.nan
    tops = {hertz: level[hertz] for hertz in (6300.0, 8000.0)}
    known = [value for value in tops.values() if not math.isnan(value)]
    hidden = max(floor[hertz] for hertz in tops)
    if known:
        return max(known) - max(middle)
    return math.nan if hidden > max(middle) - 34 else hidden - max(middle)


# The stream -------------------------------------------------------------------------------------------------


def stream(seen: Seen) -> Iterator[Said]:
    """Gaps, rate, clock."""
    found, limits = seen.measures, seen.limits
    if not seen.any:
        yield unknown(Check.STREAM)
        return
    limit = phrase(N_("no gaps"))
    if found.rate_ratio > 0.01 and abs(found.rate_ratio - 1) > 0.01:
        said = phrase(N_("recorded at {percent} % of the speed"), percent=round(100 / found.rate_ratio))
        yield failed(Check.STREAM, Cause.WRONG_RATE, said, 0.99)
        return
    gaps = (0 if _suppressed(seen) else found.gaps or 0) + (found.repeats or 0) + int(_lost(seen))
    if gaps:
        yield failed(Check.STREAM, Cause.DROPOUTS, phrase(N_("{count} gaps"), count=gaps), 0.95, limit)
    elif math.isnan(found.track_error) or found.track_error > limits.gap_error or math.isnan(found.tone_dbfs):
        yield unknown(Check.STREAM)
    else:
        yield Said(Check.STREAM, Cause.DROPOUTS, Outcome.PASS, phrase(N_("no gaps")), limit, 1.0, 0.99)
    if not math.isfinite(found.drift_ppm):
        yield unknown(Check.STREAM)
        return
    said = phrase(N_("{ppm} ppm"), ppm=round(found.drift_ppm))
    allowed = phrase(N_("at most {ppm} ppm"), ppm=round(limits.drift_ppm))
    distance = limits.drift_ppm - abs(found.drift_ppm)
    yield compared(Check.STREAM, Cause.DRIFT, distance, 20.0, said, allowed, limits.drift_ppm)


RULES: tuple[Rule, ...] = (recording, wire, others, ears, channels, loudness, stillness, quality, stream)
