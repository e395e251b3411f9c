"""What a workstation says of itself is untrusted: only what is understood is taken."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcheck.transport import probe
from labcheck.transport.base import Interpreter, Platform
from labcheck.transport.errors import SystemUnknown


@pytest.mark.parametrize(
    ("said", "platform"),
    [
        (
            "Linux\nx86_64\n/usr/bin/python3\n3.11.2\n",
            Platform("linux", "x86_64", Interpreter("/usr/bin/python3", "3.11.2")),
        ),
        ("Linux\naarch64\n", Platform("linux", "aarch64", None)),
        ("Linux\nx86_64\n/usr/bin/python3\n3.8.10\n", Platform("linux", "x86_64", None)),
        (
            "Windows\r\nAMD64\r\nC:\\Программы\\python.exe\r\n3.12.1\r\n",
            Platform("windows", "amd64", Interpreter("C:\\Программы\\python.exe", "3.12.1")),
        ),
        ("Windows\r\nAMD64\r\nPython was not found\r\n", Platform("windows", "amd64", None)),
    ],
)
def test_an_answer_is_read(said: str, platform: Platform) -> None:
    assert probe.read("204-07", said.encode()) == platform


@pytest.mark.parametrize(
    "said", ["", "Darwin\narm64\n", "Welcome!\nLinux\nx86_64\n", "Linux\n\n", "Linux\n" + "x" * 99]
)
def test_anything_else_is_an_unknown_system(said: str) -> None:
    with pytest.raises(SystemUnknown):
        probe.read("204-07", said.encode())


@given(st.binary(max_size=300))
def test_no_answer_does_harm(said: bytes) -> None:
    try:
        found = probe.read("204-07", b"Linux\nx86_64\n" + said)
    except SystemUnknown:
        return
    assert found.python is None or found.python.path.isprintable()


def test_windows_is_asked_through_an_encoded_command() -> None:
    assert probe.WINDOWS[:-1] == ("powershell", "-NoProfile", "-NonInteractive", "-EncodedCommand")
    script = base64.b64decode(probe.WINDOWS[-1]).decode("utf-16-le")
    assert "@('py','-3'),@('python'),@('python3')" in script
    assert "$env:PROCESSOR_ARCHITECTURE" in script
