"""PipeWire through ``pw-dump``, for a system that has no ``pactl``. Devices can be listed, not used."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from .programs import run
from .protocol import Json, Unavailable
from .pulse import Reach
from .typed import Any

SECONDS = 5.0
SYSTEM_WIDE = "/run/pipewire"


def devices(reach: Reach) -> Json:
    """``{server, kind, inputs, outputs}``. Raises Unavailable."""
    if not _runs(reach.env):
        raise Unavailable("no sound server runs for that account")
    ran = run(["pw-dump", "--no-colors"], SECONDS, env=reach.env, account=reach.account)
    if ran.status != 0:
        raise Unavailable(f"pw-dump: {ran.stderr.strip()[:200]}")
    return parse(ran.stdout)


def _runs(env: Mapping[str, str]) -> bool:
    """Whether there is a socket where pw-dump would look for one: it costs 5 ms to learn that from it."""
    if env.get("PIPEWIRE_REMOTE") or env.get("PIPEWIRE_RUNTIME_DIR"):
        return True
    folders = (env.get("XDG_RUNTIME_DIR") or SYSTEM_WIDE, SYSTEM_WIDE)
    return any(os.path.exists(os.path.join(folder, "pipewire-0")) for folder in folders)


def parse(text: str) -> Json:
    """Devices from what pw-dump prints: a list of objects."""
    try:
        objects: list[Json] = [o for o in json.loads(text) if isinstance(o, dict)]
    except (ValueError, TypeError):
        raise Unavailable("pw-dump printed no JSON") from None
    chosen: dict[str, str] = {}
    cards: dict[Any, Json] = {}
    for thing in objects:
        cards[thing.get("id")] = _properties(thing)
        for entry in thing.get("metadata") or []:
            if isinstance(entry.get("value"), dict) and "name" in entry["value"]:
                chosen[entry.get("key", "")] = entry["value"]["name"]
    found: Json = {"server": "pipewire", "kind": "pipewire", "inputs": [], "outputs": []}
    for thing in objects:
        media = str(_properties(thing).get("media.class", ""))
        if media.startswith("Audio/Source"):
            found["inputs"].append(_device(thing, cards, chosen.get("default.audio.source")))
        elif media.startswith("Audio/Sink"):
            found["outputs"].append(_device(thing, cards, chosen.get("default.audio.sink")))
    return found


def _properties(thing: Json) -> Json:
    return dict((thing.get("info") or {}).get("props") or {})


def _device(thing: Json, cards: dict[Any, Json], default: Any) -> Json:
    properties = _properties(thing)
    card = cards.get(properties.get("device.id"), {})
    levels: Json = next(iter((thing["info"].get("params") or {}).get("Props") or []), {})
    volumes = levels.get("channelVolumes") or []
    ids = [str(card.get(f"device.{part}.id", "")).lower().replace("0x", "") for part in ("vendor", "product")]
    usb = card.get("device.bus") == "usb" and all(ids)
    return {
        "id": str(properties.get("node.name", ""))[:200],
        "name": str(properties.get("node.description") or properties.get("node.name", ""))[:200],
        "usb_id": ":".join(part.zfill(4) for part in ids) if usb else None,
        "monitor": False,  # a node's monitor is ports of the sink here, no device of its own
        "virtual": "device.id" not in properties,
        "muted": levels.get("mute"),
        "volume_percent": round(min(volumes) ** (1 / 3) * 100) if volumes else None,  # volumes are cubic
        "default": properties.get("node.name") == default,
        "plugged": None,
    }
