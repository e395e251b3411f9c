"""Power and sleep."""

from __future__ import annotations

import os
import re

from . import session, windows
from .paths import names
from .programs import WINDOWS, run
from .protocol import Json, Unavailable
from .typed import Any

SUPPLIES = "/sys/class/power_supply"
GNOME = "org.gnome.settings-daemon.plugins.power"


def supply() -> Json:
    """``{ac, battery_percent}``; a computer without a battery runs on mains."""
    if not WINDOWS and not names(SUPPLIES):  # saves the import, which costs more than all else here
        return {"ac": True, "battery_percent": None}
    import psutil  # noqa: PLC0415

    battery = psutil.sensors_battery()
    if battery is None:
        return {"ac": True, "battery_percent": None}
    plugged: bool | None = battery.power_plugged
    return {"ac": plugged, "battery_percent": round(battery.percent)}


def sleep(exam_user: str = "") -> Json:
    """``{suspend_minutes, hibernate_minutes}`` after so much idle time, on mains; null: never. Raises
    Unavailable."""
    if WINDOWS:
        return windows.sleep()
    if masked("sleep.target") or masked("suspend.target"):
        return {"suspend_minutes": None, "hibernate_minutes": None}
    found = [minutes for minutes in (_gnome(exam_user), logind()) if minutes is not False]
    if not found:
        raise Unavailable("neither systemd-logind nor a desktop says when this computer sleeps")
    after: list[float] = [float(minutes) for minutes in found if minutes is not None]
    return {"suspend_minutes": min(after) if after else None, "hibernate_minutes": None}


def masked(unit: str, roots: Any = ("/etc/systemd/system", "/run/systemd/system")) -> bool:
    """Whether somebody told systemd never to start the unit."""
    return any(os.path.realpath(os.path.join(root, unit)) == os.devnull for root in roots)


def logind(roots: Any = ("/usr/lib/systemd", "/etc/systemd", "/run/systemd")) -> Any:
    """Minutes until systemd-logind sleeps; None: never; False: it does not run here. See logind.conf(5)."""
    if not os.path.isdir("/run/systemd/system") and roots[0].startswith("/usr"):
        return False
    import configparser  # noqa: PLC0415 - hardly anything else here costs as much

    has = {"idleaction": "ignore", "idleactionsec": "30min"}
    for root in roots:
        more = [f"logind.conf.d/{name}" for name in names(root + "/logind.conf.d") if name.endswith(".conf")]
        for path in (os.path.join(root, name) for name in ("logind.conf", *more)):
            parser = configparser.ConfigParser(strict=False, interpolation=None)
            try:
                parser.read(path, encoding="utf-8")
            except (configparser.Error, UnicodeDecodeError):
                continue
            if parser.has_section("Login"):
                has.update(dict(parser["Login"]))
    if has["idleactionsec"] == "infinity" or has["idleaction"] not in {
        "suspend",
        "hibernate",
        "hybrid-sleep",
        "suspend-then-hibernate",
        "sleep",
    }:
        return None
    return span_minutes(has["idleactionsec"])


def span_minutes(text: str) -> float:
    """A systemd.time(7) span, "30min" or "1h 30s", in minutes."""
    units: dict[str, float] = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hr": 3600, "d": 86400}
    pairs = re.findall(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text)
    return sum(float(number) * units.get(unit, 1) for number, unit in pairs) / 60


def _gnome(exam_user: str) -> Any:
    """Minutes until GNOME suspends the session on mains; None: never; False: there is no such session."""
    try:
        at_screen = session.find(exam_user)
        env = session.environment(at_screen)
        if "GNOME" not in env.get("XDG_CURRENT_DESKTOP", ""):
            return False
        who = session.account(at_screen)
        said = [
            run(["gsettings", "get", GNOME, key], 5.0, env=env, account=who).stdout.strip()
            for key in ("sleep-inactive-ac-type", "sleep-inactive-ac-timeout")
        ]
    except Unavailable:
        return False
    if said[0] == "'nothing'" or said[1] == "0":
        return None
    return int(said[1]) / 60 if said[1].isdigit() else False
