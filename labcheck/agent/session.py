"""Who is logged in at the screen. Sound and screen belong to that session, not to the one over SSH."""

from __future__ import annotations

import json
import os
import sys
import time

from .brief import brief
from .programs import WINDOWS, Account, powershell, run
from .protocol import Unavailable
from .typed import Any, NamedTuple

SECONDS = 5.0
RUNTIME = "/run/user"
UTMP = ("/run/utmp", "/var/run/utmp")
"""Where the C library looks for it."""
LOGIND = "/run/systemd/seats"
"""There where systemd-logind or elogind has run: sd_booted(3) for the part that matters here."""
BUS = "/run/dbus/system_bus_socket"
"""What loginctl asks through. Without it loginctl only costs 6 ms and says no."""


class Session(NamedTuple):
    """A session at the screen; ``uid`` and ``leader`` (a process id) are None on Windows."""

    user: str
    uid: int | None
    active: bool
    idle_s: float | None
    leader: int | None


def find(wanted_user: str = "") -> Session | None:
    """The session at the screen, that of ``wanted_user`` when there are several; None when nobody is logged
    in.

    Raises Unavailable when the system does not say.
    """
    ranked = sorted(_all(), key=lambda s: (s.user != wanted_user, not s.active))
    return ranked[0] if ranked else None


@brief
def _all() -> list[Session]:
    return _windows() if WINDOWS else _linux()


# Linux ----------------------------------------------------------------------------------------------

SHOWN = (
    "Name",
    "User",
    "Type",
    "Class",
    "Active",
    "Remote",
    "IdleHint",
    "IdleSinceHint",
    "LockedHint",
    "Leader",
)


def _linux() -> list[Session]:
    bus = os.path.exists(BUS) or "DBUS_SYSTEM_BUS_ADDRESS" in os.environ
    if not os.path.isdir(LOGIND) or not bus:
        return _from_utmp(Unavailable("systemd-logind does not run, so nobody tells who is logged in"))
    listed = run(["loginctl", "list-sessions", "--no-legend", "--no-pager"], SECONDS)
    if listed.status != 0:
        said = listed.stderr.strip().splitlines() or ["no answer"]
        return _from_utmp(Unavailable(f"loginctl: {said[0][:200]}"))
    names = [line.split()[0] for line in listed.stdout.splitlines() if line.split()]
    if not names:
        return []
    properties = [f"--property={name}" for name in SHOWN]
    shown = run(["loginctl", "show-session", *properties, *names], SECONDS)
    return parse_loginctl(shown.stdout)


def parse_loginctl(text: str) -> list[Session]:
    """Graphical sessions of people at this machine, from ``loginctl show-session``: KEY=VALUE, blocks
    apart."""
    found = []
    for block in text.strip().split("\n\n"):
        has: dict[str, str] = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        graphical = has.get("Type") in {"x11", "wayland", "mir"}
        if not graphical or has.get("Class") != "user" or has.get("Remote") == "yes":
            continue
        since = int(has.get("IdleSinceHint") or 0) / 1e6
        idle = max(0.0, time.time() - since) if has.get("IdleHint") == "yes" and since else 0.0
        active = has.get("Active") == "yes" and has.get("LockedHint") != "yes"
        uid, leader = (int(has[key]) if has.get(key, "").isdigit() else None for key in ("User", "Leader"))
        found.append(Session(has.get("Name", ""), uid, active, idle, leader))
    return found


def _from_utmp(why: Unavailable) -> list[Session]:
    """Without systemd-logind: people whom utmp has at a display."""
    if not any(os.path.exists(path) and os.path.getsize(path) for path in UTMP):
        raise why
    import psutil  # noqa: PLC0415 - costs more than all else here

    people = [p for p in psutil.users() if str(p.terminal or p.host or "").startswith(":")]
    if not people:
        raise why
    import pwd  # noqa: PLC0415 - not on Windows

    return [Session(p.name, pwd.getpwnam(p.name).pw_uid, True, None, p.pid) for p in people]


def environment(session: Session | None) -> dict[str, str]:
    """What programs in the session need to find display, bus and sound.

    What this process already has is kept: somebody who set PULSE_SERVER for it meant it.
    """
    env = dict(os.environ)
    if WINDOWS or session is None or session.uid is None:
        return env
    if session.uid != os.geteuid() == 0:
        import pwd  # noqa: PLC0415 - not on Windows

        env["HOME"] = pwd.getpwuid(session.uid).pw_dir
    runtime = os.path.join(RUNTIME, str(session.uid))
    if os.path.isdir(runtime) and not any(name.startswith(("PULSE_", "PIPEWIRE_")) for name in env):
        env["XDG_RUNTIME_DIR"] = runtime
        env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={runtime}/bus"
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE"):
        value = _of_processes(session).get(name)
        if value:
            env.setdefault(name, value)
    return env


_known: dict[int, dict[str, str]] = {}


def _of_processes(session: Session) -> dict[str, str]:
    """The environment of a process of the session that knows a display."""
    if session.uid not in _known:
        import psutil  # noqa: PLC0415

        _known[session.uid or 0] = {}
        for process in psutil.process_iter():
            try:
                if process.uids().real != session.uid:
                    continue
                has = process.environ()
            except (psutil.Error, OSError):
                continue
            if "DISPLAY" in has or "WAYLAND_DISPLAY" in has:
                _known[session.uid or 0] = has
                break
    return _known[session.uid or 0]


def account(session: Session | None) -> Account | None:
    """The account to act as in the session; None: our own. Raises Unavailable when we may not."""
    if sys.platform == "win32" or session is None or session.uid is None or session.uid == os.geteuid():
        return None
    if any(name in os.environ for name in ("PULSE_SERVER", "PIPEWIRE_REMOTE")):
        return None
    if os.geteuid() != 0:
        raise Unavailable(
            f"{session.user} is logged in at the screen, and the connection is not that account's"
        )
    import pwd  # noqa: PLC0415 - not on Windows

    return Account(session.uid, pwd.getpwuid(session.uid).pw_gid)


# Windows --------------------------------------------------------------------------------------------

WINDOWS_SESSION = (
    "$c=Get-CimInstance Win32_ComputerSystem;"
    "$l=@(Get-Process -Name LogonUI -ErrorAction SilentlyContinue).Count;"
    "ConvertTo-Json -Compress @{user=$c.UserName;locked=($l -gt 0)}"
)
"""Win32_ComputerSystem.UserName is who is logged in at the console; LogonUI runs while a screen is locked."""


def _windows() -> list[Session]:
    ran = run(powershell(WINDOWS_SESSION), 30.0)
    try:
        said: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:
        raise Unavailable(f"PowerShell: {ran.stderr.strip()[:200]}") from None
    if not said.get("user"):
        return []
    return [Session(str(said["user"]), None, not said.get("locked"), None, None)]


def facts(wanted_user: str = "") -> dict[str, Any]:
    """``{user, graphical, active, idle_s}``; user is null when nobody is logged in at the screen."""
    session = find(wanted_user)
    if session is None:
        return {"user": None, "graphical": False, "active": False, "idle_s": None}
    idle: Any = session.idle_s
    if idle is None:
        idle = {"unavailable": "this system does not say how long nobody touched it"}
    user = session.user.rsplit("\\", 1)[-1]
    return {"user": user, "graphical": True, "active": session.active, "idle_s": idle}
