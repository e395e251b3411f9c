"""PulseAudio, and PipeWire where it speaks PulseAudio's protocol, through ``pactl``.

The text that pactl prints for people is read, in the C locale, and not its JSON: the JSON loses every
description that is not ASCII (pactl 16 prints "(null)"), and PulseAudio before 15 has none."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from .programs import Account, run
from .protocol import Json, Unavailable
from .typed import Any, NamedTuple

SECONDS = 5.0
NAME_CHARS = 200
VIRTUAL_DRIVERS = ("null", "remap", "pipe", "combine", "echo-cancel", "tunnel", "loopback", "ladspa")


class Reach(NamedTuple):
    """How to talk to the sound server: environment, and the account whose server it is (None: ours)."""

    env: Mapping[str, str]
    account: Account | None = None


class Record(NamedTuple):
    """One thing that ``pactl list`` describes: its kind ("Source Output"), number, fields and properties."""

    kind: str
    number: int
    fields: dict[str, str]
    properties: dict[str, str]


def ask(reach: Reach, *words: str) -> str:
    """What pactl answers. Raises Unavailable."""
    env = {**reach.env, "LC_ALL": "C", "LANGUAGE": ""}
    server = env.get("PULSE_SERVER", "")
    if server.startswith("unix:/") and not os.path.exists(server[len("unix:") :]):
        raise Unavailable("no sound server runs for that account")
    ran = run(["pactl", *words], SECONDS, env=env, account=reach.account)
    if ran.status is None:
        raise Unavailable("the sound server does not answer")
    if ran.status != 0:
        raise Unavailable(f"pactl: {ran.stderr.strip()[:200]}")
    return ran.stdout


def parse(text: str) -> list[Record]:
    """The records of ``pactl list``."""
    found: list[Record] = []
    field = ""
    for line in text.splitlines():
        head = re.match(r"([A-Z][A-Za-z -]*) #(\d+)$", line)
        if head:
            found.append(Record(head[1], int(head[2]), {}, {}))
        elif found and line.startswith("\t\t"):
            _deeper(found[-1], field, line.strip())
        elif found and line.startswith("\t"):
            field, _colon, value = line.strip().partition(":")
            found[-1].fields[field] = value.strip()
    return found


def _deeper(record: Record, field: str, line: str) -> None:
    if field == "Properties":
        key, _equals, value = line.partition(" = ")
        record.properties[key] = value.strip('"')
    elif field == "Ports":
        port, _colon, rest = line.partition(":")
        record.fields["Port " + port] = rest


def defaults(info: str) -> dict[str, str]:
    """The fields of ``pactl info``."""
    return {key: value.strip() for key, _c, value in (line.partition(":") for line in info.splitlines())}


def devices(reach: Reach) -> Json:
    """``{server, inputs, outputs}``. Raises Unavailable."""
    info = defaults(ask(reach, "info"))
    records = parse(ask(reach, "list"))
    server = f"{info.get('Server Name', 'pulseaudio')} {info.get('Server Version', '')}".strip()
    inputs = [_device(r, info.get("Default Source")) for r in records if r.kind == "Source"]
    outputs = [_device(r, info.get("Default Sink")) for r in records if r.kind == "Sink"]
    return {"server": server, "kind": "pulse", "inputs": inputs, "outputs": outputs}


def _device(record: Record, default: str | None) -> Json:
    fields, properties = record.fields, record.properties
    ids = [
        properties.get(f"device.{part}.id", "").lower().replace("0x", "") for part in ("vendor", "product")
    ]
    usb = properties.get("device.bus", "usb") == "usb" and all(ids)
    monitor = fields.get("Monitor of Sink", "n/a") != "n/a" or properties.get("device.class") == "monitor"
    levels = [int(level) for level in re.findall(r"(\d+)%", fields.get("Volume", ""))]
    raw = [int(level) for level in re.findall(r"(\d+) */ *\d+%", fields.get("Volume", ""))]
    driver = fields.get("Driver", "")
    return {
        "id": fields.get("Name", "")[:NAME_CHARS],
        "name": fields.get("Description", "")[:NAME_CHARS],
        "usb_id": ":".join(part.zfill(4) for part in ids) if usb else None,
        "monitor": monitor,
        "virtual": monitor or any(word in driver for word in VIRTUAL_DRIVERS),
        "muted": fields.get("Mute") == "yes",
        "volume_percent": min(levels) if levels else None,
        "raw": raw or None,
        "default": fields.get("Name") == default,
        "plugged": _plugged(fields),
    }


def _plugged(fields: dict[str, str]) -> Any:
    """Whether something is in the socket in use; None when the hardware cannot tell."""
    port = fields.get("Port " + fields.get("Active Port", ""), "")
    if "not available" in port:
        return False
    return True if re.search(r"\bavailable\)", port) else None


def put(side: str, device: str, level: Json, now: Json) -> list[list[str]]:
    """What pactl is told to make a device so loud, and muted or not, where that is not so already: each
    time that it is started costs a workstation a hundredth of a second."""
    kind = "source" if side == "input" else "sink"
    told = []
    if level["raw"] != now["raw"]:
        told.append([f"set-{kind}-volume", device, *map(str, level["raw"])])
    if level["muted"] != now["muted"]:
        told.append([f"set-{kind}-mute", device, "1" if level["muted"] else "0"])
    return told


class Bound(NamedTuple):
    """What our streams are connected to: ``{"input": id, "output": id}``, None: no stream. ``exactly`` tells
    a device from the same one that was pulled and plugged in again; ``quiet`` are our streams that the
    server plays or records muted or at another level than 100 %, as pactl calls them."""

    names: dict[str, str | None]
    exactly: dict[str, str]
    quiet: list[tuple[str, str]]


def binding(reach: Reach, pid: int) -> Bound:
    """Which devices the streams of a process are connected to."""
    records = parse(ask(reach, "list"))
    names = {(r.kind, str(r.number)): r.fields.get("Name") for r in records}
    bound = Bound({"input": None, "output": None}, {}, [])
    for record in records:
        if record.properties.get("application.process.id") != str(pid):
            continue
        for kind, device, side, word in (
            ("Source Output", "Source", "input", "source-output"),
            ("Sink Input", "Sink", "output", "sink-input"),
        ):
            if record.kind == kind:
                number = record.fields.get(device, "")
                bound.names[side] = names.get((device, number))
                bound.exactly[side] = number
                levels = set(re.findall(r"(\d+)%", record.fields.get("Volume", "")))
                if record.fields.get("Mute") == "yes" or levels - {"100"}:
                    bound.quiet.append((word, str(record.number)))
    return bound
