"""Whether a recording came at all, and from which devices: before anything is measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from labcheck import soundpath
from labcheck.errors import N_
from labcheck.failure import finding_of
from labcheck.finding import Check, Finding
from labcheck.headset.acoustics.level import decibels
from labcheck.headset.asking import Device, HeadsetError, Heard
from labcheck.headset.causes import Cause
from labcheck.headset.words import remedy
from labcheck.link import AgentRefused
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING, Phrase, phrase

_CAUSES = {
    "binding-changed": Cause.DEVICE_CHANGED,
    "monitor-source": Cause.WRONG_DEVICE,
}
"""Of what an agent refuses with; all else is not measurable."""
_OTHER_EARPHONES = phrase(N_("Sound settings of that computer, Output: choose the headset's earphones."))


def path(heard: Heard, models: tuple[str, ...]) -> Finding:
    """That it came, and whether from the headset: one of these USB ids, any when there are none."""
    names = {"input": heard.microphone.name, "output": heard.earphones.name}
    size = float(np.max(np.abs(heard.recording.pcm.astype(np.int32)), initial=0)) / 32768
    measured = phrase(N_("{input}, {output}: peak {level} dB"), level=round(decibels(size**2)), **names)
    if not _is_headset(heard.microphone, models):
        return _finding(Outcome.FAIL, measured, remedy(Cause.WRONG_DEVICE), Cause.WRONG_DEVICE)
    if not _is_headset(heard.earphones, models):
        return _finding(Outcome.FAIL, measured, _OTHER_EARPHONES, Cause.WRONG_DEVICE)
    return _finding(Outcome.PASS, measured)


def unheard(error: Exception) -> Finding:
    """What it says of a seat that its recording did not come."""
    if isinstance(error, AgentRefused):
        found = soundpath.refused(error)
        if error.said == "no-such-device":  # what has to be plugged in is said already
            return replace(found, cause=Cause.SILENT)
        cause = _CAUSES.get(error.said)
        if cause is None:
            return replace(found, cause=Cause.NOT_MEASURABLE)
        return replace(found, outcome=Outcome.FAIL, remedy=remedy(cause), cause=cause)
    found = finding_of(error, Check.SOUND_PATH)
    if isinstance(error, HeadsetError):
        found = replace(found, outcome=Outcome.NOT_CHECKED)
    return replace(found, cause=Cause.NOT_MEASURABLE)


def _is_headset(device: Device, models: tuple[str, ...]) -> bool:
    wanted = {model.casefold() for model in models}
    return not device.monitor and (not wanted or device.usb_id in wanted)


def _finding(
    outcome: Outcome, measured: Phrase, cure: Phrase = NOTHING, cause: Cause | None = None
) -> Finding:
    return Finding(Check.SOUND_PATH, outcome, measured, soundpath.LIMIT, None, cure, None, cause)
