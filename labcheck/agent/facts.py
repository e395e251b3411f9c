"""``facts``: what this workstation is, and how it stands. Nothing is changed, nothing is guessed.

Every fact is there; one that cannot be had is ``{"unavailable": reason}``, and takes no other with it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from . import clock, devices, machine, power, processes, session, software_facts
from .protocol import Conversation, Fact, Json, Unavailable
from .typed import Any


def facts(_conversation: Conversation, wanted: Json) -> Json:
    """``wanted``: answers (folder), exam_user, software (as for verify), files (paths to hash), only (names).

    ``network.controller_ms`` is measured by whoever asks.
    """
    user = str(wanted.get("exam_user") or "")
    parts: dict[str, Callable[[], Any]] = {
        "os": machine.system,
        "cpu": machine.processor,
        "memory": machine.memory,
        "disk": lambda: machine.disk(str(wanted.get("answers") or "~")),
        "screen": lambda: machine.screen(user),
        "clock": clock.facts,
        "power": power.supply,
        "sleep": lambda: power.sleep(user),
        "updates": processes.updates,
        "processes": processes.running,
        "remote_control": processes.remote_control,
        "virtual": machine.virtual,
        "network": lambda: {"controller_ms": {"unavailable": "the controller measures it"}},
        "sound": lambda: devices.devices(user),
        "session": lambda: session.facts(user),
        "software": lambda: software_facts.facts(wanted.get("software"), wanted.get("files") or []),
        "python": lambda: ".".join(map(str, sys.version_info[:3])),
    }
    only = wanted.get("only")
    return {name: had(part) for name, part in parts.items() if only is None or name in only}


def had(part: Callable[[], Any]) -> Fact:
    """The fact, or why it cannot be had."""
    try:
        return part()
    except Unavailable as why:
        return {"unavailable": str(why)}
    except Exception as mistake:  # noqa: BLE001 - one fact must never cost the others
        return {"unavailable": f"{type(mistake).__name__}: {mistake}"[:300]}
