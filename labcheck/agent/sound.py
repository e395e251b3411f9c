"""``sound``: play and record 16-bit PCM through the devices of whoever is logged in at the screen.

``{"exam_user", "input": id or null (the default one), "output": likewise, "rate": 48000, "input_channels": 1,
"output_channels": 2, "pcm": base64 of what to play, absent: nothing is played, "record_s": seconds, absent or
0: nothing is recorded, "deadline_s": 30}`` -> ``{server, portaudio, input: {device, portaudio_device, rate,
channels, latency_s, frames, blocks, offset, pcm}, output: {same without offset and pcm, at_utc}, binding:
{before, after}, volumes}``; what was not opened is null.

For a test of many seats at once there are also

- ``"around": {"before_s", "after_s"}``: the recording begins and ends at least so long (before: 0.5 s or
  more) before and after playing; ``record_s`` is its greatest length then;
- ``"start_utc"``: playing begins when this computer's clock shows that, seconds since 1970; ``too-late`` when
  it is past by more than a second. The streams are opened before;
- ``"volumes": {"input": per cent, "output": per cent}``: switched on and set so for the time of the test, see
  :mod:`.volumes`; the answer's ``volumes`` has what was and what was set, null where nobody tells;
- ``"prepare": true``: all of that is made ready and ``{"prepared": true}`` answered; the next request,
  ``{"start_utc"}`` alone, plays. Who does not ask within HOLD_SECONDS, or asks for something else, finds all
  put back;
- ``"packed": true``: ``pcm`` is base64 of zlib of all low bytes and then all high bytes, here and there;
- ``"stream": true``: what is recorded comes as progress while it is: ``{pcm, rate, offset}``, offset null
  until it is known. The answer's ``pcm`` is the rest, and its ``cut`` how many frames of all that came lie
  before the recording that was asked for. Windows, whose recordings come through a file, streams nothing.

PCM is little-endian, channels interleaved. A block is [first frame, time at the converter, time of the call,
flags]; times are seconds of one clock for both streams. ``offset`` is how many frames of the recording lie
before the first that was played left for its converter. ``binding`` is what the sound server says our streams
were connected to while they ran: a device that was pulled makes it connect them elsewhere without a word, and
a monitor records perfectly what is played."""

from __future__ import annotations

import base64
import binascii
import sys
import threading
import zlib

from . import devices, volumes
from .programs import WINDOWS
from .protocol import Conversation, Json, Refused, Unavailable
from .sound_process import Opened, opened
from .typed import Any

PCM_BYTES = 11 * 1024 * 1024
"""As base64 in one line it must stay below the line's limit."""
DEADLINE_SECONDS = 30.0
HOLD_SECONDS = 60.0
LEAST_BEFORE_SECONDS = 0.5
RATES = (8000, 192_000)
_lock = threading.Lock()
_held: dict[str, Any] = {"test": None, "timer": None}


def sound(conversation: Conversation, wanted: Json) -> Json:
    """Carry out the request. Raises Refused and Unavailable."""
    if set(wanted) == {"start_utc"}:
        test = _take()
        if test is None:
            raise Refused("not-prepared", "nothing is prepared that could be started")
        return test.run(float(wanted["start_utc"]), conversation)
    release()
    test = Test(wanted)
    if not wanted.get("prepare"):
        start = wanted.get("start_utc")
        return test.run(None if start is None else float(start), conversation)
    with _lock:
        _held["test"] = test
        _held["timer"] = threading.Timer(HOLD_SECONDS, release)
        _held["timer"].daemon = True
        _held["timer"].start()
    return {"prepared": True, "volumes": test.volumes, **test.chosen}


def release() -> None:
    """Put back what was prepared and not started. May be called at any time, by any thread."""
    test = _take()
    if test is not None:
        test.close()


def _take() -> Test | None:
    with _lock:
        test: Test | None = _held["test"]
        _held["test"] = None
        if _held["timer"] is not None:
            _held["timer"].cancel()
        return test


class Test:
    """Streams that are open, with their devices' volumes set."""

    def __init__(self, wanted: Json) -> None:
        """Open them. Raises Refused, Unavailable."""
        self.user = str(wanted.get("exam_user") or "")
        has = devices.devices(self.user)
        if has["kind"] == "pipewire":
            raise Unavailable(
                "PipeWire is there without its PulseAudio side: install pipewire-pulse and pulseaudio-utils"
            )
        self.server = has["server"]
        self.packed = bool(wanted.get("packed"))
        self.deadline = float(wanted.get("deadline_s", DEADLINE_SECONDS))
        self.chosen: dict[str, Any] = {"input": None, "output": None}
        self.volumes: Json | None = None
        pcm = unpacked(wanted.get("pcm") or "", packed=self.packed)
        spec = self._spec(wanted, has, pcm)
        self._opened: Opened = opened(spec, pcm, self.deadline, has["kind"], self.chosen, self.user)
        try:
            self._opened.ready()
            levels = wanted.get("volumes")
            if levels:
                self.volumes = volumes.set_for_test(self.user, self._percents(levels), has)
        except BaseException:
            self.close()
            raise

    def _spec(self, wanted: Json, has: Json, pcm: bytes) -> Json:
        """What the process that opens the streams is told."""
        self.rate = rate = int(wanted.get("rate", 48000))
        seconds = float(wanted.get("record_s") or 0.0)
        if not RATES[0] <= rate <= RATES[1] or not seconds >= 0 or not (pcm or seconds):
            raise Refused("bad-request", "nothing to play or record, or an impossible rate")
        spec: Json = {"rate": rate, "bytes": len(pcm), "path": sys.path, "seconds": self.deadline}
        spec["stream"] = bool(wanted.get("stream")) and self.packed and not WINDOWS
        if seconds:
            channels = int(wanted.get("input_channels", 1))
            spec["frames"] = round(seconds * rate)
            if spec["frames"] * channels * 2 > PCM_BYTES:
                raise Refused("bad-request", "that recording is too long for one answer")
            self.chosen["input"] = choose(has["inputs"], wanted.get("input"))
            spec["input"] = {**_portaudio(has["kind"], self.chosen["input"]), "channels": channels}
        if pcm:
            self.chosen["output"] = choose(has["outputs"], wanted.get("output"))
            channels = int(wanted.get("output_channels", 2))
            spec["output"] = {**_portaudio(has["kind"], self.chosen["output"]), "channels": channels}
        around = wanted.get("around")
        if around:
            before, after = float(around["before_s"]), float(around["after_s"])
            if not before >= LEAST_BEFORE_SECONDS or not after >= 0 or not (pcm and seconds):
                raise Refused("bad-request", "a recording around what is played begins 0.5 s before it")
            spec.update(around=True, before_s=before, after_s=after)
        return spec

    def _percents(self, levels: Json) -> dict[str, tuple[str, int]]:
        found = {}
        for side, percent in levels.items():
            if side not in self.chosen or not 0 <= int(percent) <= 100:
                raise Refused("bad-request", "a level is from 0 to 100 per cent, of input or output")
            if self.chosen[side]:
                found[side] = (self.chosen[side]["id"], int(percent))
        return found

    def run(self, start_utc: float | None, conversation: Conversation) -> Json:
        """Play and record; all is put back, whatever happens. Raises Refused, Unavailable."""

        def hear(piece: bytes, offset: float | None) -> None:
            conversation.progress(pcm=packed(piece), rate=self.rate, offset=offset)

        try:
            result, recorded, binding = self._opened.run(start_utc, hear)
        finally:
            self.close()
        shown: Json = {"portaudio": result["portaudio"], "input": None, "output": None}
        for side in ("input", "output"):
            if self.chosen[side]:
                shown[side] = {"device": self.chosen[side], **result[side]}
        if shown["input"]:
            shown["input"]["pcm"] = packed(recorded) if self.packed else _base64(recorded)
        return {"server": self.server, **shown, "binding": binding, "volumes": self.volumes}

    def close(self) -> None:
        """Volumes back, streams away. May be called twice."""
        try:
            volumes.restore()
        finally:
            self._opened.close()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def packed(pcm: bytes) -> str:
    """16-bit PCM for the way: low bytes and high bytes apart, because a quiet recording's high bytes are
    almost nothing."""
    return _base64(zlib.compress(pcm[0::2] + pcm[1::2], 1))


def unpacked(text: str, *, packed: bool) -> bytes:
    """The PCM of a request. Raises Refused."""
    try:
        pcm = base64.b64decode(text, validate=True)
        if packed and pcm:
            inflate = zlib.decompressobj()
            planes = inflate.decompress(pcm, PCM_BYTES + 2)
            half = len(planes) // 2
            both = bytearray(len(planes) // 2 * 2)
            both[0::2], both[1::2] = planes[:half], planes[half : 2 * half]
            pcm = bytes(both)
    except (binascii.Error, ValueError, zlib.error):
        raise Refused("bad-request", "pcm is not base64, or not packed as it should be") from None
    if len(pcm) > PCM_BYTES or len(pcm) % 2:
        raise Refused("bad-request", "pcm is too long, or not 16-bit")
    return pcm


def choose(listed: list[Json], wanted: str | None) -> Json:
    """The device of that id, else the default one. Raises Refused: no-such-device, monitor-source."""
    found = next((d for d in listed if (d["id"] == wanted if wanted else d["default"])), None)
    if found is None:
        raise Refused(
            "no-such-device", "there is no such sound device", wanted=wanted, there=[d["id"] for d in listed]
        )
    if found["monitor"]:
        raise Refused(
            "monitor-source", "that input records what is played; it is no microphone", device=found["id"]
        )
    return found


def _portaudio(kind: str, chosen: Json) -> Json:
    """How PortAudio finds the device. Through a sound server there is one for all; which is meant, the
    environment says."""
    if kind == "pulse":
        return {"name": "pulse", "exact": True, "api": "ALSA"}
    if kind == "alsa":
        return {"name": f"({chosen['id']})", "exact": False, "api": "ALSA"}
    return {"name": chosen["name"], "exact": True, "api": "WASAPI"}
