"""Windows: programs in the session at the screen, through the Task Scheduler.

A connection over SSH is in session 0, which has neither sound devices nor a desktop. A task whose principal
is the user logged in at the console, with the logon type Interactive, runs in that user's session, and needs
no password."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence

from .paths import data_folder
from .programs import powershell, run
from .protocol import Refused, Unavailable
from .windows_sound import quoted

START_SECONDS = 30.0
HELD_SECONDS = 60.0
"""How long a script that is ready may wait to be told to begin."""
POLL_SECONDS = 0.05
PREFIX = "vpr-morning-"


def register(name: str, command: Sequence[str], seconds: float) -> list[str]:
    """The command that makes the task and starts it. PowerShell fails when nobody is logged in at the
    console."""
    arguments = subprocess.list2cmdline(list(command[1:]))
    argument = f" -Argument {quoted(arguments)}" if arguments else ""
    return powershell(
        "$ErrorActionPreference='Stop';"
        "$u=(Get-CimInstance Win32_ComputerSystem).UserName;"
        "if(-not $u){throw 'nobody is logged in at the screen'};"
        f"$a=New-ScheduledTaskAction -Execute {quoted(command[0])}{argument};"
        "$p=New-ScheduledTaskPrincipal -UserId $u -LogonType Interactive -RunLevel Limited;"
        "$s=New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -Hidden"
        f" -ExecutionTimeLimit (New-TimeSpan -Seconds {int(seconds)});"
        f"$null=Register-ScheduledTask -TaskName {quoted(name)} -Action $a -Principal $p -Settings $s -Force;"
        f"Start-ScheduledTask -TaskName {quoted(name)}"
    )


def unregister(name: str) -> list[str]:
    """The command that ends the task and takes it away."""
    return powershell(
        f"Stop-ScheduledTask -TaskName {quoted(name)} -ErrorAction SilentlyContinue;"
        f"Unregister-ScheduledTask -TaskName {quoted(name)} -Confirm:$false"
    )


def silent_python() -> str:
    """The interpreter that opens no window."""
    beside = os.path.join(os.path.dirname(sys.executable), "pythonw.exe")
    return beside if os.path.exists(beside) else sys.executable


class InSession:
    """Our script at work in the session at the screen: files in a folder take the place of its pipes."""

    def __init__(self, script: str, request: bytes, seconds: float) -> None:
        """Start it with ``request`` as its stdin, for so long at most. Raises Unavailable."""
        self._name = PREFIX + secrets.token_hex(8)
        self._folder = os.path.join(data_folder(), self._name)
        os.makedirs(self._folder)
        try:
            self.write("request", request)
            _start(self._name, [silent_python(), "-I", "-S", script, self._folder], seconds)
        except BaseException:
            self.close()
            raise

    def write(self, name: str, data: bytes) -> None:
        """Give it a file; it is there whole or not at all."""
        path = os.path.join(self._folder, name)
        with open(path + ".part", "wb") as file:
            file.write(data)
        os.replace(path + ".part", path)

    def read(self, name: str, until: float) -> bytes:
        """Wait for a file of it, until a moment of time.monotonic(). Raises Refused."""
        path = os.path.join(self._folder, name)
        while not os.path.exists(path):
            if time.monotonic() > until:
                raise Refused("deadline-passed", "the sound device does not come to an end")
            time.sleep(POLL_SECONDS)
        with open(path, "rb") as file:
            return file.read()

    def close(self) -> None:
        """End it, and leave nothing of it."""
        run(unregister(self._name), START_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)


def start_in_session(command: Sequence[str]) -> None:
    """Start a program in the session at the screen and leave it running. Raises Unavailable."""
    name = PREFIX + secrets.token_hex(8)
    _start(name, command, 0)  # no limit: the scheduler must not end an exam program
    run(powershell(f"Unregister-ScheduledTask -TaskName {quoted(name)} -Confirm:$false"), START_SECONDS)


def _start(name: str, command: Sequence[str], seconds: float) -> None:
    ran = run(register(name, command, seconds), START_SECONDS)
    if ran.status != 0:
        raise Unavailable(f"Task Scheduler: {ran.stderr.strip()[:300] or 'no answer'}")
