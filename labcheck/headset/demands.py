"""What the test of the headsets demands, in words, before anything is measured: for the papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from labcheck.errors import N_
from labcheck.finding import Check
from labcheck.headset.limits import Limits
from labcheck.headset.words import decibels
from labcheck.phrase import Phrase, phrase
from labcheck.requirements import HeadsetTest


def limits_of(test: HeadsetTest) -> Limits:
    """The shipped limits with what the profile has changed. Raises TypeError for one that there is not."""
    return replace(Limits(boom=cast(Any, test.boom)), **cast(Any, dict(test.limits)))


def demands(test: HeadsetTest) -> Mapping[Check, Phrase]:
    """Each check with its first limit; the causes in docs/headsets.md have more."""
    limits = limits_of(test)
    low, high = decibels(limits.least_gain_db), decibels(limits.most_gain_db)
    percent = round(100 * 10 ** (limits.thd_db / 20))
    loudness = phrase(N_("{low} to {high}"), low=low, high=high)
    if test.models:
        own = decibels(limits.model_db)
        words = N_("{low} to {high}; of calibrated models at most {own} beside their own")
        loudness = phrase(words, low=low, high=high, own=own)
    return {
        Check.EARS: phrase(N_("left and right")),
        Check.CHANNELS: phrase(N_("two different ears")),
        Check.LOOP_LEVEL: loudness,
        Check.STILLNESS: phrase(N_("noise below {limit}"), limit=decibels(limits.noise_dbfs)),
        Check.SOUND_QUALITY: phrase(N_("distortion below {percent} %"), percent=percent),
        Check.STREAM: phrase(N_("no gaps")),
        Check.NEIGHBOURS: phrase(N_("no other seat above {limit}"), limit=decibels(limits.neighbour_db)),
    }
