"""Sound through the real agent and a real PulseAudio."""

from __future__ import annotations

import base64
import math
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labcheck.link import AgentRefused, Link
from tests.services.agents import agent
from tests.services.process import until
from tests.services.pulse import EARPHONES, MICROPHONE, Sound, sound_server

RATE = 48000
TONE = 1000


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[Sound]:
    with sound_server(tmp_path / "pulse") as server:
        yield server


@pytest.fixture
def link(sound: Sound, tmp_path: Path) -> Iterator[Link]:
    with agent(tmp_path / "home", {"PULSE_SERVER": sound.server}) as running:
        yield running


def tone(seconds: float, amplitude: int = 8000, channels: int = 2) -> str:
    frames = (
        round(amplitude * math.sin(2 * math.pi * TONE * n / RATE)) for n in range(round(seconds * RATE))
    )
    return base64.b64encode(b"".join(struct.pack("<h", f) * channels for f in frames)).decode()


def samples(pcm: str) -> tuple[int, ...]:
    data = base64.b64decode(pcm)
    return struct.unpack(f"<{len(data) // 2}h", data)


def strength(heard: tuple[int, ...], hertz: float) -> float:
    """Amplitude of one frequency."""
    angles = [2 * math.pi * hertz * n / RATE for n in range(len(heard))]
    re = sum(s * math.cos(a) for s, a in zip(heard, angles, strict=True))
    im = sum(s * math.sin(a) for s, a in zip(heard, angles, strict=True))
    return 2 * math.hypot(re, im) / len(heard)


def devices(link: Link) -> dict[str, Any]:
    return dict(link.call("facts", {"only": ["sound"]}, deadline=20)["sound"])


def test_devices_with_their_russian_names(link: Link) -> None:
    found = devices(link)
    assert found["server"].startswith("pulseaudio ")
    by_id = {device["id"]: device for side in ("inputs", "outputs") for device in found[side]}
    assert by_id["ears"]["name"] == EARPHONES
    assert by_id["mic"]["name"] == MICROPHONE
    assert by_id["mic"]["usb_id"] == by_id["ears"]["usb_id"] == "046d:0a44"
    assert [device["id"] for device in found["inputs"] if device["monitor"]] == [
        "ears.monitor",
        "air.monitor",
    ]
    assert [device["id"] for device in found["inputs"] if device["default"]] == ["mic"]
    assert [device["id"] for device in found["outputs"] if device["default"]] == ["ears"]


def test_what_is_played_is_recorded(link: Link) -> None:
    result = link.call("sound", {"pcm": tone(1.0), "record_s": 1.4}, deadline=30)
    assert result["binding"] == {
        "before": {"input": "mic", "output": "ears"},
        "after": {"input": "mic", "output": "ears"},
    }
    assert result["input"]["device"]["id"] == "mic"
    assert result["output"]["device"]["name"] == EARPHONES
    heard = samples(result["input"]["pcm"])
    assert len(heard) == result["input"]["frames"] >= 1.4 * RATE
    start = next(n for n, sample in enumerate(heard) if abs(sample) > 1000)
    middle = heard[start + 2400 : start + 2400 + 24000]
    assert 7600 < strength(middle, TONE) < 8400
    assert strength(middle, 1700) < 100
    for side in ("input", "output"):
        blocks = result[side]["blocks"]
        assert blocks[0][0] == 0
        assert [block[0] for block in blocks] == sorted({block[0] for block in blocks})
        assert all(isinstance(flag, str) for block in blocks for flag in block[3])
        times = [block[1] for block in blocks]
        assert times[-1] - times[0] > 0.5
        assert result[side]["rate"] == RATE


@pytest.mark.parametrize("rate", [16000, 44100])
def test_other_rates(link: Link, rate: int) -> None:
    result = link.call("sound", {"record_s": 0.3, "rate": rate}, deadline=30)
    assert len(samples(result["input"]["pcm"])) == result["input"]["frames"] >= 0.3 * rate
    assert result["output"] is None
    assert result["binding"]["before"] == {"input": "mic", "output": None}


def test_only_playing(link: Link) -> None:
    result = link.call("sound", {"pcm": tone(0.2), "output": "air"}, deadline=30)
    assert result["input"] is None
    assert result["output"]["device"]["id"] == "air"
    assert result["binding"]["after"] == {"input": None, "output": "air"}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"record_s": 0.2, "input": "ears.monitor"}, "monitor-source"),
        ({"record_s": 0.2, "input": "nothing"}, "no-such-device"),
        ({"pcm": "AAAAAA==", "output": "mic"}, "no-such-device"),
        ({}, "bad-request"),
        ({"pcm": "###"}, "bad-request"),
        ({"pcm": "AAAA"}, "bad-request"),
        ({"record_s": 0.2, "rate": 1}, "bad-request"),
        ({"record_s": 1e6}, "bad-request"),
    ],
)
def test_refusals(link: Link, wanted: dict[str, Any], code: str) -> None:
    with pytest.raises(AgentRefused) as refused:
        link.call("sound", wanted, deadline=30)
    assert refused.value.said == code


def test_a_default_input_that_is_a_monitor_is_no_microphone(link: Link, sound: Sound) -> None:
    sound.tell("set-default-source", "ears.monitor")
    with pytest.raises(AgentRefused) as refused:
        link.call("sound", {"record_s": 0.2}, deadline=30)
    assert refused.value.said == "monitor-source"


def test_a_microphone_that_is_pulled_fails_the_recording(link: Link, sound: Sound) -> None:
    """PulseAudio moves the stream to a monitor, which would record a perfect tone."""

    def pull() -> None:
        until(lambda: "application.process.id" in sound.tell("list", "source-outputs"), "a recording")
        sound.unplug_microphone()

    plug = threading.Thread(target=pull)
    plug.start()
    try:
        with pytest.raises(AgentRefused) as refused:
            link.call("sound", {"pcm": tone(2.5), "record_s": 2.5}, deadline=30)
    finally:
        plug.join()
    assert refused.value.said == "binding-changed"
    assert refused.value.detail["wanted"]["input"] == "mic"
    assert str(refused.value.detail["after"]["input"]).endswith(".monitor"), "the trap is there"
    assert "mic" not in {device["id"] for device in devices(link)["inputs"]}


def test_a_sound_server_that_hangs_costs_no_more_than_the_deadline(link: Link, sound: Sound) -> None:
    timer = threading.Timer(0.7, sound.freeze)
    timer.start()
    began = time.monotonic()
    with pytest.raises(AgentRefused) as refused:
        link.call("sound", {"record_s": 8.0, "deadline_s": 3}, deadline=30)
    assert refused.value.said in {"deadline-passed", "unavailable"}
    assert time.monotonic() - began < 12
    timer.join()
    assert "unavailable" in devices(link), "a fact that cannot be had says so"
    assert link.ping() < 1000, "and the agent lives"


def test_no_process_is_left_behind(link: Link) -> None:
    link.call("sound", {"record_s": 0.2}, deadline=30)
    children = Path(f"/proc/{link.hello.pid}/task/{link.hello.pid}/children").read_text()
    assert children.split() == []


def test_put_right_on_the_operators_word(link: Link, sound: Sound) -> None:
    sound.tell("set-source-mute", "mic", "1")
    sound.tell("set-source-volume", "mic", "3%")
    sound.tell("set-default-sink", "air")
    done = link.call("fix", {"what": "unmute", "direction": "input"}, deadline=20)
    assert (done["before"]["muted"], done["after"]["muted"], done["done"]) == (True, False, True)
    done = link.call("fix", {"what": "volume", "direction": "input", "id": "mic", "percent": 80}, deadline=20)
    assert (done["before"]["volume_percent"], done["after"]["volume_percent"]) == (3, 80)
    done = link.call("fix", {"what": "default-device", "direction": "output", "id": "ears"}, deadline=20)
    assert done["done"]
    assert sound.tell("get-default-sink") == "ears"
    for wrong in (
        {"what": "format-disk"},
        {"what": "unmute"},
        {"what": "volume", "direction": "input", "percent": 900},
    ):
        with pytest.raises(AgentRefused):
            link.call("fix", wrong, deadline=20)


def test_watch_sees_mute_and_a_pulled_microphone(link: Link, sound: Sound, tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    answers.mkdir()
    stop = threading.Event()
    looks = []
    for look in link.watch(
        {"every_s": 0.2, "answers": str(answers), "process": "pulseaudio"}, stop=stop, deadline=20
    ):
        looks.append(look)
        inputs = {device["id"]: device for device in look["sound"]["inputs"]}
        if len(looks) == 1:
            assert inputs["mic"]["muted"] is False
            assert look["answers"] == []
            assert look["process"]["running"]
            assert look["disk"]["writable"]
            sound.tell("set-source-mute", "mic", "1")
            (answers / "ответ.wav").write_bytes(b"1234")
        elif "mic" in inputs and inputs["mic"]["muted"]:
            assert [(file["path"], file["size"]) for file in look["answers"]] == [("ответ.wav", 4)]
            sound.unplug_microphone()
        elif "mic" not in inputs:
            stop.set()
        assert len(looks) < 40
    assert "mic" not in {device["id"] for device in looks[-1]["sound"]["inputs"]}
    assert link.ping() < 1000, "the conversation goes on after a watch"


def test_no_server_is_started_where_none_runs(tmp_path: Path) -> None:
    env = {"XDG_RUNTIME_DIR": str(tmp_path / "run")}
    (tmp_path / "run").mkdir()
    with agent(tmp_path / "home", env) as link:
        found = devices(link)
    assert "unavailable" in found or found["kind"] == "alsa"
    assert list((tmp_path / "run").iterdir()) == []
