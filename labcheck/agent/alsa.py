"""Sound cards as the kernel has them, for a system without a sound server."""

from __future__ import annotations

import os
import re

from .protocol import Json, Unavailable

ROOT = "/proc/asound"


def devices(root: str = ROOT) -> Json:
    """``{server, kind, inputs, outputs}``; mute and volume are not known here. Raises Unavailable."""
    try:
        with open(os.path.join(root, "pcm"), encoding="utf-8", errors="replace") as file:
            lines = file.read(65536).splitlines()
    except OSError:
        raise Unavailable("no sound server answers, and the kernel has no sound card") from None
    found: Json = {"server": "alsa", "kind": "alsa", "inputs": [], "outputs": []}
    for line in lines:
        head = re.match(r"(\d+)-(\d+): (.*)", line)
        if not head:
            continue
        card, number = int(head[1]), int(head[2])
        parts: list[str] = [part.strip() for part in head[3].split(" : ")]
        for direction, listed in (("playback", "outputs"), ("capture", "inputs")):
            if any(part.startswith(direction) for part in parts):
                found[listed].append(_device(root, card, number, parts[0], first=not found[listed]))
    return found


def _device(root: str, card: int, number: int, name: str, *, first: bool) -> Json:
    usb_id = None
    try:
        with open(os.path.join(root, f"card{card}", "usbid"), encoding="ascii") as file:
            usb_id = file.read(9)
    except OSError:
        pass  # not on USB
    return {
        "id": f"hw:{card},{number}",
        "name": name[:200],
        "usb_id": usb_id,
        "monitor": False,
        "virtual": name.startswith("Loopback"),
        "muted": None,
        "volume_percent": None,
        "default": first,
        "plugged": None,
    }
