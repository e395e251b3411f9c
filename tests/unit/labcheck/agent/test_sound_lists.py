"""Sound devices as pactl, pw-dump and the kernel tell of them; running servers are asked elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labcheck.agent import alsa, pipewire, pulse
from labcheck.agent.protocol import Refused, Unavailable
from labcheck.agent.sound import choose

PACTL = """\
Source #2
\tState: SUSPENDED
\tName: alsa_input.usb-Logitech_Headset-00.mono-fallback
\tDescription: Гарнитура "Logitech" Моно
\tDriver: module-alsa-card.c
\tMute: yes
\tVolume: mono: 26214 /  40% / -23.88 dB
\t        balance 0.00
\tMonitor of Sink: n/a
\tProperties:
\t\tdevice.bus = "usb"
\t\tdevice.vendor.id = "046d"
\t\tdevice.product.id = "0a44"
\t\tdevice.class = "sound"
\tPorts:
\t\tanalog-input-mic: Microphone (type: Mic, priority: 8700, availability unknown)
\tActive Port: analog-input-mic
\tFormats:
\t\tpcm

Source #3
\tState: SUSPENDED
\tName: alsa_input.pci-0000_00_1f.3.analog-stereo
\tDescription: Встроенное аудио
\tDriver: module-alsa-card.c
\tMute: no
\tVolume: front-left: 65536 / 100% / 0.00 dB,   front-right: 32768 /  50% / -18.06 dB
\tMonitor of Sink: n/a
\tProperties:
\t\tdevice.bus = "pci"
\t\tdevice.vendor.id = "8086"
\t\tdevice.product.id = "a348"
\tPorts:
\t\tanalog-input-rear-mic: Rear Microphone (type: Mic, priority: 8200, availability group: x, not available)
\tActive Port: analog-input-rear-mic

Source #4
\tName: alsa_output.usb-Logitech_Headset-00.analog-stereo.monitor
\tDescription: Monitor of Гарнитура
\tMute: no
\tVolume: front-left: 65536 / 100% / 0.00 dB
\tMonitor of Sink: alsa_output.usb-Logitech_Headset-00.analog-stereo
\tProperties:
\t\tdevice.class = "monitor"

Source Output #17
\tDriver: protocol-native.c
\tSource: 2
\tProperties:
\t\tapplication.process.id = "4711"

Client #99
\tDriver: protocol-native.c
\tProperties:
\t\tapplication.process.id = "4711"
"""


def test_pactl_fields() -> None:
    headset, built_in, monitor = (pulse._device(r, headset_id()) for r in sources())
    assert headset == {
        "id": headset_id(),
        "name": 'Гарнитура "Logitech" Моно',
        "usb_id": "046d:0a44",
        "monitor": False,
        "virtual": False,
        "muted": True,
        "volume_percent": 40,
        "raw": [26214],
        "default": True,
        "plugged": None,
    }
    assert built_in["usb_id"] is None, "a PCI card has vendor and product too"
    assert built_in["volume_percent"] == 50, "the quieter channel counts"
    assert built_in["raw"] == [65536, 32768]
    assert built_in["plugged"] is False
    assert monitor["monitor"]
    assert not monitor["default"]


def headset_id() -> str:
    return "alsa_input.usb-Logitech_Headset-00.mono-fallback"


def sources() -> list[pulse.Record]:
    return [record for record in pulse.parse(PACTL) if record.kind == "Source"]


def test_a_port_that_is_there() -> None:
    text = PACTL.replace("availability unknown", "availability group: Legacy 1, available")
    record = next(record for record in pulse.parse(text) if record.kind == "Source")
    assert pulse._device(record, None)["plugged"] is True


def test_what_is_no_record_is_passed_over() -> None:
    assert pulse.parse("garbage\n\tName: x\n\t\ty = z\n") == []
    assert pulse.parse("") == []


def test_a_monitor_is_no_microphone() -> None:
    listed = [pulse._device(record, None) for record in sources()]
    with pytest.raises(Refused) as refused:
        choose(listed, listed[2]["id"])
    assert refused.value.code == "monitor-source"
    with pytest.raises(Refused) as refused:
        choose(listed, None)
    assert refused.value.code == "no-such-device", "no default one: none is guessed"
    assert choose(listed, listed[0]["id"]) == listed[0]


# As pw-dump of PipeWire 0.3.65 printed it, shortened.
PW_DUMP: list[object] = [
    {"id": 32, "type": "PipeWire:Interface:Metadata", "metadata": [
        {"subject": 0, "key": "default.audio.sink", "type": "Spa:String:JSON", "value": {"name": "head"}},
        {"subject": 0, "key": "log.level", "type": "", "value": 2},
    ]},
    {"id": 50, "type": "PipeWire:Interface:Device", "info": {"props": {
        "device.bus": "usb", "device.vendor.id": "0x046d", "device.product.id": "0xa44"}}},
    {"id": 35, "type": "PipeWire:Interface:Node", "info": {
        "props": {"media.class": "Audio/Sink", "node.description": "Наушники", "node.name": "head",
                  "device.id": 50},
        "params": {"Props": [{"mute": True, "channelVolumes": [0.125, 1.0]}]}}},
    {"id": 40, "type": "PipeWire:Interface:Node", "info": {
        "props": {"media.class": "Audio/Source/Virtual", "node.name": "mic"}, "params": {}}},
    {"id": 41, "type": "PipeWire:Interface:Client", "info": None},
]  # fmt: skip


def test_pw_dump_fields() -> None:
    found = pipewire.parse(json.dumps(PW_DUMP))
    (head,), (mic,) = found["outputs"], found["inputs"]
    assert head["usb_id"] == "046d:0a44"
    assert (head["name"], head["muted"], head["volume_percent"], head["default"]) == (
        "Наушники",
        True,
        50,
        True,
    )
    assert not head["virtual"]
    assert (mic["id"], mic["muted"], mic["volume_percent"], mic["default"]) == ("mic", None, None, False)
    assert mic["virtual"]


@pytest.mark.parametrize("text", ["", "{", "7"])
def test_pw_dump_nonsense(text: str) -> None:
    with pytest.raises(Unavailable):
        pipewire.parse(text)


def test_the_kernels_cards(tmp_path: Path) -> None:
    (tmp_path / "card1").mkdir()
    (tmp_path / "card1/usbid").write_text("046d:0a44\n")
    (tmp_path / "pcm").write_text(
        "00-00: ALC887-VD Analog : ALC887-VD Analog : playback 1 : capture 1\n"
        "00-03: HDMI 0 : HDMI 0 : playback 1\n"
        "01-00: USB Audio : USB Audio : playback 1 : capture 1\n"
    )
    found = alsa.devices(str(tmp_path))
    assert [device["id"] for device in found["outputs"]] == ["hw:0,0", "hw:0,3", "hw:1,0"]
    assert [(device["id"], device["usb_id"]) for device in found["inputs"]] == [
        ("hw:0,0", None),
        ("hw:1,0", "046d:0a44"),
    ]
    assert all(device["muted"] is None and device["volume_percent"] is None for device in found["inputs"])


def test_no_sound_card_is_no_empty_list(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        alsa.devices(str(tmp_path))


def test_pw_dump_is_not_started_where_nobody_would_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pw-dump").write_text("#!/bin/sh\necho '[]'\n")
    (tmp_path / "pw-dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(pipewire, "SYSTEM_WIDE", str(tmp_path / "none"))
    env = {"XDG_RUNTIME_DIR": str(tmp_path), "PATH": str(tmp_path)}
    with pytest.raises(Unavailable, match="no sound server"):
        pipewire.devices(pulse.Reach(env))
    for there in ({**env, "PIPEWIRE_REMOTE": "other"}, {**env, "PIPEWIRE_RUNTIME_DIR": "/elsewhere"}):
        assert pipewire.devices(pulse.Reach(there))["inputs"] == []
    (tmp_path / "pipewire-0").touch()
    assert pipewire.devices(pulse.Reach(env))["inputs"] == []
