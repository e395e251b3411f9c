"""What Windows tells through CIM, its registry and powercfg, whatever language it speaks."""

from __future__ import annotations

import json
import re

from .programs import powershell, run
from .protocol import Json, Unavailable
from .typed import Any

SECONDS = 30.0
FACTS = (
    "$s=Get-CimInstance Win32_ComputerSystem;$o=Get-CimInstance Win32_OperatingSystem;"
    "$v=@(Get-CimInstance Win32_VideoController|Where-Object CurrentHorizontalResolution);"
    "$u='HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\';"
    "$t=Get-CimInstance -ClassName Win32_Service -Filter \"Name='W32Time'\";"
    "ConvertTo-Json -Compress @{caption=$o.Caption;maker=$s.Manufacturer;model=$s.Model;"
    "cpu=(@(Get-CimInstance Win32_Processor)[0]).Name;"
    "bios=(Get-CimInstance Win32_BIOS).SMBIOSBIOSVersion;"
    "screens=@($v|ForEach-Object{,@($_.CurrentHorizontalResolution,$_.CurrentVerticalResolution)});"
    "restart=((Test-Path ($u+'Component Based Servicing\\RebootPending')) -or "
    "(Test-Path ($u+'WindowsUpdate\\Auto Update\\RebootRequired')));"
    "time=$t.State;zone=(Get-TimeZone).Id}"
)
"""One question for all that CIM knows: PowerShell takes a second to start."""
SLEEP = ["powercfg", "/query", "SCHEME_CURRENT", "SUB_SLEEP", "STANDBYIDLE"]
HIBERNATE = ["powercfg", "/query", "SCHEME_CURRENT", "SUB_SLEEP", "HIBERNATEIDLE"]
CLOCK = ["w32tm", "/query", "/status"]
_had: dict[str, Json] = {}


def facts() -> Json:
    """What FACTS answers; asked once. Raises Unavailable."""
    if "facts" not in _had:
        ran = run(powershell(FACTS), SECONDS)
        try:
            _had["facts"] = dict(json.loads(ran.stdout))
        except (ValueError, TypeError):
            raise Unavailable(f"PowerShell: {ran.stderr.strip()[:200] or 'no answer'}") from None
    return _had["facts"]


def screen() -> Json:
    """``{width, height}`` of the largest. Raises Unavailable."""
    return largest(facts().get("screens"))


def largest(screens: Any) -> Json:
    """From ``[[width, height], ...]``."""
    if not screens:
        raise Unavailable("no video controller shows a picture")
    width, height = max(screens, key=lambda size: size[0] * size[1])
    return {"width": int(width), "height": int(height)}


def sleep_minutes(query: str) -> float | None:
    """Minutes of the alternating-current setting, from ``powercfg /query``; None: never. Raises Unavailable.

    The words are in the system's language; the last two hexadecimal values are those in force, mains then
    battery, in seconds."""
    values = re.findall(r"0x([0-9a-fA-F]{8})\s*$", query, re.MULTILINE)
    if len(values) < 2:
        raise Unavailable("powercfg does not say when the computer sleeps")
    seconds = int(values[-2], 16)
    return seconds / 60 if seconds else None


def sleep() -> Json:
    """``{suspend_minutes, hibernate_minutes}`` on mains."""
    return {
        "suspend_minutes": sleep_minutes(run(SLEEP, 10.0).stdout),
        "hibernate_minutes": sleep_minutes(run(HIBERNATE, 10.0).stdout),
    }


def clock_synchronised(status: int, text: str) -> bool:
    """From ``w32tm /query /status``: its service runs, and a source is in use. A leap indicator of 3 is
    "not"."""
    leap = re.search(r":\s*(\d)\(", text)
    return status == 0 and leap is not None and leap[1] != "3"
