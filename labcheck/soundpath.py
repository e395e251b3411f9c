"""Whether sound gets through: both devices of the session opened, silence played, the microphone recorded.

How well one hears and is heard is not judged here: a path that opens and carries something is present.
"""

from __future__ import annotations

import base64
import math
import sys
from array import array
from typing import Any

from labcheck.cleaning import clean
from labcheck.errors import N_
from labcheck.facts import SENSELESS, Facts, NotKnown
from labcheck.finding import Check, Finding
from labcheck.judges.base import LOOK_YOURSELF
from labcheck.link import AgentRefused
from labcheck.outcome import Outcome
from labcheck.phrase import NOTHING, Phrase, phrase
from labcheck.requirements import Requirements

RATE = 48_000
RECORD_SECONDS = 0.5
_PLAYED_BYTES = RATE // 10 * 2 * 2
"""A tenth of a second of silence, 16 bit, two channels: enough to open the earphones."""
_LEAST = 0.9
"""Of the recording that was asked for, so much must have come."""
_NAME_CHARACTERS = 40
_WRONG = frozenset({"no-such-device", "monitor-source", "binding-changed", "sound-failed", "deadline-passed"})
"""What an agent refuses with when the fault is the sound's; anything else only keeps it from telling."""

LIMIT = phrase(N_("opened and recorded"))
_PLUG = phrase(
    N_(
        "Pull the headset out and plug it in again, choose it in the sound settings of that computer, close "
        "programs that use the microphone; then check again. If it stays so, take a reserve headset."
    )
)
_SILENT = phrase(
    N_(
        "Nothing at all comes from the microphone: switch it on (the switch on its cable), push its plug in, "
        "allow programs to use it in the privacy settings. If it stays so, take a reserve headset."
    )
)


def request(wanted: Requirements, deadline: float) -> dict[str, Any]:
    """What the agent is asked for, see labcheck.agent.sound."""
    pcm = base64.b64encode(bytes(_PLAYED_BYTES)).decode("ascii")
    more = {"rate": RATE, "record_s": RECORD_SECONDS, "deadline_s": deadline}
    return {"exam_user": wanted.exam_user, "pcm": pcm, **more}


def judge(untrusted_answer: object, wanted: Requirements) -> Finding:
    """What an answer says. Raises nothing."""
    try:
        return _judge(untrusted_answer, wanted)
    except NotKnown as unknown:
        return _finding(Outcome.NOT_CHECKED, unknown.reason, LOOK_YOURSELF)


def refused(error: AgentRefused) -> Finding:
    """What it says that the agent did not do it."""
    said = phrase("{message}", message=error.params["message"])
    if error.said in _WRONG:
        return _finding(Outcome.FAIL, said, _PLUG)
    return _finding(Outcome.NOT_CHECKED, said, LOOK_YOURSELF)


def _judge(untrusted_answer: object, wanted: Requirements) -> Finding:
    answer = Facts(untrusted_answer)
    names = {side: clean(answer.text(side, "device", "name"), _NAME_CHARACTERS) for side in _SIDES}
    samples = _samples(untrusted_answer)
    if len(samples) < _LEAST * RECORD_SECONDS * RATE:
        return _finding(Outcome.FAIL, phrase(N_("the recording broke off")), _PLUG)
    loudest = max(map(abs, samples))
    if loudest == 0:  # a quiet room is never exactly nothing; a virtual microphone is
        outcome = Outcome.FAIL if wanted.forbid_vm else Outcome.WARN
        return _finding(outcome, phrase(N_("{input}: absolute silence"), **names), _SILENT)
    level = round(20 * math.log10(loudest / 32768))
    return _finding(Outcome.PASS, phrase(N_("{input}, {output}: peak {level} dB"), level=level, **names))


_SIDES = ("input", "output")


def _samples(untrusted_answer: object) -> array[int]:
    """The recording; it came in a line that the transport has bounded. Raises NotKnown."""
    try:
        data = base64.b64decode(untrusted_answer["input"]["pcm"], validate=True)  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        raise NotKnown(SENSELESS) from None
    samples = array("h", data[: len(data) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _finding(outcome: Outcome, measured: Phrase, remedy: Phrase = NOTHING) -> Finding:
    return Finding(Check.SOUND_PATH, outcome, measured, LIMIT, None, remedy)
