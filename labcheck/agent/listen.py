"""What the microphone in use picks up while somebody else records: levels, and nothing but levels.

A pupil may be speaking. So nothing is played, no volume and no switch is touched, the sound is measured here
in memory, and neither written anywhere nor sent: what leaves is a handful of numbers. And an exam program may
be recording. So a second stream is asked of a sound server, which mixes; a bare device, which one program
takes from the others, a wireless headset, which changes its profile, and Windows, where a program may want
the device for itself alone, are left alone, and it is said that they were.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from array import array
from operator import mul

from . import devices, programs, pulse
from .facts import had
from .protocol import Json, Unavailable
from .typed import Any

RATE = 48_000
SKIP_SECONDS = 0.5
"""A source that slept gives silence at first."""
SECONDS = 2.0
DEADLINE_SECONDS = 8.0
STREAM = "vpr-morning-listen"
FULL = 32768.0
FRAME = RATE // 20
"""50 ms: pauses between words are longer."""
QUIET_SHARE = 0.2
"""The floor is what a fifth of the frames stay below."""
RAIL = 32700
CLIPPED_RUN = 3
HUM_EVERY = 24
"""Samples become one: 2 kHz are enough for hum."""
HUM_FRAME = 800
"""0.4 s: steady hum stands in every frame, a voice in some."""
HUM_LINES = tuple(range(50, 401, 50))
HUM_OVER = 10.0
"""A line's power over the mean of what is half way to its neighbours."""
LEAST_DB = -200.0


class Ear:
    """Listens from time to time beside the looks of a watch, in a thread of its own."""

    def __init__(self, exam_user: str, every: float) -> None:
        """``every``: seconds between two times; 0: never."""
        self._user, self._every = exam_user, every
        self._due = time.monotonic()
        self._heard: Any = None
        self._thread: threading.Thread | None = None

    def news(self) -> Any:
        """What was heard since the last time, None when nothing was; begins to listen when it is time."""
        if self._thread is not None and self._thread.is_alive():
            return None
        heard, self._heard, self._thread = self._heard, None, None
        if self._every and time.monotonic() >= self._due:
            self._due = time.monotonic() + self._every
            self._thread = threading.Thread(target=self._listen, daemon=True)
            self._thread.start()
        return heard

    def _listen(self) -> None:
        self._heard = had(lambda: listen(self._user))


def listen(exam_user: str = "") -> Json:
    """``{device, volume_percent, seconds, rms_dbfs, floor_dbfs, hum_dbfs, dc, same, clipped}``: levels are of
    full scale; ``dc`` and ``same`` (the share of the commonest value) are shares, ``clipped`` counts samples.

    Raises Unavailable."""
    if programs.WINDOWS:
        raise Unavailable("under Windows the microphone is left to the exam program alone")
    has = devices.devices(exam_user)
    if has["kind"] != "pulse":
        raise Unavailable("no sound server lets two programs listen at once here")
    device = next((one for one in has["inputs"] if one["default"]), None)
    if device is None or device["monitor"]:
        raise Unavailable("no microphone is in use")
    if device["muted"] or device["volume_percent"] == 0:
        raise Unavailable("the microphone is muted")
    if device["id"].startswith("bluez"):
        raise Unavailable("a wireless headset is not listened to: it might change its mode")
    samples = _record(devices.reach(exam_user), device["id"])
    return {"device": device["id"], "volume_percent": device["volume_percent"], **levels(samples)}


def _record(reach: pulse.Reach, source: str) -> array[int]:
    """Some seconds of that source through a stream of our own. Raises Unavailable."""
    words = ["--raw", "--format=s16le", f"--rate={RATE}", "--channels=1", "--latency-msec=100"]
    named = [f"--client-name={STREAM}", f"--property=module-stream-restore.id={STREAM}"]
    wanted = 2 * round((SKIP_SECONDS + SECONDS) * RATE)
    command = ["parec", *words, *named, f"--device={source}"]
    try:
        process = programs.start(command, env=reach.env, account=reach.account)
    except OSError as failed:
        raise Unavailable(f"{command[0]}: {failed.strerror}") from None
    timer = threading.Timer(DEADLINE_SECONDS, programs.kill, [process])
    timer.daemon = True
    timer.start()
    try:
        pcm = process.stdout.read(wanted)
        bound = pulse.binding(reach, process.pid).names["input"] if len(pcm) == wanted else None
    finally:
        timer.cancel()
        programs.kill(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()
    if len(pcm) != wanted:
        raise Unavailable("nothing comes from the input")
    if bound != source:
        raise Unavailable("the sound server connected our streams to other devices than the chosen ones")
    samples = array("h", pcm[2 * round(SKIP_SECONDS * RATE) :])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def levels(samples: array[int]) -> Json:
    """What they say, see :func:`listen`; as many as make half a second or more."""
    size = len(samples)
    mean = sum(samples) / size
    powers = sorted(_power(samples[at : at + FRAME], mean) for at in range(0, size - FRAME + 1, FRAME))
    counts: dict[int, int] = {}
    for value in samples:
        counts[value] = counts.get(value, 0) + 1
    return {
        "seconds": size / RATE,
        "rms_dbfs": decibels(_power(samples, 0.0) / FULL**2),
        "floor_dbfs": decibels(powers[int(QUIET_SHARE * len(powers))] / FULL**2),
        "hum_dbfs": decibels(_hum(samples) / FULL**2),
        "dc": mean / FULL,
        "same": max(counts.values()) / size,
        "clipped": _clipped(samples) if -min(counts) >= RAIL or max(counts) >= RAIL else 0,
    }


def decibels(power: float) -> float:
    """Of full scale, to the tenth; LEAST_DB for none."""
    return round(10 * math.log10(power), 1) if power > 10 ** (LEAST_DB / 10) else LEAST_DB


def _power(samples: array[int], mean: float) -> float:
    """Mean square about ``mean``."""
    size = len(samples)
    power: float = sum(map(mul, samples, samples)) / size - mean * (2 * sum(samples) / size - mean)
    return max(0.0, power)


def _clipped(samples: array[int]) -> int:
    """Samples in runs at the rail."""
    found = run = 0
    for value in samples:
        if abs(value) >= RAIL:
            run += 1
            continue
        found += run if run >= CLIPPED_RUN else 0
        run = 0
    return found + (run if run >= CLIPPED_RUN else 0)


def _hum(samples: array[int]) -> float:
    """Mean square of the mains' lines that stand out in the middle one of the frames."""
    slow = [
        sum(samples[at : at + HUM_EVERY]) / HUM_EVERY for at in range(0, len(samples) - HUM_EVERY, HUM_EVERY)
    ]
    frames = [slow[at : at + HUM_FRAME] for at in range(0, len(slow) - HUM_FRAME + 1, HUM_FRAME // 2)]
    if not frames:
        return 0.0
    window = [1 - math.cos(2 * math.pi * (n + 0.5) / HUM_FRAME) for n in range(HUM_FRAME)]  # Hann, mean 1
    between = {hertz: _line(frames, window, hertz) for hertz in range(25, HUM_LINES[-1] + 26, 50)}
    total = 0.0
    for hertz in HUM_LINES:
        beside = (between[hertz - 25] + between[hertz + 25]) / 2
        power = _line(frames, window, hertz)
        if power > HUM_OVER * beside:
            total += power - beside
    return total


def _line(frames: list[list[float]], window: list[float], hertz: int) -> float:
    """Mean square of a sine of that frequency: the middle one of the frames."""
    turn = 2 * math.pi * hertz * HUM_EVERY / RATE
    cosine = [value * math.cos(turn * n) for n, value in enumerate(window)]
    sine = [value * math.sin(turn * n) for n, value in enumerate(window)]
    powers: list[float] = sorted(
        2 * (sum(map(mul, frame, cosine)) ** 2 + sum(map(mul, frame, sine)) ** 2) / HUM_FRAME**2
        for frame in frames
    )
    return powers[len(powers) // 2]
