"""A command that was broken off ends with its exit code, whatever its threads are doing."""

from __future__ import annotations

import subprocess
import sys

import pytest

ASSEMBLING = """
import io, sys, threading
import pikepdf
from provision.cli.ending import run

begun = threading.Event()

def work():
    while True:
        begun.set()
        pages = io.BytesIO()
        pikepdf.new().save(pages)
        pikepdf.open(pages)

def command():
    threading.Thread(target=work, daemon=True).start()
    begun.wait()
    print("told")
    sys.exit({code})

run(command)
"""


@pytest.mark.parametrize("code", [130, 0, None])
def test_a_thread_at_work_does_not_abort_the_process(code: int | None) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASSEMBLING.format(code=code)], check=False, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (code or 0, b"told\n")


def test_a_thread_that_must_end_is_waited_for() -> None:
    program = """
import sys, threading, time
from provision.cli.ending import run

def work(end):
    end.wait()
    print("ended")

end = threading.Event()

def command():
    threading.Thread(target=work, args=(end,)).start()
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    threading.Timer(0.2, end.set).start()
    sys.exit(4)

run(command)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, timeout=30)
    assert (done.returncode, done.stdout) == (4, b"ended\n")


def test_words_instead_of_a_code_are_told() -> None:
    program = "import sys; from provision.cli.ending import run; run(lambda: sys.exit('why'))"
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, timeout=30)
    assert (done.returncode, done.stderr) == (1, b"why\n")
