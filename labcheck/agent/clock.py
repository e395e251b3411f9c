"""The clock: what it shows, its zone, and whether something keeps it right."""

from __future__ import annotations

import ctypes
import os
import time

from . import windows
from .programs import WINDOWS, run
from .protocol import Fact, Json, Unavailable
from .typed import Any

TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised."""


def facts() -> Json:
    """``{utc, zone, utc_offset_minutes, synchronised}``; utc in seconds since 1970."""
    offset = time.localtime().tm_gmtoff // 60
    try:
        synchronised: Fact = _synchronised()
    except Unavailable as why:
        synchronised = {"unavailable": str(why)}
    return {
        "utc": time.time(),
        "zone": _zone(),
        "utc_offset_minutes": offset,
        "synchronised": synchronised,
    }


def _zone() -> Any:
    if WINDOWS:
        return windows.facts().get("zone")
    if os.environ.get("TZ"):
        return os.environ["TZ"].lstrip(":")
    target = os.path.realpath("/etc/localtime")
    if "zoneinfo/" in target:
        return target.split("zoneinfo/", 1)[1]
    try:
        with open("/etc/timezone", encoding="ascii") as file:
            return file.read(100).strip()
    except OSError:
        return time.tzname[0]


def _synchronised() -> bool:
    """What the kernel, or Windows' time service, says. Raises Unavailable."""
    if WINDOWS:
        ran = run(windows.CLOCK, 10.0)
        return windows.clock_synchronised(ran.status or 0, ran.stdout)
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.adjtimex(ctypes.create_string_buffer(512))  # all zero: struct timex that sets nothing
    if state < 0:
        raise Unavailable("the kernel does not tell how its clock is kept")
    return bool(state != TIME_ERROR)
