"""What a headset is checked for, and which of several causes is named. Pure, and light: reports use it too.

The first of :data:`PRECEDENCE` is the one that is named: what explains others comes before them (a microphone
that is silent hears no ear; a wrong rate hides the probes; gain control makes noise loud).
"""

from __future__ import annotations

from collections.abc import Iterable

from labcheck.finding import HEADSET, Check, Finding
from labcheck.headset.causes import Cause
from labcheck.outcome import Outcome

CHECKS = tuple(check for check in HEADSET if check is not Check.SOUND_PATH)
"""What every headset is checked for, in this order."""
PRECEDENCE = (
    Cause.SILENT,
    Cause.LOOPBACK,
    Cause.DEVICE_CHANGED,
    Cause.WRONG_RATE,
    Cause.OTHER_SEATS_PLUG,
    Cause.WRONG_DEVICE,
    Cause.NOTHING_HEARD,
    Cause.CLIPPING,
    Cause.SUPPRESSION,
    Cause.GAIN_CONTROL,
    Cause.DROPOUTS,
    Cause.DEAD_LEFT,
    Cause.DEAD_RIGHT,
    Cause.MONO,
    Cause.DRIFT,
    Cause.DISTORTION,
    Cause.TOO_LOUD,
    Cause.TOO_QUIET,
    Cause.LOUD_NEIGHBOUR,
    Cause.NARROW,
    Cause.SWAPPED,
    Cause.POLARITY,
    Cause.NOISE,
    Cause.HUM,
    Cause.DC_OFFSET,
    Cause.NOT_MEASURABLE,
)


def primary(findings: Iterable[Finding]) -> Cause | None:
    """The cause that is named first: of those that failed, else of what is not checked; None: all is well."""
    found = list(findings)
    for outcome in (Outcome.FAIL, Outcome.NOT_CHECKED):
        causes = [one.cause for one in found if one.outcome is outcome and one.cause is not None]
        if causes:
            return min(causes, key=PRECEDENCE.index)
    return None
