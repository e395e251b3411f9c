"""A crash tells where it happened, never what the process held."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

CANARY = "канарейка-9317"
BEGIN = f"import ctypes, os, signal, threading; from provision.cli.ending import run; word = '{CANARY}' * 2\n"
CONTROL = BEGIN.replace("run;", "run as _run; run = lambda command: command();")
"""The same program, left to Python and the system."""
DIES = "def command():\n    os.kill(os.getpid(), signal.{signal})\nrun(command)"
WAYS = {
    "uncaught": "def command():\n    raise ArithmeticError(word)\nrun(command)",
    "thread": (
        "def work():\n    raise ArithmeticError(word)\n"
        "def command():\n    one = threading.Thread(target=work); one.start(); one.join()\n"
        "    raise SystemExit(1)\nrun(command)"
    ),
    "unraisable": (
        "class Held:\n    def __del__(self):\n        raise ArithmeticError(word)\n"
        "def command():\n    Held()\n    raise SystemExit(1)\nrun(command)"
    ),
}


def said(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    return done.stdout + done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_an_error_that_nobody_caught_is_told_without_its_values(way: str) -> None:
    assert CANARY in said(CONTROL + WAYS[way]), "Python itself shows it"
    told = said(BEGIN + WAYS[way])
    assert CANARY not in told
    assert "ArithmeticError at <string>:" in told


def dumped(program: str, folder: Path) -> bool:
    """Whether the system dumped the program's memory, dumps being allowed; in ``folder``, if it writes them
    to where the process is."""
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=folder,
        stderr=subprocess.DEVNULL,
        preexec_fn=allow_dumps,  # noqa: PLW1509 - one thread
    )
    _pid, status = os.waitpid(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode < 0
    return os.WCOREDUMP(status)


def allow_dumps() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


@pytest.mark.parametrize("name", ["SIGABRT", "SIGSEGV"])
def test_no_memory_is_written_when_it_crashes(tmp_path: Path, name: str) -> None:
    assert dumped(CONTROL + DIES.format(signal=name), tmp_path), "without us it is"
    for file in tmp_path.iterdir():
        assert CANARY.encode() in file.read_bytes()
        file.unlink()
    assert not dumped(BEGIN + DIES.format(signal=name), tmp_path)
    assert not [*tmp_path.iterdir()]


def test_what_it_starts_dumps_nothing_either(tmp_path: Path) -> None:
    inner = f"import os, signal; word = '{CANARY}'; os.kill(os.getpid(), signal.SIGSEGV)"
    program = BEGIN + (
        "import subprocess, sys\ndef command():\n"
        f"    done = subprocess.run([sys.executable, '-c', {inner!r}])\n"
        "    assert done.returncode == -signal.SIGSEGV\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\nrun(command)"
    )
    assert not dumped(program, tmp_path)
    assert not [*tmp_path.iterdir()]
