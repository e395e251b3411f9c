"""``sound``: play and record 16-bit PCM through the devices of whoever is logged in at the screen.

``{"exam_user", "input": id or null (the default one), "output": likewise, "rate": 48000, "input_channels": 1,
"output_channels": 2, "pcm": base64 of what to play, absent: nothing is played, "record_s": seconds, absent or
0: nothing is recorded, "deadline_s": 30}`` -> ``{server, portaudio, input: {device, portaudio_device, rate,
channels, latency_s, frames, blocks, pcm}, output: {same without pcm}, binding: {before, after}}``; what was
not opened is null.

PCM is little-endian, channels interleaved. A block is [first frame, time at the converter, time of the call,
flags]; times are seconds of one clock for both streams. ``binding`` is what the sound server says our streams
were connected to while they ran: a device that was pulled makes it connect them elsewhere without a word, and
a monitor records perfectly what is played."""

from __future__ import annotations

import base64
import binascii
import json
import os
import sys
import threading
from typing import Any

from . import devices, programs, pulse, tasks
from .protocol import Conversation, Json, Refused, Unavailable

PCM_BYTES = 11 * 1024 * 1024
"""As base64 in one line it must stay below the line's limit."""
DEADLINE_SECONDS = 30.0
RATES = (8000, 192_000)
CHILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sound_child.py")


def sound(_conversation: Conversation, wanted: Json) -> Json:
    """Carry out the request. Raises Refused and Unavailable."""
    has = devices.devices(str(wanted.get("exam_user") or ""))
    if has["kind"] == "pipewire":
        raise Unavailable(
            "PipeWire is there without its PulseAudio side: install pipewire-pulse and pulseaudio-utils"
        )
    pcm = _pcm(wanted)
    rate, seconds = int(wanted.get("rate", 48000)), float(wanted.get("record_s") or 0.0)
    if not RATES[0] <= rate <= RATES[1] or not seconds >= 0 or not (pcm or seconds):
        raise Refused("bad-request", "nothing to play or record, or an impossible rate")
    deadline = float(wanted.get("deadline_s", DEADLINE_SECONDS))
    spec: Json = {"rate": rate, "bytes": len(pcm), "path": sys.path, "seconds": deadline}
    chosen: dict[str, Any] = {"input": None, "output": None}
    if seconds:
        channels = int(wanted.get("input_channels", 1))
        spec["frames"] = round(seconds * rate)
        if spec["frames"] * channels * 2 > PCM_BYTES:
            raise Refused("bad-request", "that recording is too long for one answer")
        chosen["input"] = choose(has["inputs"], wanted.get("input"))
        spec["input"] = {**_portaudio(has["kind"], chosen["input"]), "channels": channels}
    if pcm:
        chosen["output"] = choose(has["outputs"], wanted.get("output"))
        channels = int(wanted.get("output_channels", 2))
        spec["output"] = {**_portaudio(has["kind"], chosen["output"]), "channels": channels}
    if programs.WINDOWS:
        result, recorded = _in_task(spec, pcm, deadline)
        binding: Json = {"before": None, "after": None}  # an endpoint stays; when it goes, the stream fails
    else:
        result, recorded, binding = _in_child(spec, pcm, deadline, has["kind"], chosen, wanted)
    return {"server": has["server"], **_shown(result, recorded, chosen), "binding": binding}


def _pcm(wanted: Json) -> bytes:
    try:
        pcm = base64.b64decode(wanted.get("pcm") or "", validate=True)
    except (binascii.Error, ValueError):
        raise Refused("bad-request", "pcm is not base64") from None
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


def _shown(result: Json, recorded: bytes, chosen: dict[str, Any]) -> Json:
    shown: Json = {"portaudio": result["portaudio"], "input": None, "output": None}
    for side in ("input", "output"):
        if chosen[side]:
            shown[side] = {"device": chosen[side], **result[side]}
    if shown["input"]:
        shown["input"]["pcm"] = base64.b64encode(recorded).decode("ascii")
    return shown


# Linux: a child process, with its streams' connection looked up while they run -----------------------------


def _in_child(
    spec: Json, pcm: bytes, deadline: float, kind: str, chosen: dict[str, Any], wanted: Json
) -> tuple[Json, bytes, Json]:
    reach = devices.reach(str(wanted.get("exam_user") or ""))
    env = dict(reach.env)
    for side, variable in (("input", "PULSE_SOURCE"), ("output", "PULSE_SINK")):
        if chosen[side] and kind == "pulse":
            env[variable] = chosen[side]["id"]
    if reach.account is not None:
        spec["uid"], spec["gid"] = reach.account
    process = programs.start([sys.executable, "-I", "-S", CHILD], env=env)
    late = threading.Event()

    def kill() -> None:
        late.set()
        programs.kill(process)

    timer = threading.Timer(deadline, kill)
    timer.start()
    errors: list[bytes] = []
    drain = threading.Thread(target=lambda: errors.append(process.stderr.read()[-2000:]), daemon=True)
    drain.start()
    try:
        return _talk(process, spec, pcm, chosen, reach if kind == "pulse" else None)
    except (BrokenPipeError, EOFError, ValueError):
        if late.is_set():
            raise Refused("deadline-passed", "the sound device does not come to an end") from None
        drain.join(1.0)
        said = b"".join(errors).decode("utf-8", "replace")
        raise Refused("sound-failed", "the process that opens the sound device crashed", said=said) from None
    finally:
        timer.cancel()
        programs.kill(process)


def _talk(
    process: Any, spec: Json, pcm: bytes, chosen: dict[str, Any], reach: pulse.Reach | None
) -> tuple[Json, bytes, Json]:
    process.stdin.write(json.dumps(spec).encode("ascii") + b"\n" + pcm)
    process.stdin.flush()
    _event(process.stdout)
    binding: Json = {"before": pulse.binding(reach, process.pid) if reach else None, "after": None}
    _event(process.stdout)
    if reach:
        binding["after"] = pulse.binding(reach, process.pid)
        _compare(binding, {side: device and device["id"] for side, device in chosen.items()})
    process.stdin.write(b"\n")
    process.stdin.flush()
    result = _event(process.stdout)
    recorded = process.stdout.read(result["bytes"])
    if len(recorded) != result["bytes"]:
        raise EOFError
    return result, recorded, binding


def _compare(binding: Json, wanted: dict[str, str | None]) -> None:
    for when in ("before", "after"):
        if binding[when] != wanted:
            message = "the sound server connected our streams to other devices than the chosen ones"
            raise Refused("binding-changed", message, wanted=wanted, **binding)


def _event(source: Any) -> Json:
    line = source.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    event: Json = json.loads(line)
    if event["event"] == "failed":
        code = "no-portaudio" if "PortAudio library not found" in event["message"] else "sound-failed"
        raise Refused(code, event["message"], kind=event["kind"])
    return event


# Windows: a scheduled task in the session at the screen, which alone may use its devices --------------------


def _in_task(spec: Json, pcm: bytes, deadline: float) -> tuple[Json, bytes]:
    request = json.dumps(spec).encode("ascii") + b"\n" + pcm
    answer = tasks.ask_in_session(CHILD, request, deadline)
    while True:
        line, _feed, answer = answer.partition(b"\n")
        if not line:
            raise Refused("sound-failed", "the process that opens the sound device crashed")
        event = json.loads(line)
        if event["event"] == "failed":
            raise Refused("sound-failed", event["message"], kind=event["kind"])
        if event["event"] == "result":
            return event, answer[: event["bytes"]]
