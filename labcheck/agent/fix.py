"""``fix``: what is safe to put right from afar, on the operator's word. Looked at before and after."""

from __future__ import annotations

import os
import subprocess
import time

from . import devices, processes, pulse, session, tasks, windows_sound
from .programs import WINDOWS, run
from .protocol import Conversation, Json, Refused, Unavailable
from .sound import choose
from .store import Store
from .typed import Any

END_SECONDS = 5.0
START_SECONDS = 5.0


def fix(_conversation: Conversation, wanted: Json) -> Json:
    """``{"what": ...}`` -> ``{before, after, done}``; ``done``: the look afterwards shows what was asked for.

    unmute, volume (``percent``), default-device: ``direction`` ("input" or "output"), ``id`` (null: the
    default one); restart-app: ``process``, ``exam_user``, ``command`` (arguments; ``{folder}`` is the folder
    of ``software``)."""
    what = str(wanted.get("what"))
    if what == "restart-app":
        return _restart(wanted)
    if what not in {"unmute", "volume", "default-device"}:
        raise Refused("unknown-fix", "that cannot be put right from afar", what=what[:60])
    user, direction = str(wanted.get("exam_user") or ""), str(wanted.get("direction"))
    if direction not in {"input", "output"}:
        raise Refused("bad-request", "input or output?")
    before = choose(devices.devices(user)[direction + "s"], wanted.get("id"))
    percent = int(wanted.get("percent", 100))
    if not 0 <= percent <= 100:
        raise Refused("bad-request", "a level is from 0 to 100 per cent")
    if WINDOWS:
        _windows(what, before["id"], percent)
    else:
        pulse.ask(devices.reach(user), *words(what, direction, before["id"], percent))
    after = next((d for d in devices.devices(user)[direction + "s"] if d["id"] == before["id"]), None)
    shown: dict[str, Any] = {
        "unmute": after and after["muted"] is False,
        "volume": after and after["volume_percent"] == percent,
        "default-device": after and after["default"],
    }
    return {"before": before, "after": after, "done": bool(shown[what])}


def words(what: str, direction: str, device: str, percent: int) -> list[str]:
    """What pactl is told."""
    kind = "source" if direction == "input" else "sink"
    return {
        "unmute": [f"set-{kind}-mute", device, "0"],
        "volume": [f"set-{kind}-volume", device, f"{percent}%"],
        "default-device": [f"set-default-{kind}", device],
    }[what]


def _windows(what: str, device: str, percent: int) -> None:
    if what == "default-device":
        raise Unavailable("Windows lets only a person choose the default device: Settings, System, Sound")
    command = (
        windows_sound.change("mute", device, False)
        if what == "unmute"
        else windows_sound.change("level", device, percent)
    )
    ran = run(command, windows_sound.SECONDS)
    if ran.status != 0:
        raise Unavailable(f"Core Audio: {ran.stderr.strip()[:200]}")


def _restart(wanted: Json) -> Json:
    """End the program in an orderly way where it can, and start it in the session at the screen."""
    import psutil  # noqa: PLC0415

    name, command = str(wanted.get("process") or ""), [str(word) for word in wanted.get("command") or ()]
    if wanted.get("software"):
        folder = Store(str(wanted["software"])).current
        command = [word.replace("{folder}", folder) for word in command]
    if not name or not command:
        raise Refused("bad-request", "which program, and how is it started?")
    before = _named(name)
    for process in before:
        try:
            process.terminate()
        except psutil.Error as refused:
            raise Refused(
                "not-ours", "the program belongs to somebody else", why=type(refused).__name__
            ) from None
    _gone, alive = psutil.wait_procs(before, timeout=END_SECONDS)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=END_SECONDS)
    old = [process.pid for process in before]
    start_at_screen(command, str(wanted.get("exam_user") or ""))
    until = time.monotonic() + START_SECONDS
    while not _named(name) and time.monotonic() < until:
        time.sleep(0.1)
    after = [process.pid for process in _named(name)]
    return {"before": {"pids": old}, "after": {"pids": after}, "done": bool(after)}


def _named(name: str) -> list[Any]:
    import psutil  # noqa: PLC0415

    return [
        p
        for p in psutil.process_iter(["name"])
        if p.pid != os.getpid()
        and processes.plain(p.info["name"] or "") == processes.plain(name)
        and p.status() != psutil.STATUS_ZOMBIE
    ]


def start_at_screen(command: list[str], exam_user: str) -> None:
    """Start a program in the session at the screen and leave it running. Raises Refused, Unavailable."""
    if WINDOWS:
        tasks.start_in_session(command)
        return
    try:
        at_screen = session.find(exam_user)
    except Unavailable:
        at_screen = None
    who = session.account(at_screen)
    more: dict[str, Any] = {"user": who.uid, "group": who.gid, "extra_groups": []} if who else {}
    try:
        subprocess.Popen(
            command,
            env=session.environment(at_screen),
            cwd=os.path.expanduser("~"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **more,
        )
    except OSError as failed:
        raise Refused("cannot-start", f"{command[0]}: {failed.strerror}") from None
