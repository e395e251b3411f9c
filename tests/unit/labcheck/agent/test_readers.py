"""What systems print and keep in files, read."""

from __future__ import annotations

import os
import platform
import pwd
from pathlib import Path

import pytest

from labcheck.agent import machine, power, processes, session
from labcheck.agent.protocol import Unavailable

LOGINCTL = """\
Name=exam
User=1001
Type=x11
Class=user
Active=yes
Remote=no
IdleHint=no
IdleSinceHint=0
LockedHint=no
Leader=900

Name=exam
User=1001
Type=tty
Class=user
Active=yes
Remote=yes
Leader=1200

Name=gdm
User=120
Type=wayland
Class=greeter
Active=no
Remote=no
Leader=700
"""


def test_only_people_at_the_screen_count() -> None:
    assert session.parse_loginctl(LOGINCTL) == [session.Session("exam", 1001, True, 0.0, 900)]


def test_a_locked_session_is_not_active() -> None:
    (found,) = session.parse_loginctl(LOGINCTL.replace("LockedHint=no", "LockedHint=yes"))
    assert not found.active


def test_idle_since() -> None:
    text = LOGINCTL.replace("IdleHint=no", "IdleHint=yes").replace("IdleSinceHint=0", "IdleSinceHint=1000000")
    assert (session.parse_loginctl(text)[0].idle_s or 0) > 1e9


def test_nobody_is_an_answer() -> None:
    assert session.parse_loginctl("") == []


def test_sound_of_a_session_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "RUNTIME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith(("PULSE_", "PIPEWIRE_"))]:
        monkeypatch.delenv(name)
    somebody = pwd.getpwnam("nobody")
    (tmp_path / str(somebody.pw_uid)).mkdir()
    at_screen = session.Session("nobody", somebody.pw_uid, True, 0.0, None)
    assert session.environment(at_screen)["XDG_RUNTIME_DIR"] == str(tmp_path / str(somebody.pw_uid))
    monkeypatch.setenv("PULSE_SERVER", "unix:/elsewhere")
    env = session.environment(at_screen)
    assert env["PULSE_SERVER"] == "unix:/elsewhere"
    assert not env.get("XDG_RUNTIME_DIR", "").startswith(str(tmp_path)), "what was set is respected"


XRANDR = """\
Screen 0: minimum 320 x 200, current 3286 x 1080, maximum 16384 x 16384
eDP-1 connected primary 1366x768+0+0 (normal left inverted right x axis y axis) 344mm x 194mm
   1366x768      60.00*+
HDMI-1 connected 1920x1080+1366+0 (normal left inverted right x axis y axis) 527mm x 296mm
   1920x1080     60.00*+
DP-1 connected (normal left inverted right x axis y axis)
   2560x1440     59.95 +
VGA-1 disconnected (normal left inverted right x axis y axis)
"""


def test_xrandr_counts_outputs_in_use() -> None:
    assert machine.parse_xrandr(XRANDR) == {"width": 1920, "height": 1080}
    assert machine.parse_xrandr("Can't open display") is None


def test_kernels_screen(tmp_path: Path) -> None:
    for name, status, modes in (
        ("card0-VGA-1", "disconnected", ""),
        ("card0-HDMI-A-1", "connected", "1280x1024\n800x600\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "status").write_text(status + "\n")
        (tmp_path / name / "modes").write_text(modes)
    assert machine._kernel_screen(str(tmp_path)) == {"width": 1280, "height": 1024}
    with pytest.raises(Unavailable):
        machine._kernel_screen(str(tmp_path / "none"))


def test_os_release(tmp_path: Path) -> None:
    path = tmp_path / "os-release"
    path.write_text("NAME=\"Astra Linux\"\nVERSION_ID=1.7_x86-64\n# comment=1\nPRETTY_NAME='x'\n")
    has = machine.os_release((str(tmp_path / "none"), str(path)))
    assert (has["NAME"], has["VERSION_ID"]) == ("Astra Linux", "1.7_x86-64")


@pytest.mark.parametrize(("text", "minutes"), [("30min", 30), ("1h 30s", 60.5), ("90", 1.5), ("2d", 2880)])
def test_spans(text: str, minutes: float) -> None:
    assert power.span_minutes(text) == minutes


def test_logind_sleeps_only_when_told(tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    (etc / "logind.conf.d").mkdir(parents=True)
    assert power.logind((str(etc),)) is None
    (etc / "logind.conf").write_text("[Login]\nIdleAction=suspend\nIdleActionSec=20min\n")
    assert power.logind((str(etc),)) == 20
    (etc / "logind.conf.d/40.conf").write_text("[Login]\nIdleActionSec=infinity\n")
    assert power.logind((str(etc),)) is None
    (etc / "logind.conf.d/50.conf").write_text("[Login]\nIdleAction=lock\n")
    assert power.logind((str(etc),)) is None


def test_masked(tmp_path: Path) -> None:
    assert not power.masked("sleep.target", (str(tmp_path),))
    (tmp_path / "sleep.target").symlink_to("/dev/null")
    assert power.masked("sleep.target", (str(tmp_path),))


@pytest.mark.parametrize(
    "name",
    [
        "AnyDesk.exe",
        "TeamViewer_Service.exe",
        "x11vnc",
        "rustdesk",
        "winvnc4.exe",
        "AA_v3.exe",
        "xrdp-sesman",
    ],
)
def test_remote_control_by_name(name: str) -> None:
    assert processes.plain(name).startswith(processes.REMOTE_CONTROL)


@pytest.mark.parametrize("name", ["explorer.exe", "Xorg", "pulseaudio", "sshd", "assistant", "python3"])
def test_what_is_no_remote_control(name: str) -> None:
    assert not processes.plain(name).startswith(processes.REMOTE_CONTROL)


@pytest.mark.parametrize(
    ("said", "virtual"),
    [
        ("QEMU Standard PC (Q35 + ICH9, 2009)", True),
        ("innotek GmbH VirtualBox", True),
        ("Microsoft Corporation Virtual Machine", True),
        ("VMware, Inc. VMware7,1", True),
        ("LENOVO 20KH006KRT", False),
        ("Microsoft Corporation Surface Go", False),
        ("ASUSTeK COMPUTER INC. PRIME H310M-R", False),
    ],
)
def test_makers_of_virtual_machines(said: str, virtual: bool) -> None:
    assert bool(machine.VIRTUAL.search(said)) is virtual


CPUINFO = """\
processor\t: 0
model name\t: Intel(R) Core(TM) i3-4130 CPU @ 3.40GHz
cpu MHz\t\t: 1197.412
processor\t: 1
cpu MHz\t\t: 3391.5
"""


def test_a_processor_from_the_kernels_words(tmp_path: Path) -> None:
    assert machine.linux_cpu(CPUINFO, str(tmp_path)) == ("Intel(R) Core(TM) i3-4130 CPU @ 3.40GHz", 3391.5)
    policy = tmp_path / "policy0"
    policy.mkdir()
    (policy / "scaling_max_freq").write_text("3400000\n")
    (policy / "scaling_cur_freq").write_text("9900000\n")
    assert machine.linux_cpu(CPUINFO, str(tmp_path))[1] == 3400.0
    assert machine.linux_cpu("", str(tmp_path / "none")) == (platform.machine(), 0.0)


def test_memory_from_the_kernels_words() -> None:
    said = "MemTotal:        4018516 kB\nMemFree: 20 kB\nMemAvailable:    2412344 kB\nHugePages_Total: 0\n"
    assert machine.linux_memory(said) == {"total_mb": 3924, "available_mb": 2355}
    with pytest.raises(Unavailable):
        machine.linux_memory("MemFree: 12 kB\n")
