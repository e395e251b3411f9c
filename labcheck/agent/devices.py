"""Which sound devices there are, from whoever knows: the sound server of the session, or the kernel."""

from __future__ import annotations

import os
from collections.abc import Callable

from . import pulse, session
from .programs import WINDOWS
from .protocol import Json, Unavailable


def reach(exam_user: str = "") -> pulse.Reach:
    """How to talk to the sound server of whoever is logged in at the screen; of our own account if nobody is
    known.

    Raises Unavailable when it belongs to somebody else whom we cannot act as.
    """
    at_screen: session.Session | None = None
    if not any(name in os.environ for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "PIPEWIRE_REMOTE")):
        try:
            at_screen = session.find(exam_user)
        except Unavailable:
            at_screen = _by_name(exam_user)
        at_screen = at_screen or _by_name(exam_user)
    env = session.environment(at_screen)
    runtime = f"{session.RUNTIME}/{os.geteuid()}" if not WINDOWS else ""
    if "XDG_RUNTIME_DIR" not in env and os.path.isdir(runtime):
        env["XDG_RUNTIME_DIR"] = runtime
    if "PULSE_SERVER" not in env:
        env["PULSE_SERVER"] = _socket(env)
    return pulse.Reach(env, session.account(at_screen))


def _socket(env: dict[str, str]) -> str:
    """The server's socket by name: left to find it, a client starts a server of its own where none runs."""
    runtime = env.get("XDG_RUNTIME_DIR", "/nonexistent")
    folder = env.get("PULSE_RUNTIME_PATH") or os.path.join(runtime, "pulse")
    return f"unix:{folder}/native"


def _by_name(exam_user: str) -> session.Session | None:
    """The exam account without a session that is known of: its sound server may run all the same."""
    if WINDOWS or not exam_user:
        return None
    import pwd  # noqa: PLC0415 - not on Windows

    try:
        uid = pwd.getpwnam(exam_user).pw_uid
    except KeyError:
        return None
    known = os.path.isdir(os.path.join(session.RUNTIME, str(uid)))
    return session.Session(exam_user, uid, active=True, idle_s=None, leader=None) if known else None


def devices(exam_user: str = "") -> Json:
    """``{server, kind, inputs, outputs}``; a device: id, name, usb_id, monitor, virtual, muted,
    volume_percent, raw (a level for each channel in the system's own unit: 65536 or, on Windows, 1 is 100 %;
    absent or None: not told), default, plugged. Raises Unavailable."""
    if WINDOWS:
        from . import windows_sound  # noqa: PLC0415 - only there

        return windows_sound.devices()
    through = reach(exam_user)
    try:
        return pulse.devices(through)
    except Unavailable as no_pulse:
        from . import alsa, pipewire  # noqa: PLC0415 - hardly ever needed

        others: list[Callable[[], Json]] = [lambda: pipewire.devices(through), alsa.devices]
        for other in others:
            try:
                return other()
            except Unavailable:
                continue
        raise Unavailable(f"{no_pulse}; no sound card is known to PipeWire or the kernel either") from None
