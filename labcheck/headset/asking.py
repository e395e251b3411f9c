"""What an agent is asked for in the headset test, and how its untrusted answer becomes a recording.

See labcheck.agent.sound for the other side.
"""

from __future__ import annotations

import base64
import binascii
import math
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labcheck.cleaning import clean
from labcheck.errors import N_, LabcheckError
from labcheck.facts import Facts, NotKnown
from labcheck.headset.recording import AFTER_SECONDS, BEFORE_SECONDS, RATE, WORST_START_SECONDS, Recording
from labcheck.headset.signals import FRAMES, stimulus
from labcheck.link import Link

MORE_SECONDS = 0.1
"""A recording begins and ends so much before and after what it must: times of a converter are no better."""
LONGEST_SECONDS = 60.0
"""Streams may be open for so long before the common start."""
PINGS = 5
_NAME_CHARACTERS = 40
_FLAGS = {
    "input_underflow": 1,
    "input_overflow": 2,
    "output_underflow": 4,
    "output_overflow": 8,
    "priming_output": 16,
}
"""PortAudio's own bits."""
_INTERPOLATED = ("pulseaudio", "pipewire")
"""Sound servers that guess the converter's time between two messages: it wanders by 10 ms and more, which
must not be taken for lost frames."""
_RATES = (8000, 192_000)
_MOST_BLOCKS = 20_000
_MOST_TIME = 1e12


class HeadsetError(LabcheckError):
    """Root of what keeps a headset from being measured."""

    code = "headset"
    remedy = N_("Check again; if it stays so, let a person check this headset.")


class RecordingSenseless(HeadsetError):
    """What came as a recording is none."""

    code = "recording-senseless"


class StartedLate(HeadsetError):
    """A seat played so late that its recording cannot be set beside the others'."""

    code = "started-late"
    remedy = N_("Check this seat again by itself; if it stays so, see what keeps the computer so slow.")


@dataclass(frozen=True, slots=True)
class Levels:
    """Volumes for the time of the test, per cent of the sound server's own scale: cubic with PulseAudio and
    PipeWire (80 % is -5.8 dB), the driver's with Windows."""

    microphone: int = 80
    earphones: int = 80


@dataclass(frozen=True, slots=True)
class Clock:
    """A workstation's clock by ours: ``offset`` seconds ahead, to within ``error``."""

    offset: float
    error: float


@dataclass(frozen=True, slots=True)
class Device:
    """What was opened."""

    name: str
    usb_id: str | None
    monitor: bool


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What came back from a seat; ``late``: seconds between the common start and its own."""

    recording: Recording
    microphone: Device
    earphones: Device
    late: float


@lru_cache(maxsize=32)
def packed(number: int) -> str:
    """A seat's stimulus as the agent takes it."""
    return as_text(stimulus(number).pcm)


def as_text(samples: NDArray[np.int16]) -> str:
    """PCM as the agent takes it: low bytes and high bytes apart."""
    pcm = samples.astype("<i2").tobytes()
    return base64.b64encode(zlib.compress(pcm[0::2] + pcm[1::2], 1)).decode("ascii")


def prepare(link: Link, number: int, exam_user: str, levels: Levels, *, deadline: float) -> None:
    """Have everything ready at a workstation: streams open, volumes set. Raises what Link.call does."""
    seconds = FRAMES / RATE
    request = {
        "prepare": True,
        "packed": True,
        "stream": True,
        "exam_user": exam_user,
        "pcm": packed(number),
        "rate": RATE,
        "record_s": seconds + LONGEST_SECONDS,
        "around": {"before_s": BEFORE_SECONDS + MORE_SECONDS, "after_s": AFTER_SECONDS + MORE_SECONDS},
        "volumes": {"input": levels.microphone, "output": levels.earphones},
        "deadline_s": max(1.0, deadline - 1.0),
    }
    link.call("sound", request, deadline=deadline)


def clock(link: Link, *, deadline: float) -> Clock:
    """Compare clocks: the quickest of some questions says it best. Raises what Link.call does."""
    best = Clock(0.0, math.inf)
    for _ in range(PINGS):
        asked = time.time()
        answer = link.call("ping", deadline=deadline)
        answered = time.time()
        try:
            utc = Facts(answer).number("utc", low=0, high=_MOST_TIME)
        except NotKnown:
            raise _senseless(link.seat) from None
        error = (answered - asked) / 2
        if error < best.error:
            best = Clock(utc - (asked + answered) / 2, error)
    return best


def play(
    link: Link,
    start: float,
    clock: Clock,
    *,
    deadline: float,
    early: Callable[[Recording], None] = lambda _so_far: None,
) -> Heard:
    """Play what is prepared at a moment of our clock, and bring back what was heard. ``early`` is given what
    has come so far, again and again, as soon as it is known where what is played lies in it.

    Raises HeadsetError and what Link.call does."""
    coming = _Coming(early)
    try:
        answer = link.call(
            "sound", {"start_utc": start + clock.offset}, deadline=deadline, progress=coming.take
        )
        heard = _heard(answer, start + clock.offset, coming)
    except (NotKnown, KeyError, TypeError, ValueError, binascii.Error, zlib.error):
        raise _senseless(link.seat) from None
    if heard.late > WORST_START_SECONDS:
        raise StartedLate(
            N_("{seat}: playing began {milliseconds} ms too late"),
            seat=link.seat,
            milliseconds=round(heard.late * 1000),
        )
    return heard


class _Coming:
    """A recording on its way."""

    def __init__(self, early: Callable[[Recording], None]) -> None:
        self._early = early
        self._pieces: list[NDArray[np.int16]] = []
        self._frames = 0

    def take(self, untrusted: Mapping[str, Any]) -> None:
        """The next piece. Raises NotKnown, ValueError and what decoders do."""
        piece = Facts(untrusted)
        rate = piece.whole("rate", low=_RATES[0], high=_RATES[1])
        self.add(untrusted["pcm"], rate)
        if not piece.is_null("offset"):
            offset = piece.number("offset", low=0, high=_MOST_TIME)
            self._early(Recording(self.whole(), rate, offset))

    def add(self, untrusted: str, rate: int) -> None:
        piece = unpacked(untrusted, round((FRAMES / RATE + LONGEST_SECONDS) * rate) - self._frames)
        self._frames += len(piece)
        self._pieces.append(piece)

    def whole(self) -> NDArray[np.int16]:
        self._pieces = [np.concatenate(self._pieces)]
        return self._pieces[0]


def _heard(untrusted: Mapping[str, Any], start_utc: float, coming: _Coming) -> Heard:
    answer = Facts(untrusted)
    rate = answer.whole("input", "rate", low=_RATES[0], high=_RATES[1])
    coming.add(untrusted["input"]["pcm"], rate)
    whole = coming.whole()
    pcm = whole[answer.whole("input", "cut", low=0, high=len(whole)) :]
    offset = math.nan
    if not answer.is_null("input", "offset"):
        offset = answer.number("input", "offset", low=0, high=len(pcm))
    exact = not answer.text("server").casefold().startswith(_INTERPOLATED)
    told = answer.items("input", "blocks", most=_MOST_BLOCKS)
    blocks = tuple(_block(block, exact=exact) for block in told)
    begun = answer.number("output", "at_utc", low=0, high=_MOST_TIME)
    recording = Recording(pcm, rate, offset, blocks)
    return Heard(recording, device_of(answer, "input"), device_of(answer, "output"), begun - start_utc)


def unpacked(untrusted: str, most: int) -> NDArray[np.int16]:
    """The PCM, at most so many samples, out of two planes of bytes. Raises ValueError and what its decoders
    do."""
    inflate = zlib.decompressobj()
    planes = np.frombuffer(inflate.decompress(base64.b64decode(untrusted, validate=True), 2 * most), np.uint8)
    if len(planes) % 2 or inflate.unconsumed_tail:
        raise ValueError("not so much 16-bit PCM")
    low, high = planes.reshape(2, -1)
    return (low | (high.astype(np.uint16) << 8)).view(np.int16)


def _block(untrusted: Facts, *, exact: bool) -> tuple[int, float, float, int]:
    first, converter, now, flags = untrusted.items(most=4)
    number = first.whole(low=0, high=10**9)
    bits = sum(_FLAGS.get(flag, 0) for flag in flags.names(most=len(_FLAGS)))
    return number, _time(converter) if exact else math.nan, _time(now), bits


def _time(untrusted: Facts) -> float:
    return math.nan if untrusted.is_null() else untrusted.number(low=-_MOST_TIME, high=_MOST_TIME)


def device_of(answer: Facts, side: str) -> Device:
    """What was opened at that side. Raises NotKnown."""
    at = (side, "device")
    usb_id = None if answer.is_null(*at, "usb_id") else answer.text(*at, "usb_id").casefold()
    return Device(clean(answer.text(*at, "name"), _NAME_CHARACTERS), usb_id, answer.flag(*at, "monitor"))


def _senseless(seat: str) -> RecordingSenseless:
    return RecordingSenseless(N_("{seat}: what came as a recording is none"), seat=seat)
