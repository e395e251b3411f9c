"""The rules: each looks at some measures and says whether one cause holds. Pure."""

from __future__ import annotations

from labcheck.headset.rules.device import afar, others, recording, wire
from labcheck.headset.rules.ears import channels, ears
from labcheck.headset.rules.loudness import loudness
from labcheck.headset.rules.moving import breathing, gain_control, suppression
from labcheck.headset.rules.quality import bent, quality
from labcheck.headset.rules.said import Rule, Said, Seen, unknown
from labcheck.headset.rules.stillness import stillness
from labcheck.headset.rules.stream import short_gaps, stream

RULES: tuple[Rule, ...] = (
    recording,
    wire,
    afar,
    others,
    ears,
    channels,
    loudness,
    gain_control,
    breathing,
    suppression,
    stillness,
    quality,
    bent,
    stream,
    short_gaps,
)
__all__ = ["RULES", "Said", "Seen", "unknown"]
