"""What levels of a microphone in use say of it during the exam. Pure.

The agent listens some seconds at a time (labcheck.agent.listen), and sends levels, no sound. A pupil who
speaks, a chair that falls and a neighbour's cough are no incident: what is told must have been so twice, at
two times of listening one after the other. The limits are those of the headsets' test where it has them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from labcheck.errors import N_
from labcheck.facts import Facts, NotKnown
from labcheck.incidents import Kind
from labcheck.phrase import NOTHING, Phrase, phrase

KINDS = (Kind.MIC_SILENT, Kind.MIC_CLIPS, Kind.MIC_HUM, Kind.MIC_OFFSET, Kind.MIC_LEVEL)
MICROPHONE = "microphone"
"""The part of a look that has the levels."""
SILENT_DBFS, SILENT_SHARE = -110.0, 0.95
CLIPPED = 20
OFFSET = 0.01
"""As labcheck.headset.limits and rules have them."""
FAR_DB = 20.0
"""Noise so far from what the check found is another microphone, another level or a fault: a class that speaks
makes 10 to 15 dB of it in the pauses."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Limits: hum and noise (None: not known) at the microphone's level of the check, per cent."""

    hum_dbfs: float
    test_percent: int
    noise_dbfs: float | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a microphone: ``told`` of the last time, in the words of an incident; ``times`` it was
    heard; ``why`` it was not, the last time."""

    told: frozenset[Kind] = frozenset()
    times: int = 0
    why: Phrase | None = None


NOT_YET = Heard()


def hear(before: Heard, facts: Facts, allowed: Allowed) -> tuple[Heard, dict[Kind, Phrase]]:
    """After a look with another time of listening: what is known now, and what has been so twice. Raises
    nothing."""
    try:
        now = _told(facts, allowed)
    except NotKnown as unknown:
        return Heard(before.told, before.times, unknown.reason), {}
    found = {kind: said for kind, said in now.items() if kind in before.told}
    return Heard(frozenset(now), before.times + 1), found


def _told(facts: Facts, allowed: Allowed) -> Mapping[Kind, Phrase]:
    """What is wrong this time."""
    rms, floor, hum = (
        facts.number(MICROPHONE, f"{name}_dbfs", low=-200, high=10) for name in ("rms", "floor", "hum")
    )
    dc = facts.number(MICROPHONE, "dc", low=-1, high=1)
    same = facts.number(MICROPHONE, "same", low=0, high=1)
    clipped = facts.whole(MICROPHONE, "clipped", low=0, high=1 << 30)
    if rms < SILENT_DBFS or same > SILENT_SHARE:
        return {Kind.MIC_SILENT: NOTHING}
    found: dict[Kind, Phrase] = {}
    if clipped > CLIPPED:
        found[Kind.MIC_CLIPS] = NOTHING
    if abs(dc) > OFFSET:
        found[Kind.MIC_OFFSET] = phrase(N_("by {percent} %"), percent=round(100 * abs(dc)))
    if facts.is_null(MICROPHONE, "volume_percent"):
        return found
    louder = _decibels(facts.number(MICROPHONE, "volume_percent", low=1, high=1000), allowed.test_percent)
    if hum - louder > allowed.hum_dbfs:
        found[Kind.MIC_HUM] = phrase(N_("{value} dB"), value=round(hum - louder))
    explained = Kind.MIC_HUM in found and hum > floor - 3  # the noise is the hum
    then = math.nan if allowed.noise_dbfs is None else allowed.noise_dbfs
    if abs(floor - louder - then) > FAR_DB and not explained:
        values = {"now": round(floor - louder), "then": round(then)}
        found[Kind.MIC_LEVEL] = phrase(N_("noise {now} dB, at the check {then} dB"), **values)
    return found


def _decibels(percent: float, test_percent: int) -> float:
    """By how much the microphone is louder than at the check: the sound servers' scale is cubic."""
    return 60 * math.log10(percent / test_percent)
