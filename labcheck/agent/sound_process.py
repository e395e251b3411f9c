"""The child that opens the sound devices, see :mod:`.sound_child`: told when to begin, ended in time.

On Linux it is a child process, and what its streams are connected to is looked up while they run. On Windows
it is a scheduled task in the session at the screen, which alone may use its devices; an endpoint stays what
it is there, and when it goes, the stream fails."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable

from . import devices, programs, pulse, tasks
from .protocol import Json, Refused, Unavailable
from .typed import Any

CHILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sound_child.py")
LATE = "the sound device does not come to an end"
CRASHED = "the process that opens the sound device crashed"
Hear = Callable[[bytes, Any], None]
"""Takes what was recorded since the last call, and the offset as far as it is known."""
CODES = {"TooLate": "too-late", "Endless": "deadline-passed"}


class Opened:
    """Streams that are open, or on the way to it."""

    def ready(self) -> None:
        """Wait until they are. Raises Refused."""
        raise NotImplementedError

    def run(self, start_utc: float | None, hear: Hear) -> tuple[Json, bytes, Json]:
        """Play and record: result, PCM that was not heard yet, binding. Raises Refused."""
        raise NotImplementedError

    def close(self) -> None:
        """End it. May be called twice."""
        raise NotImplementedError


def opened(
    spec: Json, pcm: bytes, deadline: float, kind: str, chosen: dict[str, Any], exam_user: str
) -> Opened:
    """Start the process. Raises Refused, Unavailable."""
    if programs.WINDOWS:
        return InTask(spec, pcm, deadline)
    return InChild(spec, pcm, deadline, kind, chosen, exam_user)


def _go(start_utc: float | None) -> bytes:
    return json.dumps({"start_utc": start_utc}).encode("ascii") + b"\n"


def _seconds(deadline: float, start_utc: float | None) -> float:
    """A deadline counts from the start."""
    return deadline + (max(0.0, start_utc - time.time()) if start_utc is not None else 0.0)


def _event(line: bytes) -> Json:
    event: Json = json.loads(line)
    if event["event"] == "failed":
        code = CODES.get(event["kind"], "sound-failed")
        code = "no-portaudio" if "PortAudio library not found" in event["message"] else code
        raise Refused(code, event["message"], kind=event["kind"])
    return event


class InChild(Opened):
    """Linux: a child process of ours."""

    def __init__(
        self, spec: Json, pcm: bytes, deadline: float, kind: str, chosen: dict[str, Any], exam_user: str
    ) -> None:
        """Start it."""
        reach = devices.reach(exam_user)
        env = dict(reach.env)
        for side, variable in (("input", "PULSE_SOURCE"), ("output", "PULSE_SINK")):
            if chosen[side] and kind == "pulse":
                env[variable] = chosen[side]["id"]
        if reach.account is not None:
            spec = {**spec, "uid": reach.account[0], "gid": reach.account[1]}
        self._reach = reach if kind == "pulse" else None
        self._wanted = {side: device and device["id"] for side, device in chosen.items()}
        self._deadline = deadline
        self._late = threading.Event()
        self._timer: threading.Timer | None = None
        self._errors: list[bytes] = []
        self._process = programs.start([sys.executable, "-I", "-S", CHILD], env=env)
        self._drain = threading.Thread(target=self._read_errors, daemon=True)
        self._drain.start()
        self._limit(deadline)
        self._guarded(lambda: self._tell(json.dumps(spec).encode("ascii") + b"\n" + pcm))

    def ready(self) -> None:
        """Wait until the streams are open."""
        self._guarded(self._next)
        self._limit(None)

    def run(self, start_utc: float | None, hear: Hear) -> tuple[Json, bytes, Json]:
        """Play and record."""
        self._limit(_seconds(self._deadline, start_utc))
        found: tuple[Json, bytes, Json] = self._guarded(lambda: self._run(start_utc, hear))
        return found

    def close(self) -> None:
        """End it."""
        self._limit(None)
        programs.kill(self._process)

    def _run(self, start_utc: float | None, hear: Hear) -> tuple[Json, bytes, Json]:
        self._tell(_go(start_utc))
        self._next()
        first = self._bound()
        if first and self._reach:  # what the server remembers of some other program of that name
            for kind, number in first.quiet:
                pulse.ask(self._reach, f"set-{kind}-mute", number, "0")
                pulse.ask(self._reach, f"set-{kind}-volume", number, "100%")
        while (event := self._next())["event"] == "piece":
            hear(self._read(event["bytes"]), event["offset"])
        last = self._bound()
        binding: Json = {"before": first and first.names, "after": last and last.names}
        if first and last:
            self._compare(first, last, binding)
        self._tell(b"\n")
        result = self._next()
        return result, self._read(result["bytes"]), binding

    def _bound(self) -> pulse.Bound | None:
        return pulse.binding(self._reach, self._process.pid) if self._reach else None

    def _compare(self, first: pulse.Bound, last: pulse.Bound, binding: Json) -> None:
        message = "the sound server connected our streams to other devices than the chosen ones"
        if first.names != self._wanted or last.names != self._wanted:
            raise Refused("binding-changed", message, wanted=self._wanted, **binding)
        if first.exactly != last.exactly:
            message = "a sound device went away and came again during the test"
            raise Refused("binding-changed", message, wanted=self._wanted, **binding)

    def _tell(self, data: bytes) -> None:
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def _read(self, size: int) -> bytes:
        data: bytes = self._process.stdout.read(size)
        if len(data) != size:
            raise EOFError
        return data

    def _next(self) -> Json:
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return _event(line)

    def _guarded(self, do: Any) -> Any:
        """Whatever becomes of the process, as a refusal."""
        try:
            return do()
        except (BrokenPipeError, EOFError, ValueError):
            if self._late.is_set():
                raise Refused("deadline-passed", LATE) from None
            self._drain.join(1.0)
            said = b"".join(self._errors).decode("utf-8", "replace")
            raise Refused("sound-failed", CRASHED, said=said) from None
        except Unavailable:
            if self._late.is_set():
                raise Refused("deadline-passed", LATE) from None
            raise

    def _limit(self, seconds: float | None) -> None:
        """Kill it when so long has passed."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if seconds is not None:
            self._timer = threading.Timer(seconds, self._kill)
            self._timer.daemon = True
            self._timer.start()

    def _kill(self) -> None:
        self._late.set()
        programs.kill(self._process)

    def _read_errors(self) -> None:
        self._errors.append(self._process.stderr.read()[-2000:])


class InTask(Opened):
    """Windows: a task in the session at the screen."""

    def __init__(self, spec: Json, pcm: bytes, deadline: float) -> None:
        """Start it."""
        self._deadline = deadline
        request = json.dumps(spec).encode("ascii") + b"\n" + pcm
        longest = 2 * deadline + tasks.HELD_SECONDS
        self._until = time.monotonic() + deadline
        self._there = tasks.InSession(CHILD, request, longest)

    def ready(self) -> None:
        """Wait until the streams are open."""
        self._there.read("ready", self._until)

    def run(self, start_utc: float | None, _hear: Hear) -> tuple[Json, bytes, Json]:
        """Play and record; all of it comes at the end."""
        until = time.monotonic() + _seconds(self._deadline, start_utc)
        self._there.write("go", _go(start_utc))
        answer = self._there.read("answer", until)
        while True:
            line, _feed, answer = answer.partition(b"\n")
            if not line:
                raise Refused("sound-failed", CRASHED)
            event = _event(line)
            if event["event"] == "result":
                return event, answer[: event["bytes"]], {"before": None, "after": None}

    def close(self) -> None:
        """End it."""
        self._there.close()
