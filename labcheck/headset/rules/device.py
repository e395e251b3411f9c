"""Whether it is the headset that is heard, not silence, a wire, a far microphone, another seat. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.acoustics import CENTRES_HZ, Ear
from labcheck.headset.causes import Cause
from labcheck.headset.matrix import Row
from labcheck.headset.rules.said import Said, Seen, compared, failed, unknown
from labcheck.headset.words import decibels
from labcheck.phrase import phrase

_SILENT_DBFS = -110.0
_STILL_SECONDS = 0.25
_THERE_DB, _GONE_DB = -3.0, -14.0
_LATE = 0.063
"""-12 dB; -18 dB and less for earcups, -8 dB to -3 dB for what is heard from afar."""
_LATE_UNSURE = 0.15
_SIGMAS = 3.0


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


def _changed(seen: Seen) -> bool:
    """A monitor's or another microphone's level from some moment on."""
    if abs(seen.measures.rate_ratio - 1) > 0.01:
        return False
    found, gains = seen.measures, [ear.gain_db for ear in seen.ears if ear.heard]
    if not seen.lost and any(_fell(ear) for ear in seen.ears):
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


def afar(seen: Seen) -> Iterator[Said]:
    """Heard through the room: loudspeakers, or a microphone that is not the headset's."""
    if not seen.any:
        return
    late, error = seen.measures.late
    limit = phrase(N_("room below {limit}"), limit=decibels(10 * math.log10(_LATE)))
    said = phrase(N_("heard from afar, through the room"))
    if late - _SIGMAS * error > _LATE:
        yield failed(Check.EARS, Cause.WRONG_DEVICE, said, 0.95, limit)
    elif not late < _LATE_UNSURE:
        yield unknown(Check.EARS)


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
