"""The process that touches the sound hardware; it may hang or crash, and its parent has a deadline.

A script of its own: it is started by its path, gets one line of JSON and then 16-bit PCM to play, opens one
stream to record and another to play (one stream for both returns garbage through some drivers), and answers
in lines of JSON: ``ready`` when both are open; then it waits for a line ``{"start_utc": when to begin, or
null: now}``; ``open`` when the streams run, ``streamed`` when all is played and recorded, and, once another
line came, ``result`` followed by the PCM that was recorded. Asked to ``stream``, it says ``piece``, followed
by what was recorded since the last, while it records. With a folder as its argument, files in it take
the place of the pipes, for a process that has none (a scheduled task of Windows): ``request``, then its
``ready``, then ``go``, then its ``answer``."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import sys
import threading
import time
from typing import Any, BinaryIO

FLAGS = ("input_underflow", "input_overflow", "output_underflow", "output_overflow", "priming_output")
BLOCKS = 20_000
"""Of so many blocks time and flags are kept."""
FIRST_BLOCK_SECONDS = 3.0
BUFFER_SECONDS = 0.2
"""What both streams' buffers hold: a busy computer must not make gaps that are no headset's fault."""
AROUND_SECONDS = 2.0
LATE_SECONDS = 1.0
"""A start that is past by more is refused."""
LEAST_BEFORE_SECONDS = 0.5
"""Nothing is played before the recording has run for so long."""
POLL_SECONDS = 0.02
PIECE_SECONDS = 0.5
"""Of a recording that is told while it runs."""
SENSIBLE_SECONDS = 5.0
"""No block waits for longer between us and the converter."""


class TooLate(Exception):
    """The moment to start at is past."""


class Endless(Exception):
    """The streams did not come to their end in time."""


class NoGo(Exception):
    """Nobody says when to start."""


def load_sounddevice(spec: dict[str, Any]) -> Any:
    """Import sounddevice, which wakes PortAudio, as the account that the sound belongs to.

    That account may not be able to read our folder, so all code is read before.
    """
    sys.path[:0] = [path for path in spec["path"] if path not in sys.path]
    import _cffi_backend  # noqa: F401, PLC0415
    import _sounddevice  # noqa: F401, PLC0415

    found: Any = importlib.util.find_spec("sounddevice")
    code = found.loader.get_code("sounddevice")
    if spec.get("uid") is not None:
        os.setgroups([])  # type: ignore[attr-defined, unused-ignore]
        os.setgid(spec["gid"])  # type: ignore[attr-defined, unused-ignore]
        os.setuid(spec["uid"])  # type: ignore[attr-defined, unused-ignore]
    module = importlib.util.module_from_spec(found)
    sys.modules["sounddevice"] = module
    exec(code, module.__dict__)  # noqa: S102 - what its own loader would do
    return module


def finite(value: float) -> float | None:
    """A time as the driver gave it; None when it is no number."""
    return float(value) if math.isfinite(value) else None


def median(values: list[float]) -> float:
    """The middle one."""
    return sorted(values)[len(values) // 2]


class Side:
    """What both streams keep: for each block its first frame, its time at the converter, the time now,
    flags."""

    def __init__(self, channels: int, rate: int, stop: Any) -> None:
        """Nothing has come yet. ``stop`` is the exception that ends a stream."""
        self.frame_bytes = 2 * channels
        self.rate, self.stop = rate, stop
        self.frames = 0
        self.blocks: list[list[Any]] = []
        self.began = threading.Event()
        self.ended = threading.Event()

    def note(self, frames: int, when: float, now: float, status: Any) -> None:
        """Keep a block's times and flags."""
        if len(self.blocks) < BLOCKS:
            flags = [name for name in FLAGS if getattr(status, name)] if status else []
            self.blocks.append([self.frames, finite(when), finite(now), flags])
        self.frames += frames
        self.began.set()

    def begin(self, around: float | None) -> float:
        """When the first frame was at the converter, from the blocks within some seconds of
        ``around``: what a driver says of a single block may be wrong by a whole one."""
        near = [
            b
            for b in self.blocks
            if b[1] is not None and (around is None or abs(b[1] - around) < AROUND_SECONDS)
        ]
        found = near or [b for b in self.blocks if b[1] is not None]
        return median([b[1] - b[0] / self.rate for b in found]) if found else math.nan


class Playing(Side):
    """A callback that waits for its moment, gives what is to be played, then silence to the block's end."""

    def __init__(self, channels: int, rate: int, stop: Any, pcm: bytes) -> None:
        """``pcm`` is to be played from ``start_utc`` on (None: at once)."""
        super().__init__(channels, rate, stop)
        self.pcm = pcm
        self.start_utc: float | None = None
        self.first: int | None = None
        """The stream's frame that is the first of ``pcm``, and when it is at the converter."""
        self.at: float | None = None
        self.at_utc: float | None = None

    def __call__(self, data: Any, frames: int, times: Any, status: Any) -> None:
        """One block."""
        if self.first is None:
            self._begin(frames, times.outputBufferDacTime, times.currentTime)
        skip = 0 if self.first is None else max(0, self.first - self.frames) * self.frame_bytes
        start = len(self.pcm) if self.first is None else (self.frames - self.first) * self.frame_bytes + skip
        piece = self.pcm[start : start + len(data) - skip]
        data[:] = bytes(skip) + piece + bytes(len(data) - skip - len(piece))
        self.note(frames, times.outputBufferDacTime, times.currentTime, status)
        if self.first is not None and start + len(data) - skip >= len(self.pcm):
            raise self.stop

    def _begin(self, frames: int, converter: float, now: float) -> None:
        """Whether the moment lies in this block."""
        if not 0 <= converter - now < SENSIBLE_SECONDS:  # some drivers do not tell
            converter = now + BUFFER_SECONDS
        utc = time.time() + converter - now
        wait = 0 if self.start_utc is None else max(0, round((self.start_utc - utc) * self.rate))
        if wait < frames:
            self.first = self.frames + wait
            self.at, self.at_utc = converter + wait / self.rate, utc + wait / self.rate

    def began_at(self) -> float | None:
        """When the first frame of ``pcm`` was at the converter, now that more blocks have told."""
        if self.first is None or self.at is None or self.at_utc is None:
            return None
        said = self.begin(self.at) + self.first / self.rate
        better = said if math.isfinite(said) else self.at
        self.at_utc, self.at = self.at_utc + better - self.at, better
        return better

    def ends(self) -> float | None:
        """When the last frame is at the converter; None: not known yet."""
        return None if self.at is None else self.at + len(self.pcm) / self.frame_bytes / self.rate


class Recording(Side):
    """A callback that keeps what comes until it has enough."""

    def __init__(self, channels: int, rate: int, stop: Any, wanted: int, playing: Playing | None) -> None:
        """``wanted`` frames at most; with ``playing`` until some time after it has ended."""
        super().__init__(channels, rate, stop)
        self.pcm = bytearray()
        self.given = 0
        self.wanted, self.playing = wanted, playing
        self.after = 0.0

    def __call__(self, data: Any, frames: int, times: Any, status: Any) -> None:
        """One block."""
        self.pcm += bytes(data)
        self.note(frames, times.inputBufferAdcTime, times.currentTime, status)
        if self.frames >= self.wanted or self._after_all(times.inputBufferAdcTime):
            raise self.stop

    def _after_all(self, converter: float) -> bool:
        ends = self.playing.ends() if self.playing else None
        return ends is not None and converter > ends + self.after

    def rest(self) -> bytes:
        """What came since the last call."""
        piece = bytes(self.pcm[self.given :])
        self.given += len(piece)
        return piece

    def offset(self) -> float:
        """Frames before the first that is played leaves for its converter, by what is known now; nan."""
        at = self.playing.at if self.playing else None
        return math.nan if at is None else (at - self.begin(at)) * self.rate

    def cut(self, before: int) -> int:
        """Forget whole blocks before a frame; how many frames that were."""
        kept = [block for block in self.blocks if block[0] >= before] or self.blocks[-1:]
        earlier = [block for block in self.blocks if block[0] < before]
        kept = [*earlier[-1:], *kept] if kept and kept[0][0] > before else kept
        gone: int = kept[0][0] if kept else 0
        self.blocks = [[block[0] - gone, *block[1:]] for block in kept]
        del self.pcm[: gone * self.frame_bytes]
        self.given = max(0, self.given - gone * self.frame_bytes)
        self.frames -= gone
        return gone


def device(sd: Any, wanted: Any, *, capture: bool) -> Any:
    """PortAudio's number of a device: a PCM by its exact name, or WASAPI's or ALSA's by a part of it."""
    channels = "max_input_channels" if capture else "max_output_channels"
    for number, has in enumerate(sd.query_devices()):
        api = str(sd.query_hostapis(has["hostapi"])["name"])
        name = str(has["name"])
        fits = name == wanted["name"] if wanted["exact"] else wanted["name"] in name
        if has[channels] and wanted["api"] in api and fits:
            return number
    raise LookupError(f"PortAudio does not know {wanted['name']}")


class Streams:
    """Both streams of one request."""

    def __init__(self, sd: Any, spec: dict[str, Any], pcm: bytes) -> None:
        """Open them. Raises PortAudioError, LookupError."""
        self.sd, self.spec = sd, spec
        self.opened: list[Any] = []
        rate = spec["rate"]
        self.playing = self.recording = None
        if spec.get("output"):
            self.playing = Playing(spec["output"]["channels"], rate, sd.CallbackStop, pcm)
        if spec.get("input"):
            follows = self.playing if spec.get("around") else None
            self.recording = Recording(
                spec["input"]["channels"], rate, sd.CallbackStop, spec["frames"], follows
            )
            self._open(sd.RawInputStream, "input", self.recording)
        if self.playing:
            self._open(sd.RawOutputStream, "output", self.playing)

    def _open(self, kind: Any, name: str, side: Side) -> None:
        wanted = self.spec[name]
        more: dict[str, Any] = {}
        if wanted["api"] == "WASAPI":  # shared mode has one rate; let Windows convert to ours
            more["extra_settings"] = self.sd.WasapiSettings(auto_convert=True)
        self.opened.append(
            kind(
                samplerate=self.spec["rate"],
                channels=wanted["channels"],
                dtype="int16",
                device=device(self.sd, wanted, capture=name == "input"),
                latency=BUFFER_SECONDS,
                callback=side,
                finished_callback=side.ended.set,
                **more,
            )
        )

    def start(self, start_utc: float | None) -> None:
        """Record, and play when it is time. Raises TooLate, TimeoutError, PortAudioError."""
        streams = iter(self.opened)
        if self.recording:
            self.recording.after = self.spec.get("after_s", 0.0)
            next(streams).start()
            if not self.recording.began.wait(FIRST_BLOCK_SECONDS):
                raise TimeoutError("nothing comes from the input")
        if self.playing:
            if start_utc is not None:
                earliest = time.time() + (LEAST_BEFORE_SECONDS if self.recording else 0.0)
                if earliest > start_utc + LATE_SECONDS:
                    raise TooLate("the moment to start at is past")
                self.playing.start_utc = max(start_utc, earliest)
            next(streams).start()

    def wait(self, talk: Any) -> None:
        """Until all is played and recorded; what comes is told meanwhile if so asked. Raises Endless."""
        until = time.monotonic() + self.spec["seconds"]
        streams = self.recording if self.spec.get("stream") else None
        for side in (self.recording, self.playing):
            while side and not side.ended.wait(max(0.0, min(PIECE_SECONDS, until - time.monotonic()))):
                if time.monotonic() >= until:
                    raise Endless("the streams did not come to their end")
                if streams:
                    offset, piece = finite(streams.offset()), streams.rest()
                    talk.say({"event": "piece", "bytes": len(piece), "offset": offset}, piece)

    def result(self) -> dict[str, Any]:
        """What came of it, without the PCM."""
        found: dict[str, Any] = {"event": "result", "portaudio": self.sd.get_portaudio_version()[1]}
        at = self.playing.began_at() if self.playing else None
        offset, cut = None, 0
        if self.recording:
            offset = math.nan if at is None else self.recording.offset()
            if self.spec.get("around") and math.isfinite(offset):
                given = self.recording.given // self.recording.frame_bytes
                gone = self.recording.cut(round(offset - self.spec["before_s"] * self.spec["rate"]))
                offset, cut = offset - gone, min(gone, given)
        sides = [("input", self.recording), ("output", self.playing)]
        for (name, side), running in zip([one for one in sides if one[1]], self.opened):
            assert side is not None  # noqa: S101 - chosen so
            found[name] = {
                "portaudio_device": str(self.sd.query_devices(running.device)["name"]),
                "rate": running.samplerate,
                "channels": running.channels,
                "latency_s": finite(running.latency),
                "frames": side.frames,
                "blocks": side.blocks,
            }
        if self.recording:
            found["input"]["offset"] = None if offset is None else finite(offset)
            found["input"]["cut"] = cut
        if self.playing:
            found["output"]["at_utc"] = self.playing.at_utc
        return found

    def close(self) -> None:
        """Both streams away, whatever they are at."""
        for running in self.opened:
            running.abort(ignore_errors=True)
            running.close(ignore_errors=True)


class Pipes:
    """How we talk to our parent: lines and PCM through stdin and stdout."""

    def __init__(self) -> None:
        """Keep stdout for ourselves: drivers print."""
        self.source: BinaryIO = sys.stdin.buffer
        self.sink: BinaryIO = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)

    def say(self, message: dict[str, Any], data: bytes = b"") -> None:
        """A line, and what follows it."""
        self.sink.write(json.dumps(message).encode("ascii") + b"\n" + data)
        self.sink.flush()

    def hear(self) -> bytes:
        """The next line."""
        return self.source.readline()

    def go(self) -> bytes:
        """The line that says when to begin; empty when the parent is gone."""
        return self.source.readline()


class Folder:
    """The same through files in a folder."""

    def __init__(self, folder: str) -> None:
        """``request`` lies there."""
        self.folder = folder
        self.source: BinaryIO = open(os.path.join(folder, "request"), "rb")  # noqa: SIM115 - to our end
        self.said: list[bytes] = []

    def say(self, message: dict[str, Any], data: bytes = b"") -> None:
        """``ready`` is a file of its own; all is in ``answer``, which is there once it is whole."""
        self.said.append(json.dumps(message).encode("ascii") + b"\n" + data)
        if message["event"] in {"ready", "failed", "result"}:
            self._write("ready", b"")
        if message["event"] in {"failed", "result"}:
            self._write("answer", b"".join(self.said))

    def _write(self, name: str, data: bytes) -> None:
        path = os.path.join(self.folder, name)
        with open(path + ".part", "wb") as file:
            file.write(data)
        os.replace(path + ".part", path)

    def hear(self) -> bytes:
        """Nobody says anything further."""
        return b""

    def go(self) -> bytes:
        """What ``go`` has once it is there; empty when the folder went away."""
        path = os.path.join(self.folder, "go")
        while os.path.isdir(self.folder):
            if os.path.exists(path):
                with open(path, "rb") as file:
                    return file.read()
            time.sleep(POLL_SECONDS)
        return b""


def serve(talk: Any) -> None:
    """Serve one request."""
    spec = json.loads(talk.source.readline())
    pcm = talk.source.read(spec["bytes"])
    test = Streams(load_sounddevice(spec), spec, pcm)
    try:
        talk.say({"event": "ready"})
        line = talk.go()
        if not line:
            raise NoGo("nobody says when to begin")
        test.start(json.loads(line)["start_utc"])
        talk.say({"event": "open"})
        test.wait(talk)
        talk.say({"event": "streamed"})
        talk.hear()
        result = test.result()
        recorded = test.recording.rest() if test.recording else b""
    finally:
        test.close()
    talk.say({**result, "bytes": len(recorded)}, recorded)


def main() -> None:
    """Serve one request, whatever becomes of it."""
    talk: Any = Folder(sys.argv[1]) if len(sys.argv) > 1 else Pipes()
    try:
        serve(talk)
    except Exception as failed:  # noqa: BLE001 - whatever it is, the parent must know
        talk.say({"event": "failed", "kind": type(failed).__name__, "message": str(failed)[:500]})
    os._exit(0)  # PortAudio's own end hangs where a server went away


if __name__ == "__main__":
    main()
