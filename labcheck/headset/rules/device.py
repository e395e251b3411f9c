"""Whether it is the headset that is heard, not silence, a wire, a far microphone, another seat. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.acoustics import CENTRES_HZ, Ear
from labcheck.headset.causes import Cause
from labcheck.headset.matrix import Row
from labcheck.headset.rules.moving import interrupted, suppressed
from labcheck.headset.rules.said import Said, Seen, compared, failed, low_heard, unknown
from labcheck.headset.words import decibels
from labcheck.phrase import Phrase, phrase

_SILENT_DBFS = -110.0
_STILL_SECONDS = 0.25
_ALIVE_DBFS = -100.0
"""A bit that flips in every other frame has -96 dBFS; a microphone's noise moves more of them."""
_ELSEWHERE_MS, _FALLS_DB = 30.0, 12.0
_GONE, _STAYS = 0.3, 0.5
"""Of the tone that must come. Cups resonate, rooms answer: a good one has half of it at the least."""
_LATE = 0.063
"""-12 dB; -18 dB and less for earcups, -8 dB to -3 dB for what is heard from afar."""
_LATE_UNSURE = 0.15
_PLUG_DB = -5.5
"""Against what seats hear of themselves: headsets of a model differ by 4 dB, neighbours are 8 dB below."""
_AWAY_DB = -9.0
"""Neighbours are heard 10 dB and more below what seats hear of themselves."""
_AIR = 0.002
"""-27 dB of room, which proves that there is one: of a wire our measure says -28.5 dB, of drier cups less."""
_HARDLY_DB = 2.0
"""Over what is surely heard: noise makes as much of it."""
_LATE_ERROR = 0.2
"""With more the room's part says nothing."""
_BEFORE_MS, _BEGIN_DB = 150.0, -8.0
"""What is missing for so long before a wire's sound begins, came through another device: of the first eighth
of a probe no more is left then."""
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
    if _elsewhere(seen) or _fell(seen) or _ended(seen):
        return True
    if len(gains) == 2 and max(gains) > -15 and min(gains) < max(gains) - 15:
        return True
    return max(gains) < -25 and found.peak_dbfs > -16 and found.tone_dbfs > max(gains) - 12 + 15


def _elsewhere(seen: Seen) -> bool:
    """Whether the right ear comes far quieter and at another time than the left: through another device."""
    left, right = seen.ears
    later = right.latency_ms - left.latency_ms  # what is lost comes earlier
    if not seen.both or seen.lost_blocks or not later > _ELSEWHERE_MS:
        return False
    return left.gain_db > right.gain_db + _FALLS_DB or _falls(left)


def _fell(seen: Seen) -> bool:
    """Whether a probe was there, and from some part on was not. What suppresses does so to both probes."""
    left, right = seen.ears
    if seen.lost or interrupted(seen.measures) or seen.measures.last_tone[0] > _STAYS:
        return False
    if not left.heard or seen.loud or not all(low_heard(ear) for ear in seen.ears if ear.heard):
        return False
    return not _falls(left) if right.heard and _falls(right) else _falls(left) and not right.heard


def _falls(ear: Ear) -> bool:
    """Whether nothing is heard of it from some part on."""
    track, gone = ear.track_db, [math.isnan(delay) for delay in ear.delays_ms]
    return any(
        min(track[:part]) > max(track[part:]) + _FALLS_DB and all(gone[part:])
        for part in range(1, len(track))
    )


def _ended(seen: Seen) -> bool:
    """Whether the end of the last tone is missing, which must be loud enough. Where the room answers as
    loudly as an ear sounds, a tone may be missing by itself."""
    value, error = seen.measures.last_tone
    late, unsure = seen.measures.late
    last = seen.measures.right if seen.measures.right.heard else seen.measures.left
    if math.isnan(last.gain_db) or not low_heard(last):
        return False  # nobody knows how loud its tone must be
    if suppressed(seen) or interrupted(seen.measures) or seen.loud or seen.lost:
        return False  # what is lost before makes the end come earlier
    return value + 3 * error < _GONE and late + unsure < _LATE


def wire(seen: Seen) -> Iterator[Said]:
    """Too good to be true: a monitor or a cable gives back what is played, louder and flatter than air."""
    louder, limits = seen.louder_db, seen.limits
    if not seen.any:
        return
    ripple = max(_ripple(ear) for ear in seen.ears if ear.heard)
    # Through air no pause is digital silence, hardly a cup is so flat, and the room answers.
    late, error = seen.measures.late
    loud = louder > limits.loopback_db and not late - _SIGMAS * error > _AIR
    without_air = loud or seen.measures.still_s > _STILL_SECONDS
    if without_air and ripple < limits.flat_db:
        said = phrase(N_("as loud and clear as through a wire"))
        cause = Cause.DEVICE_CHANGED if _became_wire(seen) else Cause.LOOPBACK
        yield failed(Check.EARS, cause, said, 0.99)


def _became_wire(seen: Seen) -> bool:
    """Whether something else was recorded first: the first probe's begin is missing, or there was the noise
    of a microphone, and in the end there is none."""
    found, left = seen.measures, seen.measures.left
    begins = bool(left.track_db) and left.track_db[0] > _BEGIN_DB
    alive = found.still_s > _STILL_SECONDS and found.first_dbfs > _ALIVE_DBFS
    return alive or (found.gap_ms > _BEFORE_MS and not begins)


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
    if seen.loud or _shifted(seen) or error > _LATE_ERROR:
        late = math.nan
    limit = phrase(N_("room below {limit}"), limit=decibels(10 * math.log10(_LATE)))
    said = phrase(N_("heard from afar, through the room"))
    if late - _SIGMAS * error > _LATE:
        yield failed(Check.EARS, Cause.WRONG_DEVICE, said, 0.95, limit)
    elif not late < _LATE_UNSURE:
        yield unknown(Check.EARS)


def _shifted(seen: Seen) -> bool:
    """Whether frames are missing within a probe: its parts come ever earlier, and each is late to others. In
    a room that answers loudly, now the one and now the other echo is the loudest."""
    for ear in seen.ears:
        delays = [delay for delay in ear.delays_ms if not math.isnan(delay)]
        steps = [after - before for before, after in itertools.pairwise(delays)]
        if steps and max(steps) < 1.0 and min(steps) < -seen.limits.jump_ms:
            return True
    return seen.lost_blocks


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
        if seen.any:
            yield unknown(Check.NEIGHBOURS)
        elif _at_plug(seen, level):
            yield failed(Check.EARS, Cause.OTHER_SEATS_PLUG, said, 0.9)
        return
    near = sum(1 for each in _all_others(row) if each > own + limits.far_db)
    # Of seats that are not heard nothing is known where noise hides what is as loud as that.
    told = len(row.levels_db) - 1 if row.least_db < own + limits.far_db else len(_all_others(row))
    if over > limits.plug_db:
        yield failed(Check.EARS, Cause.OTHER_SEATS_PLUG, said, 0.95)
    elif near >= max(limits.far_seats, 0.4 * told):
        many = phrase(N_("{count} other seats heard as well as this one"), count=near)
        yield failed(Check.EARS, Cause.WRONG_DEVICE, many, 0.9)
    else:
        text = phrase(N_("seat number {seat} at {level}"), seat=loudest + 1, level=decibels(over))
        away = level - row.usual_db < _AWAY_DB or row.over_db[loudest] < _HARDLY_DB
        yield _neighbour(limits.neighbour_db - over, away, text, limit)


def _neighbour(distance: float, away: bool, text: Phrase, limit: Phrase) -> Said:
    """``away``: it is no louder than neighbours are, or hardly heard."""
    if distance < 0 and away:
        return unknown(Check.NEIGHBOURS)  # one's own is faint
    return compared(Check.NEIGHBOURS, Cause.LOUD_NEIGHBOUR, distance, 1.0, text, limit)


def _at_plug(seen: Seen, level: float) -> bool:
    """Where one's own is not heard at all: whether another is as loud as an own ear, and no neighbour."""
    row = seen.row
    usual = math.nan if row is None else row.usual_db
    if seen.calibration is not None and math.isnan(usual):
        usual = seen.calibration.louder_db
    return not math.isnan(usual) and level > usual + _PLUG_DB


def _all_others(row: Row) -> list[float]:
    return [level for seat, level in enumerate(row.levels_db) if seat != row.seat and not math.isnan(level)]
