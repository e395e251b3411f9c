"""Whether both ears play, and which is which. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.acoustics import Ear
from labcheck.headset.causes import Cause
from labcheck.headset.rules.said import Said, Seen, compared, failed, low_heard, unknown
from labcheck.headset.words import decibels
from labcheck.phrase import Phrase, phrase

_HEARS = phrase(N_("both ears heard"))
_INVERTED, _UPRIGHT = -0.5, 0.3
"""Between them low sounds of both ears have too little in common to say so; good cups have 0.8 and more."""
_GAIN_ERROR = 0.8
"""dB: cups moved on the table."""
_ONE_EAR = 0.88
"""0.3 and less for two ears as a rule, 0.81 at the most where one is but 2 cm farther; 0.98 and more for one
that is heard twice."""
_SURELY_ONE, _HARDLY_TWO = 0.93, 0.75
_LEAK_DB = 6.0
"""From here on the quieter one is no mono sound out of balance but a dead ear's."""
_DIFFERENT_DB = 12.0
"""Two good ears differ by up to 10 dB."""
_KNOWN = 15
"""Third octaves of either ear that must stand out of noise, of 20, before levels of ears are compared: what
is left of a gain under loud hum is little of it."""
_SIGMAS = 3.0


def ears(seen: Seen) -> Iterator[Said]:
    """Neither, one or both of them."""
    limits = seen.limits
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
        most = ear.gain_db if ear.heard else _least(ear, other)
        if math.isnan(other.gain_db) or math.isnan(most):
            yield unknown(Check.EARS)  # noise hides how loud one of them is
            continue
        below = other.gain_db - most
        if below > limits.ear_difference_db:
            yield failed(Check.EARS, cause, said, 0.99, limit)
        elif not ear.heard and below > _DIFFERENT_DB:
            yield failed(Check.EARS, cause, said, 0.8, limit)
        elif not ear.heard:
            yield unknown(Check.EARS)  # it might be heard in a quieter room
    if seen.both:
        over = min(ear.peak_db - ear.threshold_db for ear in seen.ears)
        yield compared(Check.EARS, Cause.NOT_MEASURABLE, over, 1.5, _HEARS, limit, 20.0)


def _least(ear: Ear, other: Ear) -> float:
    """The gain that an ear at least has if it is not heard less than this: by noise alone, and by the other
    ear, which has the same band, had it just been heard."""
    alike = other.gain_db - (other.peak_db - other.threshold_db)
    return ear.least_db if math.isnan(alike) else max(ear.least_db, alike)


def channels(seen: Seen) -> Iterator[Said]:
    """Both the same; exchanged; one inverted."""
    if not seen.both:
        yield unknown(Check.CHANNELS)
        return
    found = seen.measures
    told = phrase(
        N_("left {left}, right {right}"),
        left=decibels(found.left.gain_db),
        right=decibels(found.right.gain_db),
    )
    yield _two_ears(seen, told)
    yield from _sides(seen, _gain_error(seen), told)
    yield from _polarity(seen, told)


def _two_ears(seen: Seen, told: Phrase) -> Said:
    """Both ears are one: a mono fold or a sum of both channels; a dead ear that leaks into the other's."""
    found, limit = seen.measures, phrase(N_("two different ears"))
    value, error = found.one_ear
    if not value + 2 * error >= _ONE_EAR:  # nan, too: not checked
        return compared(Check.CHANNELS, Cause.MONO, _ONE_EAR - value, error, told, limit, _ONE_EAR)
    if not (value > _SURELY_ONE and value - _SIGMAS * error > _HARDLY_TWO):
        return unknown(Check.CHANNELS)
    if found.same_gain_db < -_LEAK_DB:
        return failed(Check.EARS, Cause.DEAD_LEFT, phrase(N_("only the right ear heard")), 0.95)
    if found.same_gain_db > _LEAK_DB:
        return failed(Check.EARS, Cause.DEAD_RIGHT, phrase(N_("only the left ear heard")), 0.95)
    return failed(Check.CHANNELS, Cause.MONO, phrase(N_("both ears play the same")), 0.95, limit)


def _gain_error(seen: Seen) -> float:
    """Standard error of the difference of two gains, dB: what noise makes of correlation peaks."""
    over = min(ear.peak_db for ear in seen.ears)
    return 8.7 / math.sqrt(10 ** (over / 10)) * 4


def _sides(seen: Seen, error: float, told: Phrase) -> Iterator[Said]:
    expected = _expected(seen)
    if math.isnan(expected):
        return
    if any(sum(map(math.isfinite, ear.response_db)) < _KNOWN for ear in seen.ears):
        yield unknown(Check.CHANNELS)
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
    hidden = not all(map(low_heard, seen.ears))
    if hidden or math.isnan(sign) or _INVERTED < sign < _UPRIGHT or (sign < 0 and seen.loud):
        yield unknown(Check.CHANNELS)
    elif sign < 0:
        yield failed(
            Check.CHANNELS, Cause.POLARITY, phrase(N_("one ear is inverted")), min(1.0, -sign), limit
        )
    else:
        yield compared(Check.CHANNELS, Cause.POLARITY, sign, 0.2, told, limit, 1.0)
