"""Whether a recording holds a voice, and how loud it is. What is measured here no answer can outvote."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labcheck.headset.causes import Cause

if TYPE_CHECKING:  # brings numpy
    from numpy import floating
    from numpy.typing import NDArray

    from labcheck.headset.spoken.steps import Recorded

LEAST_DBFS = -45.0
"""Active speech level (ITU-T P.56). Systems are set up for -26 (G.191, sv56); 19 dB less is a whisper, or a
microphone far from the mouth. Of the project, not measured on headsets yet."""
LEAST_SECONDS = 2.0
"""Of active speech: a sentence takes about four."""
LEAST_OVER_DB = 12.0
"""Between active speech and the quietest tenth of the time. Steady noise has 1 to 3 dB, speech pauses."""
MOST_CLIPPED = 0.001
"""Share of samples in tops that are cut off."""
_FRAME_SECONDS = 0.05
_QUIET = 10.0


@dataclass(frozen=True, slots=True)
class Voice:
    """What was measured. nan: nothing to measure."""

    level: float
    """Active speech level, dBFS."""
    seconds: float
    """Of active speech."""
    over: float
    """dB over the quiet moments."""
    cause: Cause | None
    """Why it is no good; TOO_QUIET where no voice was found at all."""

    @property
    def good(self) -> bool:
        """Whether it is somebody's voice, and well recorded."""
        return self.cause is None

    @property
    def found(self) -> bool:
        """Whether there was a voice at all."""
        return self.over >= LEAST_OVER_DB and self.seconds >= LEAST_SECONDS


def measure(recorded: Recorded) -> Voice:
    """All of it."""
    from labcheck.headset.acoustics import level, noise, speech  # noqa: PLC0415 - brings numpy and scipy

    samples, rate = recorded.samples, recorded.rate
    if not samples.size or noise.silence(samples, rate).silent is not False:
        return Voice(math.nan, 0.0, math.nan, Cause.SILENT)
    heard = speech.voice_band(samples, rate)
    active = speech.measure(heard, rate)
    seconds = 0.0 if math.isnan(active.activity) else active.activity * samples.size / rate
    over = active.active - _quiet(heard, rate)
    size = level.measure(samples)
    found = Voice(active.active, seconds, over, None)
    cause = None
    if max(size.clipped, size.flat) > MOST_CLIPPED:
        cause = Cause.CLIPPING
    elif not found.found or not active.active >= LEAST_DBFS:
        cause = Cause.TOO_QUIET
    return Voice(active.active, seconds, over, cause)


def _quiet(samples: NDArray[floating[Any]], rate: int) -> float:
    """dBFS of the quietest tenth of all frames."""
    import numpy as np  # noqa: PLC0415

    from labcheck.headset.acoustics.level import decibels  # noqa: PLC0415

    size = max(1, round(_FRAME_SECONDS * rate))
    whole = samples[: samples.size // size * size].reshape(-1, size)
    if not whole.size:
        return math.nan
    return decibels(float(np.percentile(np.mean(whole**2, axis=1), _QUIET)))
