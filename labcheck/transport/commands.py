"""Commands as the text that a workstation's shell gets, on Linux and on Windows. Pure."""

from __future__ import annotations

import re
import shlex
from typing import Literal

from labcheck.transport.base import Command


def line(command: Command, system: Literal["linux", "windows"]) -> str:
    """The line for the shell. A line given as such stays as it is. Raises ValueError, see :func:`windows`."""
    if isinstance(command, str):
        return command
    return shlex.join(command) if system == "linux" else windows(*command)


def windows(*command: str) -> str:
    """A line for cmd.exe, which OpenSSH for Windows calls unless it was told otherwise.

    Nothing within quotes is special to it but quotes and percent signs; for those there is no safe way
    through cmd.exe and the program's own reading of its line together: ValueError, use base.powershell.
    The program itself stays without quotes where it can, so that PowerShell as the shell takes it too."""
    if unsafe := [word for word in command if re.search(r'["%\x00-\x1f]', word)]:
        msg = f"cmd.exe would change {len(unsafe)} of these words: use powershell()"
        raise ValueError(msg)
    return " ".join(_quoted(word) for word in command)


def _quoted(word: str) -> str:
    if re.fullmatch(r"[\w.:/\\=+@-]+", word):
        return word
    # A program reads backslashes before the closing quote as doubled (CommandLineToArgvW).
    tail = "\\" * (len(word) - len(word.rstrip("\\")))
    return f'"{word}{tail}"'


def sudo(inner: str, prompt: str, begun: str, *, asks: bool) -> str:
    """The shell line ``inner`` as administrator of a Linux machine.

    sudo writes ``prompt`` to stderr when it waits for the password on stdin (not at all unless ``asks``);
    ``begun`` is written there when the command begins, so that what follows on stdin is for it alone."""
    how = ["-k", "-S", "-p", prompt] if asks else ["-k", "-n"]
    script = 'printf %s "$0" >&2; exec sh -c "$1"'
    return "LC_ALL=C " + shlex.join(["sudo", *how, "--", "sh", "-c", script, begun, inner])
