"""A command that was broken off ends with its exit code, whatever its threads are doing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


IN_THE_WAY = {
    "import": "import pressed",
    "destructor": "Pressed()",
    "weak reference": "forgotten()",
}


@pytest.mark.parametrize("moment", IN_THE_WAY)
def test_ctrl_c_is_not_lost_where_nobody_would_hear_it(moment: str, tmp_path: Path) -> None:
    """Whoever presses Ctrl-C while something is imported or removed stops the command none the less."""
    program = f"""
import sys, time
from provision.cli.common import guarded
from provision.cli.ending import run
from tests.unit.provision.cli.pressing import Pressed, forgotten

@guarded
def command():
    {IN_THE_WAY[moment]}
    print("went on a little", flush=True)
    time.sleep(20)
    print("was never broken off")

run(command)
"""
    module = "from tests.unit.provision.cli.pressing import press; press(); whole = True"
    (tmp_path / "pressed.py").write_text(f"try:\n    {module}\nexcept BaseException:\n    pass\n")
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        timeout=30,
        cwd=Path(__file__).parents[4],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert (done.returncode, done.stdout) == (130, b"went on a little\n")
    assert done.stderr.decode().strip() == "Stopped. Run the same command again: it goes on where it stopped."


def test_who_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    """``nohup provision ... &`` in a script."""
    program = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
from provision.cli.ending import run
from tests.unit.provision.cli.pressing import press

def command():
    press()
    print("went on")

run(command)
"""
    root = Path(__file__).parents[4]
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, timeout=30, cwd=root
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"went on\n", b"")
