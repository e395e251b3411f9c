"""``watch``: how the workstation stands, again and again, until told to stop."""

from __future__ import annotations

import time

from . import collect, devices, listen, machine, power, processes, session
from .facts import had
from .paths import expand
from .protocol import Conversation, Json
from .typed import Any


def watch(conversation: Conversation, wanted: Json) -> Json:
    """``{"every_s": 5, "answers": folder, "process": name, "exam_user", "listen_s": 0}``; each look is a
    progress message:

    ``{at, monotonic, disk, power, sound, session, process: {running, pids}, answers: [{path, size,
    mtime}], microphone}``; parts that cannot be had are ``{"unavailable"}``. ``at`` is this workstation's
    clock, ``monotonic`` never jumps; ``microphone`` is there every ``listen_s`` seconds, see :mod:`.listen`.
    Answers with ``{"looks": how many}``."""
    every = max(0.2, float(wanted.get("every_s", 5.0)))
    ear = listen.Ear(str(wanted.get("exam_user") or ""), float(wanted.get("listen_s") or 0.0))
    looks = 0
    due = time.monotonic()
    while True:
        heard = ear.news()
        conversation.progress(**look(wanted), **({} if heard is None else {"microphone": heard}))
        looks += 1
        due = max(due + every, time.monotonic())
        if conversation.stopped(due - time.monotonic()):
            return {"looks": looks}


def look(wanted: Json) -> Json:
    """One look."""
    user = str(wanted.get("exam_user") or "")
    answers = str(wanted.get("answers") or "")
    seen: dict[str, Any] = {
        "at": time.time(),
        "monotonic": time.monotonic(),
        "disk": had(lambda: machine.disk(answers or "~")),
        "power": had(power.supply),
        "sound": had(lambda: devices.devices(user)),
        "session": had(lambda: session.facts(user)),
    }
    if wanted.get("process"):
        seen["process"] = had(lambda: _process(str(wanted["process"])))
    if answers:
        seen["answers"] = had(lambda: _answers(answers))
    return seen


def _process(name: str) -> Json:
    pids = [p["pid"] for p in processes.running() if processes.plain(p["name"]) == processes.plain(name)]
    return {"running": bool(pids), "pids": pids}


def _answers(folder: str) -> Any:
    found = collect.look(expand(folder)).files
    return [
        {"path": path, "size": file.size, "mtime": file.changed / 1e9} for path, file in sorted(found.items())
    ]
