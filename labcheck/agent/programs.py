"""Other programs on the workstation: bounded in time and output, and no shell in between."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

from .protocol import Unavailable
from .typed import IO, Any, NamedTuple

WINDOWS = sys.platform == "win32"
KEPT_BYTES = 1024 * 1024
"""Of each of stdout and stderr; the rest is read and thrown away."""


class Ran(NamedTuple):
    """A program that ended; ``status`` is None when its deadline passed and it was killed."""

    status: int | None
    stdout: str
    stderr: str


class Account(NamedTuple):
    """Another account to run a program as; only root can."""

    uid: int
    gid: int


def run(
    command: Sequence[str],
    seconds: float,
    *,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    account: Account | None = None,
) -> Ran:
    """Run a program with nothing on its stdin. Raises Unavailable when it is not there or cannot start."""
    try:
        process = start(command, env=env, cwd=cwd, account=account, stdin=subprocess.DEVNULL)
    except OSError as failed:
        raise Unavailable(f"{command[0]}: {failed.strerror}") from None
    kept: list[bytearray] = [bytearray(), bytearray()]
    pipes: list[IO[bytes]] = [process.stdout, process.stderr]
    drains = [
        threading.Thread(target=_drain, args=(pipe, into), daemon=True) for pipe, into in zip(pipes, kept)
    ]
    for drain in drains:
        drain.start()
    status: int | None
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        status = None
    for drain in drains:
        drain.join(1.0)  # a child that lives on may keep the pipe open
    out, err = (bytes(part).decode("utf-8", "replace") for part in kept)
    return Ran(status, out, err)


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    account: Account | None = None,
    stdin: int = subprocess.PIPE,
) -> Any:
    """Start a program as the leader of a group of its own. Raises OSError."""
    more: dict[str, Any] = {}
    if WINDOWS:
        more["creationflags"] = 0x00000200 | 0x08000000  # CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW
    else:
        more["start_new_session"] = True
        if account is not None and account.uid != os.geteuid():
            more.update(user=account.uid, group=account.gid, extra_groups=[])
    return subprocess.Popen(
        list(command), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=cwd, **more
    )


def kill(process: Any) -> None:
    """End a program and all that it started, and wait for it."""
    if WINDOWS:
        command = ["taskkill", "/PID", str(process.pid), "/T", "/F"]
        subprocess.run(command, capture_output=True, check=False, timeout=10)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _drain(pipe: IO[bytes], into: bytearray) -> None:
    with contextlib.suppress(OSError, ValueError):
        while True:
            piece = pipe.read1(65536)  # type: ignore[attr-defined]
            if not piece:
                break
            into += piece[: max(0, KEPT_BYTES - len(into))]
    pipe.close()


def powershell(script: str) -> list[str]:
    """The command that runs ``script`` in PowerShell: encoded, so that no quoting is left to go wrong."""
    import base64  # noqa: PLC0415 - only on Windows

    quiet = "$ProgressPreference='SilentlyContinue';[Console]::OutputEncoding=[Text.Encoding]::UTF8;"
    encoded = base64.b64encode((quiet + script).encode("utf-16-le")).decode("ascii")
    policy = ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass"]
    return ["powershell.exe", *policy, "-EncodedCommand", encoded]
