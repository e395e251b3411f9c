"""What runs: names of programs, those that let others in from afar, and updates at work."""

from __future__ import annotations

import os
from typing import Any

from . import windows
from .brief import brief
from .programs import WINDOWS
from .protocol import Json

REMOTE_CONTROL = (
    "aa_v3", "ammyy", "anydesk", "assistant_service", "aspia", "chrome-remote-desktop", "dwagent",
    "dwservice", "getscreen", "gnome-remote-desktop", "krfb", "litemanager", "logmein", "meshagent",
    "nxserver", "parsec", "quickassist", "radmin", "remmina", "romserver", "romviewer", "rserver3",
    "rudesktop", "rustdesk", "rutserv", "rutview", "screenconnect", "splashtop", "supremo", "teamviewer",
    "tightvnc", "tvnserver", "ultraviewer", "ultravnc", "vino-server", "vncserver", "winvnc",
    "x0vncserver", "x11vnc", "xrdp", "zohoassist",
)  # fmt: skip
"""How the processes of remote-control programs begin, in lower case."""
UPDATERS = (
    "apt", "apt-get", "aptitude", "dnf", "dnf-automatic", "dpkg", "eos-updater", "musetup",
    "packagekitd", "rpm", "sedlauncher", "setuphost", "tiworker", "urpmi", "usoclient", "yum", "zypper",
)  # fmt: skip
"""Processes that change the system while they run, in lower case. Not unattended-upgrades: a part of it
always runs; what it installs shows as dpkg."""


@brief
def running() -> list[Json]:
    """``[{name, pid}]``; names only, never what they were called with."""
    import psutil  # noqa: PLC0415

    found = (
        {"name": str(p.info["name"]), "pid": p.pid} for p in psutil.process_iter(["name"]) if p.info["name"]
    )
    return sorted(found, key=lambda process: (process["name"].lower(), process["pid"]))


def plain(name: str) -> str:
    """A program's name in lower case without ``.exe``."""
    name = name.lower()
    return name[:-4] if name.endswith(".exe") else name


def remote_control() -> list[str]:
    """Names of the programs found that let somebody else see or steer this computer."""
    names = {str(process["name"]) for process in running()}
    return sorted(name for name in names if plain(name).startswith(REMOTE_CONTROL))


def updates() -> Json:
    """``{pending_reboot, service_active}``: a restart is due; an update is at work now."""
    if WINDOWS:
        pending: Any = bool(windows.facts().get("restart"))
    else:
        pending = os.path.exists("/run/reboot-required") or os.path.exists("/var/run/reboot-required")
    active = any(plain(process["name"]) in UPDATERS for process in running())
    return {"pending_reboot": pending, "service_active": active}
