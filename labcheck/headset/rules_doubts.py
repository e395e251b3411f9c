"""Rules that doubt what looks good: one ear heard twice, heard from afar, cut tops, gaps of a millisecond.

Their limits lie in gaps of what was simulated (bench/headset.py): a healthy headset's figure is named beside
each, then a faulty one's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.causes import Cause
from labcheck.headset.rules import Rule, Said, Seen, failed, unknown
from labcheck.headset.words import decibels
from labcheck.phrase import phrase

_ONE_EAR = 0.75
"""At most 0.32 for two ears; 0.98 and more for one that is heard twice."""
_LEAK_DB = 6.0
"""From here on the quieter one is no mono sound out of balance but a dead ear's."""
_LATE = 0.063
"""-12 dB; -18 dB and less for earcups, -8 dB to -3 dB for what is heard from afar."""
_LATE_UNSURE = 0.15
_BENT = 0.05
"""As for the tone: 5 %. At most 2 % for good drivers, 18 % for torn ones; cut at the tone's tops: 7 %."""
_BREATHING_DB = -3.0
"""-0.1 to 0.8 dB without gain control; -14 to -11 dB with it."""
_SIGMAS = 3.0


def one_ear(seen: Seen) -> Iterator[Said]:
    """Both ears are one: a mono fold or a sum of both channels; a dead ear that leaks into the other's."""
    found = seen.measures
    if not seen.both:
        return
    value, error = found.one_ear
    if value + 2 * error < _ONE_EAR:
        return
    if not value - _SIGMAS * error > _ONE_EAR:
        yield unknown(Check.CHANNELS)
    elif found.same_gain_db < -_LEAK_DB:
        yield failed(Check.EARS, Cause.DEAD_LEFT, phrase(N_("only the right ear heard")), 0.95)
    elif found.same_gain_db > _LEAK_DB:
        yield failed(Check.EARS, Cause.DEAD_RIGHT, phrase(N_("only the left ear heard")), 0.95)
    else:
        yield failed(Check.CHANNELS, Cause.MONO, phrase(N_("both ears play the same")), 0.95)


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


def bent(seen: Seen) -> Iterator[Said]:
    """Tops cut off above the tone, or another distortion that only the probes show."""
    value, error = seen.measures.bent
    if value - _SIGMAS * error > _BENT:
        said = phrase(N_("distortion {percent} %"), percent=round(100 * value))
        limit = phrase(N_("distortion below {percent} %"), percent=round(100 * _BENT))
        yield failed(Check.SOUND_QUALITY, Cause.DISTORTION, said, 0.99, limit)


def short_gaps(seen: Seen) -> Iterator[Said]:
    """Runs of one value, blocks that came twice, holes and jumps of the tones."""
    found = seen.measures
    count = (found.held or 0) + (found.copies or 0) + (found.breaks or 0)
    if seen.any and count:
        said = phrase(N_("{count} gaps"), count=count)
        yield failed(Check.STREAM, Cause.DROPOUTS, said, 0.95, phrase(N_("no gaps")))


def breathing(seen: Seen) -> Iterator[Said]:
    """Gain control turns the microphone's own noise down beside a tone."""
    found = seen.measures
    interrupted = any((found.gaps, found.repeats, found.held, found.copies, found.breaks))
    if not interrupted and found.breathing_db + _SIGMAS * found.breathing_error_db < _BREATHING_DB:
        yield failed(Check.LOOP_LEVEL, Cause.GAIN_CONTROL, phrase(N_("the gain moves by itself")), 0.95)


DOUBTS: tuple[Rule, ...] = (one_ear, afar, bent, short_gaps, breathing)
