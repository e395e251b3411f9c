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
POLL_SECONDS = 0.1
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


def ask_in_session(script: str, request: bytes, seconds: float) -> bytes:
    """Run our script in the session at the screen: a file is its stdin, another its stdout. Raises
    Refused."""
    name = PREFIX + secrets.token_hex(8)
    folder = os.path.join(data_folder(), name)
    os.makedirs(folder)
    try:
        with open(os.path.join(folder, "request"), "wb") as file:
            file.write(request)
        _start(name, [silent_python(), "-I", "-S", script, folder], seconds)
        answer = os.path.join(folder, "answer")
        until = time.monotonic() + seconds
        while not os.path.exists(answer):
            if time.monotonic() > until:
                raise Refused("deadline-passed", "the sound device does not come to an end")
            time.sleep(POLL_SECONDS)
        with open(answer, "rb") as file:
            return file.read()
    finally:
        run(unregister(name), START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def start_in_session(command: Sequence[str]) -> None:
    """Start a program in the session at the screen and leave it running. Raises Unavailable."""
    name = PREFIX + secrets.token_hex(8)
    _start(name, command, 0)  # no limit: the scheduler must not end an exam program
    run(powershell(f"Unregister-ScheduledTask -TaskName {quoted(name)} -Confirm:$false"), START_SECONDS)


def _start(name: str, command: Sequence[str], seconds: float) -> None:
    ran = run(register(name, command, seconds), START_SECONDS)
    if ran.status != 0:
        raise Unavailable(f"Task Scheduler: {ran.stderr.strip()[:300] or 'no answer'}")
