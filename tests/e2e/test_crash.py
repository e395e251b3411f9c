"""A seeded part of ``bench crash``: ten runs, judged at the printer."""

from __future__ import annotations

import json
import subprocess
import sys

RUNS = 10
"""The first of the bench's schedule, the whole of which script/bench crash runs."""


def test_nothing_is_lost_and_nothing_printed_twice_unsaid() -> None:
    command = [sys.executable, "-m", "bench", "crash", "--runs", str(RUNS), "--cells", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["unknown_resolved"] >= 0
    assert {key: found[key] for key in found if key not in {"unknown_resolved", "faults"}} == {
        "runs": RUNS,
        "kits": 12 * RUNS,
        "lost": 0,
        "duplicated_without_warning": 0,
        "marked_confirmed_without_paper": 0,
        "stuck": 0,
    }, done.stderr
