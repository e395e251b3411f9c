"""What runs: names of programs, those that let others in from afar, and updates at work."""

from __future__ import annotations

import os
import sys

from . import windows
from .brief import brief
from .programs import WINDOWS
from .protocol import Json
from .typed import Any

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
KERNEL_CHARACTERS = 15
"""Linux keeps no more of a process's name."""


@brief
def running() -> list[Json]:
    """``[{name, pid}]``; names only, never what they were called with."""
    found = _of_proc() if sys.platform == "linux" else _of_psutil()
    return sorted(found, key=lambda process: (process["name"].lower(), process["pid"]))


def _of_psutil() -> list[Json]:
    import psutil  # noqa: PLC0415

    every = psutil.process_iter(["name"])
    return [{"name": str(p.info["name"]), "pid": p.pid} for p in every if p.info["name"]]


def _of_proc() -> list[Json]:
    """As psutil finds them, at a tenth of its cost: it looks up many things of every process."""
    found: list[Json] = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/comm", "rb") as file:
                name = os.fsdecode(file.read()[:-1])
            if len(name) == KERNEL_CHARACTERS:
                name = _whole(entry, name)
        except OSError:  # it has ended
            continue
        if name:
            found.append({"name": name, "pid": int(entry)})
    return found


def _whole(pid: str, cut: str) -> str:
    """A name that the kernel may have cut, from how the program was called."""
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        called = os.path.basename(os.fsdecode(file.read(4096).split(b"\0")[0]))
    return called if called.startswith(cut) else cut


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
