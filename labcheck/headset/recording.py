"""What comes back from a seat, and the time line of the test that all seats share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
"""Frames a second that are played, and asked of the microphone."""
BEFORE_SECONDS = 0.5
"""The recording begins at least so long before playing starts ..."""
AFTER_SECONDS = 0.5
"""... and ends at least so long after it."""
START_SECONDS = 0.05
"""How far the seats' starts lie from the common moment as a rule ..."""
WORST_START_SECONDS = 0.4
"""... and at the worst."""
LATENCY_SECONDS = (0.0, 0.5)
"""From handing a frame to the output device until it comes back from the input device: 5 to 300 ms with USB
headsets, and room for what the agent's clock does not know."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What a seat's microphone gave."""

    pcm: NDArray[np.int16]
    """(n,): the first channel as it came."""
    rate: int
    """Frames a second, as the device said."""
    offset: float
    """Frames of the recording before the first frame of the stimulus left for the output device, by the
    agent's clock (±20 ms); nan: unknown."""
    blocks: tuple[tuple[int, float, float, int], ...] = ()
    """For each block its first frame, time at the converter, time of the call, PortAudio's flags."""
    others: tuple[NDArray[np.int16], ...] = ()
    """Further channels, each (n,)."""
