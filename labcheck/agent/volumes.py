"""Volume and mute of the devices under test: noted, set, and put back whatever happens.

A note in the data folder is written before anything is set and goes away once all is put back. An agent that
was killed leaves it, and the next one that starts puts back what stands as the dead one set it; what somebody
has changed since stays as it is. Only devices are set; no stream of another program is touched.

Per cent are the sound server's own: PulseAudio's scale is cubic (60 log10 of the share, in dB: 80 % is
-5.8 dB), Windows' follows the driver."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Mapping

from . import devices, pulse, windows_sound
from .paths import data_folder
from .programs import WINDOWS, run
from .protocol import Json, Refused, Unavailable
from .typed import Any

FILE = "volumes.json"
NOTE_BYTES = 65536
_lock = threading.RLock()
_state: dict[str, list[Json]] = {"set": []}
"""Of each device that is set now: exam_user, side, id, was, set."""


def set_for_test(exam_user: str, wanted: Mapping[str, tuple[str, int]], there: Json) -> Json:
    """Side -> (device, per cent): switched on at that level. ``there``: the devices as they are now.
    ``{side: {"was", "set"}}``, both as :func:`_levels` has them; null where this system does not tell. Raises
    Refused, Unavailable."""
    with _lock:
        as_it_was = not _state["set"] and _read() is None
        restore()
        _refuse_others()
        before = _levels(there) if as_it_was else _look(exam_user)
        entries = []
        for side, (device, percent) in wanted.items():
            was = before.get((side, device))
            if was is None:
                continue
            level = [_raw(percent)] * len(was["raw"])
            told = {"exam_user": exam_user, "side": side, "id": device}
            entries.append({**told, "was": was, "set": {"raw": level, "muted": False}})
        _note(entries)
        _state["set"] = entries
        try:
            _put(exam_user, entries, "set")
        except BaseException:
            restore()
            raise
        return {
            side: next(({"was": e["was"], "set": e["set"]} for e in entries if e["side"] == side), None)
            for side in wanted
        }


def restore() -> bool:
    """Put back what this process has set; whether that was possible. May be called at any time, by any
    thread."""
    with _lock:
        entries, _state["set"] = _state["set"], []
        return not entries or _put_back(entries)


def restore_left() -> None:
    """Put back what an agent that was killed has left set. Raises nothing."""
    with _lock, contextlib.suppress(Exception):
        note = _read()
        if note is None or _lives(note):
            return
        now: dict[tuple[str, str], Json] = {}
        for user in {entry["exam_user"] for entry in note["set"]}:
            now.update(_look(user))
        untouched = [e for e in note["set"] if now.get((e["side"], e["id"]), e["set"]) == e["set"]]
        _put_back(untouched)


def _put_back(entries: list[Json]) -> bool:
    """Those that cannot be reached now stay noted."""
    left = []
    for entry in entries:
        try:
            _put(entry["exam_user"], [entry], "was")
        except (Unavailable, Refused):
            left.append(entry)
    _note(left)
    return not left


# How a system is asked and told ---------------------------------------------------------------------


def _raw(percent: int) -> Any:
    return percent / 100 if WINDOWS else round(65536 * percent / 100)


def _look(exam_user: str) -> dict[tuple[str, str], Json]:
    """See :func:`_levels`."""
    try:
        return _levels(devices.devices(exam_user))
    except Unavailable:
        return {}  # without a sound server nobody tells


def _levels(there: Json) -> dict[tuple[str, str], Json]:
    """(side, id) -> ``{"raw": [a level for each channel, in the system's own unit], "muted"}``."""
    return {
        (side, one["id"]): {"raw": one["raw"], "muted": one["muted"]}
        for side in ("input", "output")
        for one in there[side + "s"]
        if one.get("raw")
    }


def _put(exam_user: str, entries: list[Json], which: str) -> None:
    if not entries:
        return
    if WINDOWS:
        ran = run(windows_sound.put([(e["id"], e[which]) for e in entries]), windows_sound.SECONDS)
        if ran.status != 0:
            raise Unavailable(f"Core Audio: {ran.stderr.strip()[:200]}")
        return
    reach = devices.reach(exam_user)
    for entry in entries:
        other = entry["set" if which == "was" else "was"]
        for words in pulse.put(entry["side"], entry["id"], entry[which], other):
            pulse.ask(reach, *words)


# The note -------------------------------------------------------------------------------------------


def _path() -> str:
    return os.path.join(data_folder(), FILE)


def _note(entries: list[Json]) -> None:
    """Write the note down so that it lasts; take it away when nothing is set."""
    if not entries:
        with contextlib.suppress(FileNotFoundError):
            os.remove(_path())
        return
    os.makedirs(data_folder(), exist_ok=True)
    beside = _path() + ".new"
    with open(beside, "w", encoding="ascii") as file:
        json.dump({"pid": os.getpid(), "began": _began(os.getpid()), "set": entries}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, _path())


def _read() -> Json | None:
    try:
        with open(_path(), encoding="ascii") as file:
            note: Json = json.loads(file.read(NOTE_BYTES))
    except (OSError, ValueError):
        return None
    return note


def _began(pid: int) -> float | None:
    """When a process began, by a clock that does not change while it runs; None: there is none."""
    if not WINDOWS:
        return _ticks(pid)
    import psutil  # noqa: PLC0415

    try:
        began: float = psutil.Process(pid).create_time()
    except psutil.Error:
        return None
    return began


def _ticks(pid: int) -> float | None:
    """proc(5): field 22, seconds after the system's start."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def _lives(note: Json) -> bool:
    """Whether the agent that wrote it still runs, and is another one than this."""
    began = _began(int(note["pid"]))
    same = began is not None and note["began"] is not None and abs(began - note["began"]) < 1.0
    return same and note["pid"] != os.getpid()


def _refuse_others() -> None:
    note = _read()
    if note is None:
        return
    if _lives(note):
        raise Refused("busy", "another test of the sound is under way on this workstation")
    restore_left()
