"""The process that touches the sound hardware; it may hang or crash, and its parent has a deadline.

A script of its own: it is started by its path, gets one line of JSON and then 16-bit PCM to play, opens one
stream to record and another to play (one stream for both returns garbage through some drivers), and answers
in lines of JSON: ``{"event": "open"}`` when the streams run, ``{"event": "streamed"}`` when all is played and
recorded, and, once a line came on its stdin, ``{"event": "result", ...}`` followed by the PCM that was
recorded. With a folder as its argument, files in it take the place of stdin and stdout, for a process that
has neither (a scheduled task of Windows)."""

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


class Side:
    """What both streams keep: for each block its first frame, its time at the converter, the time now,
    flags."""

    def __init__(self, channels: int) -> None:
        """Nothing has come yet."""
        self.frame_bytes = 2 * channels
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


class Recording(Side):
    """A callback that keeps what comes until it has enough."""

    def __init__(self, channels: int, wanted: int, stop: Any) -> None:
        """``wanted`` frames; ``stop`` is the exception that ends a stream."""
        super().__init__(channels)
        self.pcm = bytearray()
        self.wanted, self.stop = wanted, stop

    def __call__(self, data: Any, frames: int, times: Any, status: Any) -> None:
        """One block."""
        self.pcm += bytes(data)
        self.note(frames, times.inputBufferAdcTime, times.currentTime, status)
        if self.frames >= self.wanted:
            raise self.stop


class Playing(Side):
    """A callback that gives what is to be played, then silence to the end of the block."""

    def __init__(self, channels: int, pcm: bytes, stop: Any) -> None:
        """``pcm`` is to be played; ``stop`` is the exception that ends a stream."""
        super().__init__(channels)
        self.pcm, self.stop = pcm, stop

    def __call__(self, data: Any, frames: int, times: Any, status: Any) -> None:
        """One block."""
        start = self.frames * self.frame_bytes
        piece = self.pcm[start : start + len(data)]
        data[:] = piece + bytes(len(data) - len(piece))
        self.note(frames, times.outputBufferDacTime, times.currentTime, status)
        if start + len(data) >= len(self.pcm):
            raise self.stop


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


def stream(sd: Any, spec: dict[str, Any], pcm: bytes, say: Any, wait: Any) -> bytes:
    """Open, play, record; returns what was recorded. Raises PortAudioError, LookupError, TimeoutError."""
    sides: list[Any] = []
    opened: list[Any] = []
    until = time.monotonic() + spec["seconds"]
    try:
        if spec.get("input"):
            recording = Recording(spec["input"]["channels"], spec["frames"], sd.CallbackStop)
            opened.append(_open(sd, sd.RawInputStream, spec, "input", recording))
            sides.append(recording)
            opened[-1].start()
            if not recording.began.wait(FIRST_BLOCK_SECONDS):
                raise TimeoutError("nothing comes from the input")
        if spec.get("output"):
            playing = Playing(spec["output"]["channels"], pcm, sd.CallbackStop)
            opened.append(_open(sd, sd.RawOutputStream, spec, "output", playing))
            sides.append(playing)
            opened[-1].start()
        say({"event": "open"})
        for side in sides:
            if not side.ended.wait(max(0.0, until - time.monotonic())):
                raise TimeoutError("the streams did not come to their end")
        say({"event": "streamed"})
        wait()
        result: dict[str, Any] = {"event": "result", "portaudio": sd.get_portaudio_version()[1]}
        for name, side, running in zip([n for n in ("input", "output") if spec.get(n)], sides, opened):
            result[name] = {
                "portaudio_device": str(sd.query_devices(running.device)["name"]),
                "rate": running.samplerate,
                "channels": running.channels,
                "latency_s": finite(running.latency),
                "frames": side.frames,
                "blocks": side.blocks,
            }
        recorded = bytes(sides[0].pcm) if spec.get("input") else b""
        say({**result, "bytes": len(recorded)})
        return recorded
    finally:
        for running in opened:
            running.abort(ignore_errors=True)
            running.close(ignore_errors=True)


def _open(sd: Any, kind: Any, spec: dict[str, Any], name: str, side: Side) -> Any:
    wanted = spec[name]
    more: dict[str, Any] = {}
    if wanted["api"] == "WASAPI":  # shared mode has one rate; let Windows convert to ours
        more["extra_settings"] = sd.WasapiSettings(auto_convert=True)
    return kind(
        samplerate=spec["rate"],
        channels=wanted["channels"],
        dtype="int16",
        device=device(sd, wanted, capture=name == "input"),
        callback=side,
        finished_callback=side.ended.set,
        **more,
    )


def main() -> None:
    """Serve one request."""
    folder = sys.argv[1] if len(sys.argv) > 1 else None
    source: BinaryIO
    sink: BinaryIO
    if folder:
        source = open(os.path.join(folder, "request"), "rb")  # noqa: SIM115 - to the end of the process
        sink = open(os.path.join(folder, "answer.part"), "wb")  # noqa: SIM115
    else:
        source = sys.stdin.buffer
        sink = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)  # drivers print

    def say(message: dict[str, Any]) -> None:
        sink.write(json.dumps(message).encode("ascii") + b"\n")
        sink.flush()

    try:
        spec = json.loads(source.readline())
        pcm = source.read(spec["bytes"])
        recorded = stream(load_sounddevice(spec), spec, pcm, say, source.readline)
        sink.write(recorded)
    except Exception as failed:  # noqa: BLE001 - whatever it is, the parent must know
        say({"event": "failed", "kind": type(failed).__name__, "message": str(failed)[:500]})
    sink.flush()
    if folder:
        sink.close()
        os.replace(os.path.join(folder, "answer.part"), os.path.join(folder, "answer"))
    os._exit(0)  # PortAudio's own end hangs where a server went away


if __name__ == "__main__":
    main()
