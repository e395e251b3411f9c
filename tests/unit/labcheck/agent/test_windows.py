"""Windows: the exact commands that would run there, and how what they print is read. None of it runs here."""

from __future__ import annotations

import base64
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from labcheck.agent import tasks, volumes, windows, windows_sound
from labcheck.agent.programs import Ran, powershell
from labcheck.agent.protocol import Refused, Unavailable
from labcheck.agent.session import WINDOWS_SESSION
from labcheck.agent.sound_child import Folder

LONGEST_COMMAND = 32_767
"""CreateProcess takes no longer line."""
PREAMBLE = "$ProgressPreference='SilentlyContinue';[Console]::OutputEncoding=[Text.Encoding]::UTF8;"


def script_of(command: list[str]) -> str:
    *options, encoded = command
    assert options == [
        "powershell.exe",
        "-NoProfile",
        "-NonInteractive",
        "-ExecutionPolicy",
        "Bypass",
        "-EncodedCommand",
    ]
    script = base64.b64decode(encoded).decode("utf-16-le")
    assert script.startswith(PREAMBLE)
    return script[len(PREAMBLE) :]


@pytest.mark.parametrize(
    "script",
    [windows.FACTS, WINDOWS_SESSION, windows_sound.CORE_AUDIO + windows_sound.LIST],
)
def test_scripts_fit_a_command_line_and_use_no_wmic(script: str) -> None:
    command = powershell(script)
    assert sum(len(word) + 1 for word in command) < LONGEST_COMMAND
    assert script_of(command) == script
    assert "wmic" not in script.lower()
    assert "Get-WmiObject" not in script
    assert script.count("(") == script.count(")")
    assert script.count("{") == script.count("}")


def test_plain_commands() -> None:
    assert windows.SLEEP == ["powercfg", "/query", "SCHEME_CURRENT", "SUB_SLEEP", "STANDBYIDLE"]
    assert windows.HIBERNATE == ["powercfg", "/query", "SCHEME_CURRENT", "SUB_SLEEP", "HIBERNATEIDLE"]
    assert windows.CLOCK == ["w32tm", "/query", "/status"]


def test_session_is_asked_of_cim() -> None:
    assert WINDOWS_SESSION == (
        "$c=Get-CimInstance Win32_ComputerSystem;"
        "$l=@(Get-Process -Name LogonUI -ErrorAction SilentlyContinue).Count;"
        "ConvertTo-Json -Compress @{user=$c.UserName;locked=($l -gt 0)}"
    )


def test_task_runs_in_the_session_at_the_screen() -> None:
    command = [
        r"C:\Program Files\Python\pythonw.exe",
        "-I",
        r"D:\классы\о'нил\agent\sound_child.py",
        r"C:\a b",
    ]
    assert script_of(tasks.register("vpr-morning-1", command, 30)) == (
        "$ErrorActionPreference='Stop';"
        "$u=(Get-CimInstance Win32_ComputerSystem).UserName;"
        "if(-not $u){throw 'nobody is logged in at the screen'};"
        r"$a=New-ScheduledTaskAction -Execute 'C:\Program Files\Python\pythonw.exe'"
        r""" -Argument '-I D:\классы\о''нил\agent\sound_child.py "C:\a b"';"""
        "$p=New-ScheduledTaskPrincipal -UserId $u -LogonType Interactive -RunLevel Limited;"
        "$s=New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -Hidden"
        " -ExecutionTimeLimit (New-TimeSpan -Seconds 30);"
        "$null=Register-ScheduledTask -TaskName 'vpr-morning-1' -Action $a -Principal $p -Settings $s -Force;"
        "Start-ScheduledTask -TaskName 'vpr-morning-1'"
    )
    assert script_of(tasks.unregister("vpr-morning-1")) == (
        "Stop-ScheduledTask -TaskName 'vpr-morning-1' -ErrorAction SilentlyContinue;"
        "Unregister-ScheduledTask -TaskName 'vpr-morning-1' -Confirm:$false"
    )


def test_a_program_without_arguments_gets_none() -> None:
    assert "-Argument" not in script_of(tasks.register("t", ["C:\\station.exe"], 0))


@pytest.mark.parametrize(
    ("what", "value", "call"),
    [
        ("mute", False, "[CoreAudio]::Mute('{0.0.1.00000000}.{a}',$false)"),
        ("mute", True, "[CoreAudio]::Mute('{0.0.1.00000000}.{a}',$true)"),
        ("level", 80, "[CoreAudio]::Level('{0.0.1.00000000}.{a}',0.80)"),
        ("level", 0, "[CoreAudio]::Level('{0.0.1.00000000}.{a}',0.00)"),
    ],
)
def test_a_change_of_sound(what: str, value: Any, call: str) -> None:
    script = script_of(windows_sound.change(what, "{0.0.1.00000000}.{a}", value))
    assert script == windows_sound.CORE_AUDIO + call


@pytest.mark.parametrize("text", ["a'b", "a’b", "a‘b", "';Remove-Item C:\\;'", "a‛b‚c"])
def test_no_text_ends_a_string_of_powershell(text: str) -> None:
    quoted = windows_sound.quoted(text)
    assert quoted[0] == quoted[-1] == "'"
    inside = quoted[1:-1]
    assert not re.search(r"(?<!['‘’‚‛])(['‘’‚‛]{2})*['‘’‚‛](?!['‘’‚‛])", inside)
    assert re.sub(r"(['‘’‚‛])\1", r"\1", inside) == text


def test_core_audio_interfaces_are_the_documented_ones() -> None:
    """mmdeviceapi.h and endpointvolume.h; calls go by position, so that the order matters."""
    for guid in (
        "A95664D2-9614-4F35-A746-DE8DB63617E6",  # IMMDeviceEnumerator
        "BCDE0395-E52F-467C-8E3D-C4579291692E",  # MMDeviceEnumerator
        "0BD7A1BE-7A1A-44DB-8397-CC5392387B5E",  # IMMDeviceCollection
        "D666063F-1587-4E43-81F1-B948E807363F",  # IMMDevice
        "5CDF2C82-841E-4546-9722-0CF74078229A",  # IAudioEndpointVolume
    ):
        assert guid in windows_sound.CORE_AUDIO
    volume = windows_sound.CORE_AUDIO.split("interface IAudioEndpointVolume")[1].split("}")[0]
    assert re.findall(r"int (\w+)\(", volume) == [
        "RegisterControlChangeNotify",
        "UnregisterControlChangeNotify",
        "GetChannelCount",
        "SetMasterVolumeLevel",
        "SetMasterVolumeLevelScalar",
        "GetMasterVolumeLevel",
        "GetMasterVolumeLevelScalar",
        "SetChannelVolumeLevel",
        "SetChannelVolumeLevelScalar",
        "GetChannelVolumeLevel",
        "GetChannelVolumeLevelScalar",
        "SetMute",
        "GetMute",
    ]


def test_endpoints() -> None:
    printed = [
        {"id": "{0.0.1.00000000}.{a}", "flow": 1, "default": True, "muted": True, "level": 0.4,
         "kind": "Микрофон", "on": "Logitech", "instance": "{1}.USB\\VID_046D&PID_0A44&MI_00\\6&1"},
        {"id": "{0.0.1.00000000}.{b}", "flow": 1, "default": False, "muted": False, "level": 1.0,
         "kind": "Стерео микшер", "on": "Realtek", "instance": "{1}.HDAUDIO\\FUNC_01&VEN_10EC"},
        {"id": "{0.0.0.00000000}.{c}", "flow": 0, "default": True, "muted": False, "level": 0.995,
         "kind": "CABLE", "on": "VB-Audio", "instance": "{1}.ROOT\\MEDIA\\0000"},
    ]  # fmt: skip
    found = windows_sound.parse(json.dumps(printed))
    microphone, mix = found["inputs"]
    assert microphone["name"] == "Микрофон (Logitech)"
    assert microphone["usb_id"] == "046d:0a44"
    assert (microphone["muted"], microphone["volume_percent"], microphone["default"]) == (True, 40, True)
    assert mix["monitor"], "it records what is played"
    assert found["outputs"][0]["virtual"]
    with pytest.raises(Unavailable):
        windows_sound.parse("Add-Type : error")


POWERCFG = """\
GUID схемы питания: 381b4222-f694-41f0-9685-ff5bb260df2e  (Сбалансированная)
  GUID подгруппы: 238c9fa8-0aad-41ed-83f4-97be242c8f20  (Сон)
    GUID настройки питания: 29f6c1db-86da-48c5-9fdb-f2b67b1f44da  (Сон после)
      Минимальное возможное значение: 0x00000000
      Максимальное возможное значение: 0xffffffff
      Возможные значения: приращение: 0x00000001
      Возможные единицы настройки: Секунды
    Текущий индекс настройки питания от сети: 0x00000708
    Текущий индекс настройки питания от батареи: 0x00000384
"""


def test_powercfg_in_russian() -> None:
    assert windows.sleep_minutes(POWERCFG) == 30
    assert windows.sleep_minutes(POWERCFG.replace("0x00000708", "0x00000000")) is None
    with pytest.raises(Unavailable):
        windows.sleep_minutes("Недопустимые параметры")


@pytest.mark.parametrize(
    ("status", "text", "synchronised"),
    [
        (0, "Индикатор помех: 0(предупреждений нет)\r\nСтрата: 4", True),
        (0, "Leap Indicator: 3(not synchronized)\r\nStratum: 0", False),
        (1, "Произошла следующая ошибка: Служба не запущена. (0x80070426)", False),
    ],
)
def test_w32tm(status: int, text: str, synchronised: bool) -> None:
    assert windows.clock_synchronised(status, text) is synchronised


def test_screens() -> None:
    assert windows.largest([[1024, 768], [1920, 1080]]) == {"width": 1920, "height": 1080}
    with pytest.raises(Unavailable):
        windows.largest([])


def test_levels_are_noted_and_put_back_exactly() -> None:
    """Device and level of both sides in one command: each costs PowerShell a second to begin."""
    printed = [
        {"id": "{0.0.1.00000000}.{mic}", "flow": 1, "level": 0.53817262, "muted": True, "default": True},
        {"id": "{0.0.0.00000000}.{ears}", "flow": 0, "level": 0.4, "muted": False, "default": True},
    ]
    levels = volumes._levels(windows_sound.parse(json.dumps(printed)))
    assert levels == {
        ("input", "{0.0.1.00000000}.{mic}"): {"raw": [0.5382], "muted": True},
        ("output", "{0.0.0.00000000}.{ears}"): {"raw": [0.4], "muted": False},
    }
    wanted = [(device, level) for (_side, device), level in levels.items()]
    assert script_of(windows_sound.put(wanted)) == windows_sound.CORE_AUDIO + (
        "[CoreAudio]::Level('{0.0.1.00000000}.{mic}',0.5382);"
        "[CoreAudio]::Mute('{0.0.1.00000000}.{mic}',$true);"
        "[CoreAudio]::Level('{0.0.0.00000000}.{ears}',0.4000);"
        "[CoreAudio]::Mute('{0.0.0.00000000}.{ears}',$false);"
    )
    assert volumes._levels(windows_sound.parse(json.dumps([{**printed[0], "level": 0.5382}]))) == {
        ("input", "{0.0.1.00000000}.{mic}"): {"raw": [0.5382], "muted": True}
    }, "what was put back reads as what was noted"


def test_a_task_is_told_to_begin_by_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script's side of it is sound_child.Folder; the Task Scheduler's commands are above."""
    ran: list[list[str]] = []

    def note(command: list[str], _seconds: float) -> Ran:
        ran.append(command)
        return Ran(0, "", "")

    monkeypatch.setattr(tasks, "run", note)
    monkeypatch.setattr(tasks, "data_folder", lambda: str(tmp_path))
    there = tasks.InSession("sound_child.py", b"request", 90)
    (folder,) = tmp_path.iterdir()
    assert (folder / "request").read_bytes() == b"request"
    assert str(folder) in script_of(ran[0])
    script = Folder(str(folder))
    assert script.source.read() == b"request"
    script.source.close()
    script.say({"event": "ready"})
    assert there.read("ready", time.monotonic() + 5) == b""
    there.write("go", b'{"start_utc": 5}\n')
    assert script.go() == b'{"start_utc": 5}\n'
    script.say({"event": "result", "bytes": 2}, b"\1\2")
    answer = there.read("answer", time.monotonic() + 5)
    assert answer == b'{"event": "ready"}\n{"event": "result", "bytes": 2}\n\1\2'
    with pytest.raises(Refused, match="does not come to an end"):
        there.read("nothing", time.monotonic())
    there.close()
    assert not [*tmp_path.iterdir()]
    assert script_of(ran[-1]).startswith("Stop-ScheduledTask")
    assert script.go() == b"", "who lost its folder waits for nothing"
