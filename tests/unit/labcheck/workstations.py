"""A workstation as it should be, and a profile that demands everything of it."""

from __future__ import annotations

import copy
from typing import Any

from labcheck.judges.base import Seen
from labcheck.requirements import (
    Processor,
    Range,
    Requirements,
    Software,
    SoftwareFile,
    SystemVersion,
)

SEEN = Seen(asked=1_800_000_000.0, answered=1_800_000_000.4, network_ms=2.0)
EVERYTHING = Requirements(
    systems=(SystemVersion("windows", "10"), SystemVersion("linux", "10", "ALT")),
    processors=(Processor(2, 2500), Processor(1, 3000)),
    min_memory_mb=4096,
    min_free_disk_mb=10240,
    answers_writable=True,
    plain_answers_path=True,
    min_screen=(1024, 768),
    max_clock_offset_s=5.0,
    utc_offset_minutes=180,
    ac_power=True,
    min_battery_percent=50,
    forbid_sleep=True,
    forbid_updates=True,
    forbid_processes=("obs64", "Zoom.exe"),
    forbid_remote_control=True,
    forbid_vm=True,
    max_network_ms=100.0,
    headset=True,
    headset_usb_ids=("046d:0a44",),
    input_volume=Range(40, 100),
    output_volume=Range(20, 90),
    exam_session=True,
    exam_user="exam",
    software=Software(
        "Станция записи",
        "2.1",
        (SoftwareFile("oral.exe", "a" * 64), SoftwareFile("data/voice.dat", "b" * 64)),
    ),
)
_HEADSET = {
    "id": "alsa.usb-headset",
    "name": "Logitech H340",
    "usb_id": "046d:0a44",
    "monitor": False,
    "muted": False,
    "volume_percent": 70,
    "default": True,
}
_GOOD: dict[str, Any] = {
    "os": {
        "system": "Windows", "name": "Windows 10 Pro", "version": "10.0.19045", "release": "10",
        "machine": "AMD64",
    },
    "cpu": {"model": "Intel Core i3", "cores": 2, "mhz_max": 3600.0},
    "memory": {"total_mb": 8072, "available_mb": 5100},
    "disk": {"path": "C:\\answers", "free_mb": 204_800, "total_mb": 512_000, "writable": True},
    "screen": {"width": 1920, "height": 1080},
    "clock": {"utc": 1_800_000_000.2, "zone": "RTZ 2", "utc_offset_minutes": 180, "synchronised": True},
    "power": {"ac": True, "battery_percent": 93},
    "sleep": {"suspend_minutes": None, "hibernate_minutes": 0},
    "updates": {"pending_reboot": False, "service_active": False},
    "processes": [{"name": "explorer.exe", "pid": 4}, {"name": "oral.exe", "pid": 70}],
    "remote_control": [],
    "virtual": {"is_vm": False, "kind": None},
    "network": {"controller_ms": {"unavailable": "measured by the controller"}},
    "sound": {
        "server": "wasapi",
        "inputs": [{**_HEADSET}, {**_HEADSET, "name": "Monitor", "monitor": True, "default": False}],
        "outputs": [{**_HEADSET}],
    },
    "session": {"user": "SCHOOL\\exam", "graphical": True, "active": True, "idle_s": 3},
    "software": {
        "installed_version": "2.1",
        "sha256": {"oral.exe": "a" * 64, "data/voice.dat": "b" * 64},
    },
    "python": "3.11.2",
}  # fmt: skip


def good() -> dict[str, Any]:
    """The facts of a workstation that is READY; the caller's own copy."""
    return copy.deepcopy(_GOOD)


def changed(path: str, value: object) -> dict[str, Any]:
    """The same with one value set: "memory.total_mb", "sound.inputs.0.muted"."""
    facts = good()
    inner: Any = facts
    *steps, last = path.split(".")
    for step in steps:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    inner[int(last) if isinstance(inner, list) else last] = value
    return facts


def without(path: str) -> dict[str, Any]:
    """The same with one value left out."""
    facts = good()
    inner: Any = facts
    *steps, last = path.split(".")
    for step in steps:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    del inner[last]
    return facts
