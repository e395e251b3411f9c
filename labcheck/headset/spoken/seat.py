"""The headset of a workstation, by way of its agent: see labcheck.agent.sound for the other side.

Volumes are set for each sound and put back after it. What is recorded stays in memory here.
"""

from __future__ import annotations

import binascii
import contextlib
import math
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labcheck.errors import N_
from labcheck.facts import Facts, NotKnown
from labcheck.finding import Finding
from labcheck.headset.asking import Heard, Levels, RecordingSenseless, as_text, device_of, unpacked
from labcheck.headset.path import path, unheard
from labcheck.headset.recording import RATE, Recording
from labcheck.headset.spoken.sounds import LEAD_SECONDS
from labcheck.headset.spoken.steps import Recorded
from labcheck.link import AgentRefused, Link

TRY_SECONDS = 0.5
OPEN_SECONDS = 20.0
"""What opening streams and setting volumes may take, on a slow computer."""


class SeatHeadset:
    """A workstation's headset. Methods raise HeadsetError and what Link.call does."""

    def __init__(self, link: Link, exam_user: str, levels: Levels, models: tuple[str, ...]) -> None:
        """``models``: USB ids of headsets that will do; empty: any."""
        self._link, self._user, self._levels, self._models = link, exam_user, levels, models

    def opened(self) -> Finding:
        """Whether both devices open, and are the headset's: before anybody is bothered."""
        silence = np.zeros((round(TRY_SECONDS * RATE), 2), np.int16)
        try:
            answer = self._ask(silence, TRY_SECONDS)
        except AgentRefused as refused:
            return unheard(refused)
        with _sense(self._link.seat):
            facts = Facts(answer)
            recorded = Recording(_pcm(answer, TRY_SECONDS), RATE, math.nan)
            devices = device_of(facts, "input"), device_of(facts, "output")
        return path(Heard(recorded, *devices, 0.0), self._models)

    def play(self, pcm: NDArray[np.int16]) -> None:
        """(frames, 2)."""
        self._ask(pcm, 0.0)

    def record(self, seconds: float) -> Recorded:
        """So much of the microphone; what the device needs to wake up is cut off."""
        answer = self._ask(None, LEAD_SECONDS + seconds)
        with _sense(self._link.seat):
            pcm = _pcm(answer, LEAD_SECONDS + seconds)
        return Recorded(pcm[round(LEAD_SECONDS * RATE) :] / 32768, RATE)

    def _ask(self, pcm: NDArray[np.int16] | None, record: float) -> dict[str, Any]:
        seconds = OPEN_SECONDS + max(record, 0.0 if pcm is None else len(pcm) / RATE)
        volumes = {}
        if pcm is not None:
            volumes["output"] = self._levels.earphones
        if record:
            volumes["input"] = self._levels.microphone
        request = {
            "packed": True,
            "exam_user": self._user,
            "pcm": "" if pcm is None else as_text(pcm),
            "rate": RATE,
            "record_s": record,
            "volumes": volumes,
            "deadline_s": seconds,
        }
        return self._link.call("sound", request, deadline=2 * seconds)


def _pcm(untrusted: Mapping[str, Any], seconds: float) -> NDArray[np.int16]:
    """What was recorded; all of it must have come."""
    rate = Facts(untrusted).whole("input", "rate", low=RATE, high=RATE)
    found = unpacked(untrusted["input"]["pcm"], round((seconds + 1) * rate))
    if len(found) < 0.9 * seconds * rate:
        raise ValueError("broken off")
    return found


@contextlib.contextmanager
def _sense(seat: str) -> Iterator[None]:
    """Whatever is wrong with an answer is one error."""
    try:
        yield
    except (NotKnown, KeyError, TypeError, ValueError, binascii.Error, zlib.error):
        raise RecordingSenseless(N_("{seat}: what came as a recording is none"), seat=seat) from None
